"""Ways that a case takes beside its route: first to a unit that does not own it, last to a leader who signs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sim.scenario.catalogue import Catalogue, MatterFamily, RouteStep
from sim.scenario.network import DONE, Law, Next, Step
from sim.scenario.structures import CONVENTIONAL, Groups, units_of

MISDIRECTED, SIGN_OFF, RULING = "misdirected", "sign_off", "ruling"
"""Kinds of step, and the step at which a city leader says whose a case is."""


def ownerless_share(settings: Any, catalogue: Catalogue, groups: Groups) -> float:
    """Share of dispatched cases whose owner is unclear: in proportion to the other departments they might be for.

    `world.ownerless_share` holds for the conventional county of the tables, (D - 1) / (D_conventional - 1) of it
    among D departments: a county of one department has no ownerless matter.
    """

    def others(units: Any) -> int:
        return sum(u.kind == "department" for u in units) - 1

    here = others(groups.units.values())
    return min(1.0, settings.world.ownerless_share * here / max(others(units_of(catalogue, CONVENTIONAL)), 1))


def with_bounces(
    steps: tuple[Step, ...], rows: list[RouteStep], m: MatterFamily, groups: Groups, share: float, world: Any
) -> tuple[Step, ...]:
    """Steps of a matter of which a share is sent to a wrong unit before its owner, and perhaps to another one again.

    A step that dispatches sends `share` of what goes on to the unit most likely mistaken for the owner. That looks
    into it (`world.triage_minutes`) and gives it back: on to the owner, or with `world.bounce_again_share` to a wrong
    unit again; of those a part goes up to a city leader, who says whose it is (`world.escalation_share`).
    """
    dispatching = {s.step: s for s in rows if s.dispatches}
    if not dispatching or share <= 0.0:
        return steps
    first = next(iter(dispatching.values()))
    owner = next(s for s in steps if s.name == first.next)
    again = world.bounce_again_share
    ruled = world.escalation_share if groups.city_leaders() else 0.0
    ways = (
        Next(owner.name, 1.0 - again, first.transit_minutes),
        Next(RULING, again * ruled, first.transit_minutes),
        Next(MISDIRECTED, again * (1.0 - ruled), first.transit_minutes),
    )
    detour = Step(
        MISDIRECTED,
        groups.mistaken_for(owner.group, m),
        Law("lognormal", world.triage_minutes, m.cv),
        tuple(n for n in ways if n.probability > 0.0),
        intake_minutes=owner.intake_minutes,
        kind=MISDIRECTED,
    )
    found = [_diverted(s, owner.name, MISDIRECTED, share) if s.name in dispatching else s for s in steps]
    found.append(detour)
    if again * ruled > 0.0:
        service = Law("lognormal", world.sign_off_minutes, m.cv)
        way = (Next(owner.name, 1.0, first.transit_minutes),)
        found.append(Step(RULING, groups.city_leaders(), service, way, kind=SIGN_OFF))
    return tuple(found)


def with_sign_offs(
    steps: tuple[Step, ...], rows: list[RouteStep], m: MatterFamily, groups: Groups, minutes: float
) -> tuple[Step, ...]:
    """Steps of a matter of which a share that would end must be signed by a leader of the unit first."""
    share = {s.step: s.sign_share for s in rows if s.sign_share}
    found, signed = [], []
    for s in steps:
        leaders = groups.leaders_of(s.group) if s.name in share else ""
        if not leaders:
            found.append(s)
            continue
        name = f"{s.name}_{SIGN_OFF}"
        found.append(_diverted(s, DONE, name, share[s.name]))
        signed.append(Step(name, leaders, Law("lognormal", minutes, m.cv), kind=SIGN_OFF))
    return (*found, *signed)


def _diverted(step: Step, goal: str, instead: str, share: float) -> Step:
    """A step that sends a share of what goes to a goal elsewhere."""
    ways = []
    for n in step.next:
        if n.step == goal:
            ways += [replace(n, probability=n.probability * (1.0 - share)),
                     replace(n, probability=n.probability * share, step=instead)]  # fmt: skip
        else:
            ways.append(n)
    return replace(step, next=tuple(n for n in ways if n.probability > 0.0))
