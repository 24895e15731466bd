"""Officials: what a filled post does to the work in its hands, and what the work does to the person.

Rules are pure functions of scalars that the compiled day calls; their numbers come from the scenario's
`behaviour` section, where ranges and sources stand.
"""

from __future__ import annotations

import mesa

from sim.agents.columns import Column
from sim.agents.workers import US
from sim.chance.laws import exp
from sim.compiled import rule


@rule
def load_pressure(backlog_days, starts_days, full_days):
    """Pressure of waiting work, 0 to 1: rises linearly between two backlogs (working days of work a holder)."""
    if backlog_days <= starts_days:
        return 0.0
    if backlog_days >= full_days:
        return 1.0
    return (backlog_days - starts_days) / (full_days - starts_days)


@rule
def thinned_share(pressure, least_share):
    """Share of the full minutes that is done: from all of them down to the least acceptable share."""
    return 1.0 - pressure * (1.0 - least_share)


@rule
def minutes_factor(pace, skill, fatigue, slowdown):
    """Minutes needed per standard minute: slower with little skill and with fatigue, never work for free."""
    return 1.0 / (pace * skill * (1.0 - slowdown * fatigue))


@rule
def fatigue_after(fatigue, overtime_hours, rested, rise_per_hour, recovery_share):
    """Fatigue stock (0 to 1) after a day: overtime fills what is left, a day off or a short day empties a share."""
    filled = fatigue + rise_per_hour * overtime_hours * (1.0 - fatigue)
    if rested:
        filled = filled * (1.0 - recovery_share)
    return filled


@rule
def sick_share(base_share, fatigue, factor_when_exhausted):
    """Probability of being ill on a working day; exhaustion multiplies it (Borritz et al. 2006: 5.4 -> 13.6 days)."""
    return base_share * (1.0 + (factor_when_exhausted - 1.0) * fatigue)


@rule
def skill_after_month(skill, practice_minutes, learning_minutes, forgetting_share, keeping_minutes, floor):
    """Skill at a post after a month: practice closes the gap to 1, what was hardly practised fades.

    `keeping_minutes`: monthly practice at which nothing is forgotten; many posts at once spread practice thin.
    `floor`: skill of somebody to whom the post is new; only what lies above it can be forgotten.
    """
    learned = 1.0 - (1.0 - skill) * exp(-practice_minutes / learning_minutes)
    missed = 1.0 - practice_minutes / keeping_minutes
    if missed < 0.0:
        missed = 0.0
    if learned <= floor:
        return learned
    return floor + (learned - floor) * (1.0 - forgetting_share * missed)


@rule
def quit_share(rested_share, tired_share, fatigue):
    """Probability of leaving for good in a year: between the rested and the exhausted share."""
    return rested_share + (tired_share - rested_share) * fatigue


@rule
def variety_factor(n_posts, benefit):
    """Multiple of the quits of people with one post: two or three posts keep people, from six on nothing is left."""
    if n_posts < 2:
        return 1.0
    if n_posts <= 3:
        return 1.0 - benefit
    if n_posts >= 6:
        return 1.0
    return 1.0 - benefit * (6.0 - n_posts) / 3.0


@rule
def is_day_below(weekday, own_weekday, days_per_week, u):
    """Whether a rotating official spends this day below: his own weekday first, then every second one after it.

    `weekday`: 0 = Monday; weekends worked instead are desk days. `u`: one number a person and week, so that more days
    include the fewer: of 1.4 days one is certain and another comes in two weeks of five.
    """
    if weekday > 4:
        return False
    nth = ((weekday - own_weekday) % 5) * 3 % 5
    return u < days_per_week - nth


@rule
def saturation(load, starts):
    """How saturated a person is, 0 to 1: from the load at which it begins up to a full working day and more."""
    if load <= starts:
        return 0.0
    if load >= 1.0:
        return 1.0
    return (load - starts) / (1.0 - starts)


@rule
def pace_under_load(pressure, gain, saturated):
    """Standard minutes a minute: queues speed people up, and lasting saturation takes the gain away again."""
    return 1.0 + gain * pressure * (1.0 - saturated)


@rule
def standard_after(worn, pressure, fall_days, rise_days):
    """Thinness that counts as normal after a day: it follows sustained pressure, and goes back very slowly.

    Oliva and Sterman 2001: under pressure the internal standard of work sinks to what is done, and hardly recovers.
    """
    days = fall_days if pressure > worn else rise_days
    return worn + (pressure - worn) / days


@rule
def error_share(base_share, thinned, when_thin, fatigue, when_tired):
    """Probability that finished work comes back: base, plus thin work, plus tired work."""
    return base_share + when_thin * thinned + when_tired * fatigue


class Worker(mesa.Agent):
    """View of one row of the workers' table. State lives in the table; rules are compiled (see module)."""

    fatigue = Column("worker", "fatigue", doc="exhaustion, 0 to 1")
    pace = Column("worker", "pace", doc="standard minutes done per minute when rested and skilled")
    overtime_minutes = Column("ledger", "overtime", US, doc="since the ledgers opened")
    served_minutes = Column("ledger", "served", US, doc="since the ledgers opened")
    idle_minutes = Column("ledger", "idle", US, doc="since the ledgers opened")
    absent_minutes = Column("ledger", "absent", US, doc="leave, training and sickness since the ledgers opened")
    paid_minutes = Column("ledger", "paid", US, doc="since the ledgers opened")
    is_active = Column("life", "active", doc="1 when employed")

    _COMPILED_RULES = ("serve", "tire", "learn")

    def __init__(self, model: mesa.Model, row: int):
        """Make the view of row `row`; registers with the model as any Mesa agent."""
        for name in self._COMPILED_RULES:
            if hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__}.{name}: this rule runs compiled for all workers at once; "
                                f"change the function in its agent's module or a `behaviour` number instead")
        super().__init__(model)
        self.row = int(row)

    @property
    def spec(self):
        """Who this is in the network: id, unit, posts held."""
        return self.model.network.workers[self.row - 1]

    @property
    def unit(self) -> str:
        """Department, township, centre or organization."""
        return self.spec.unit

    @property
    def posts(self) -> tuple[str, ...]:
        """Posts held, the primary one first."""
        return tuple(post for post, _ in self.spec.holds)

    @property
    def skills(self) -> dict[str, float]:
        """Skill at each post held (1 = full)."""
        life = self.model.tables.life[self.row]
        first, n = int(life["desk_hold"]), int(life["n_desk"])
        return dict(zip(self.posts, self.model.tables.hold["skill"][first:first + n].tolist(), strict=True))

    @property
    def is_on_duty(self) -> bool:
        """Present in today's windows."""
        return bool(self.model.tables.worker["pattern"][self.row])

    @property
    def is_busy(self) -> bool:
        """Has work in hand, also overnight."""
        return bool(self.model.tables.worker["request"][self.row])

    def __repr__(self) -> str:
        """Type and id."""
        return f"<{type(self).__name__} {self.spec.id}>"


class Official(Worker):
    """A filled post of the establishment (编制)."""

    is_below = Column("life", "below", doc="1 on a day that a rotating official spends at a station")
    load = Column("life", "load", doc="used share of working time, elastic work apart, smoothed")

    @property
    def assignment(self) -> str:
        """`station`, `task_force`, or empty for a desk."""
        return self.spec.assignment


class OffQuotaWorker(Worker):
    """Contract staff outside the establishment (聘任、雇员、编外)."""


class CommunityWorker(Worker):
    """Paid worker of a community."""


class Server(Worker):
    """A server of a textbook queue."""
