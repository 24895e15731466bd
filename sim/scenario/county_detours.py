"""Ways that a case takes beside its route: first to a unit that does not own it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sim.scenario.catalogue import Catalogue, MatterFamily, RouteStep
from sim.scenario.network import Law, Next, Step
from sim.scenario.structures import CONVENTIONAL, Groups, units_of

MISDIRECTED = "misdirected"


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
    unit again.
    """
    dispatching = {s.step: s for s in rows if s.dispatches}
    if not dispatching or share <= 0.0:
        return steps
    first = next(iter(dispatching.values()))
    owner = next(s for s in steps if s.name == first.next)
    again = world.bounce_again_share
    back = Next(owner.name, 1.0 - again, first.transit_minutes)
    detour = Step(
        MISDIRECTED,
        groups.mistaken_for(owner.group, m),
        Law("lognormal", world.triage_minutes, m.cv),
        (back, Next(MISDIRECTED, again, first.transit_minutes)) if again else (back,),
        intake_minutes=owner.intake_minutes,
        kind=MISDIRECTED,
    )
    return (*(_astray(s, owner.name, share) if s.name in dispatching else s for s in steps), detour)


def _astray(step: Step, owner: str, share: float) -> Step:
    """A dispatching step that sends a share of what goes to the owner to the wrong unit."""
    ways = []
    for n in step.next:
        if n.step == owner:
            ways += [
                replace(n, probability=n.probability * (1.0 - share)),
                replace(n, probability=n.probability * share, step=MISDIRECTED),
            ]
        else:
            ways.append(n)
    return replace(step, next=tuple(ways))
