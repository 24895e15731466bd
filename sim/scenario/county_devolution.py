"""Matters sent down to communities by law: their share of requests is served by community workers, case and all."""

from __future__ import annotations

from dataclasses import replace

from sim.scenario.catalogue import Catalogue, MatterFamily
from sim.scenario.network import DONE, Law, Matter, Next, Step

DEVOLVED = "devolved"
"""Step at which a community worker does the case; the ending of copied steps that lead to it."""
BELOW = ("grid", "community")


def devolved_shares(catalogue: Catalogue, matters: float) -> dict[str, float]:
    """Share of each family's requests that is sent down, for the first so many matters of the list.

    Families come in the order of the table, each with `devolved_items` places in the list; a family that is reached
    in part has that part of its requests sent down.
    """
    first, found = 0, {}
    for m in catalogue.matters:
        if m.devolved_items and m.block == "requests":
            share = min(max((matters - first) / m.devolved_items, 0.0), 1.0)
            if share:
                found[m.matter] = share
            first += m.devolved_items
    return found


def with_devolution(matter: Matter, m: MatterFamily, done: float) -> tuple[Matter, str]:
    """A matter with the way of its devolved requests, and the step at which they enter.

    What came to a counter comes to the home's community instead, whose worker does what the counter did, settles at
    once what it settled at once, and does the case of the others; what he cannot settle goes to the counter as a new
    request, passed on as the counter passes on. A first step that settles everything is done as it stands. What came
    to grid or community anyway goes the same way up to the community, where the worker does the case too instead of
    passing it on.

    Args:
        matter: the family's matter on its route.
        m: the family.
        done: share of the cases that the community settles.
    """
    by_name = {s.name: s for s in matter.steps}
    first = by_name[matter.first_step]
    if first.group not in BELOW:
        onward = [n for n in first.next if n.step != DONE and by_name[n.step].kind != "sign_off"]
        rest = sum(n.probability for n in onward)
        way = Next(first.name, 1.0 - done, onward[0].transit_minutes if onward else 0.0)
        case = Law("lognormal", m.case_minutes, m.cv) if rest else first.service
        step = Step(DEVOLVED, "community", case, _ways(done, [way]), hand_out_minutes=first.hand_out_minutes)
        if not rest:
            return replace(matter, steps=(*matter.steps, step)), DEVOLVED
        name = f"{first.name}_{DEVOLVED}"
        contact = Step(name, "community", first.service, _ways(1.0 - rest, [Next(DEVOLVED, rest)]))
        return replace(matter, steps=(*matter.steps, contact, step)), name
    chain = [first]
    while following := [
        s for n in chain[-1].next if n.step != DONE and (s := by_name[n.step]).group in BELOW and s not in chain
    ]:
        chain.append(following[0])
    here = {s.name: f"{s.name}_{DEVOLVED}" for s in chain}
    copies = []
    for s in chain:
        stays = [n if n.step == DONE else replace(n, step=here[n.step]) for n in s.next if n.step in (DONE, *here)]
        goes = sum(n.probability for n in s.next) - sum(n.probability for n in stays)
        ways = (*stays, Next(DEVOLVED, goes)) if goes > 1e-9 else tuple(stays)
        copies.append(replace(s, name=here[s.name], next=ways, hand_out_minutes=s.hand_out_minutes * (s != chain[-1])))
    last = chain[-1]
    beyond = [n for n in last.next if n.step not in (DONE, *here)]
    total = sum(n.probability for n in beyond)
    onward = [replace(n, probability=(1.0 - done) * n.probability / total) for n in beyond]
    step = Step(DEVOLVED, "community", Law("lognormal", m.case_minutes, m.cv), _ways(done, onward),
                hand_out_minutes=last.hand_out_minutes)  # fmt: skip
    return replace(matter, steps=(*matter.steps, *copies, step)), here[first.name]


def _ways(done: float, onward: list[Next]) -> tuple[Next, ...]:
    ways = (Next(DONE, done), *onward)
    return tuple(n for n in ways if n.probability > 0.0)
