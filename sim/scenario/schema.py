"""A scenario: all sections of a file, validated field by field.

`Scenario` knows only what can be said about one field; what fields must say to each other stands in
`sim.scenario.checks`, files and inheritance in `sim.scenario.files`, dates in `sim.scenario.plan`.
"""

from __future__ import annotations

import datetime
from typing import Any, Literal

from pydantic import Field

from sim.scenario.behaviour import Behaviour
from sim.scenario.fields import Date, Section, given
from sim.scenario.levers import Levers
from sim.scenario.textbook import MatterTable, OfficialTable, Places, Post, ScopeTable
from sim.scenario.world import World

SCHEMA = 1
"""Version of the scenario language."""

DESCRIPTIVE = ("title", "title_zh", "description", "sources")
"""Keys that say nothing about what is computed."""

NOTES = ("source", "note", "earliest", "latest")
"""Keys of a reform that say nothing about what is computed."""

REFORMABLE = ("world", "levers", "behaviour")
"""Sections whose values may change on a date."""


class Run(Section):
    """`[run]`: which days are computed and how often. Of `end`, `days` and `minutes` give at most one."""

    start: Date = datetime.date(2019, 9, 25)
    """First day; the city was established on the default date."""
    end: Date | None = None
    """Last day, inclusive; 2025-12-31 when none of `end`, `days`, `minutes` is given."""
    days: int | None = given(None, unit="days", at_least=1, at_most=40_000)
    """Length in days, instead of `end`."""
    minutes: float | None = given(None, unit="minutes", above=0, at_most=57_600_000)
    """Length in minutes from the start's 00:00, instead of `end`; may end within a day."""
    run_in_days: int = given(0, unit="days", at_most=3650)
    """Days before the start with closed ledgers, so that queues and people do not start fresh."""
    run_in_structure: Literal["conventional", "lean", "own"] = "conventional"
    """Levers of the run-in: the defaults with this structure, the same under every option, or own ones."""
    warm_up_minutes: float = given(0.0, unit="minutes", at_most=57_600_000)
    """Minutes after the start that statistics leave out; they begin with the first midnight at or after them."""
    replications: int = given(1, unit="replications", at_least=1, at_most=1_000_000)
    """How many seeds are run."""
    seed: int = given(1, unit="seed", at_most=2**63 - 1)
    """First seed; the replications take this one and the following."""
    request_share: float = given(0.0, unit="share of requests")
    """Share of single requests of which a record is kept."""

    @property
    def horizon_minutes(self) -> float:
        """Minutes from the start's 00:00 to the end."""
        if self.minutes is not None:
            return self.minutes
        return self.n_days * 1440.0

    @property
    def n_days(self) -> int:
        """Days from the start to the end; a day begun counts."""
        if self.days is not None:
            return self.days
        if self.minutes is not None:
            return max(1, int(-(-self.minutes // 1440)))
        return ((self.end or datetime.date(2025, 12, 31)) - self.start).days + 1

    @property
    def warm_up_days(self) -> int:
        """Whole days after the start that statistics leave out."""
        return int(-(-self.warm_up_minutes // 1440))

    @property
    def last_day(self) -> datetime.date:
        """The last day, inclusive."""
        return self.start + datetime.timedelta(days=self.n_days - 1)


class CountySection(Section):
    """`[county]`: which county's data."""

    data: str = "longgang"
    """Folder of CSV files, beside the scenario file or among the built-in scenarios."""
    residents: int | None = given(None, unit="residents", at_least=1000, at_most=3_000_000)
    """Residents; the county's places are scaled to this number."""


class Reform(Section):
    """`[[reforms]]`: a dated change of one value."""

    date: Date
    """First day on which the change has an effect."""
    earliest: Date | None = None
    """First day on which it may have come, when the date is not known; then `latest` is needed too."""
    latest: Date | None = None
    """Last day on which it may have come; `date` is the choice between them."""
    what: str
    """Path of the value, such as "levers.staffing_share"."""
    to: Any
    """New value."""
    ramp_days: int = given(0, unit="days", at_most=40_000)
    """Days over which a number moves evenly from the value in force to the new one; 0 = at once."""
    source: str = ""
    """Where date and value come from."""
    note: str = ""
    """Anything a reader should know."""


class Scenario(Section):
    """All that a file says, with defaults filled in."""

    schema_version: Literal[1] = Field(1, alias="schema")
    """Version of the scenario language."""
    title: str = Field("", max_length=500)
    """One line for people."""
    title_zh: str = Field("", max_length=500)
    """The same in Chinese."""
    description: str = Field("", max_length=20_000)
    """As long as needed."""
    sources: dict[str, str] = {}
    """Source of a number that is no default: path = text, begun with "assumed" or "derived" if so."""
    run: Run = Run()
    """Days, seeds, records."""
    county: CountySection | None = None
    """The county; absent in textbook scenarios."""
    world: World = World()
    """What government does not choose."""
    levers: Levers = Levers()
    """What government chooses."""
    behaviour: Behaviour = Behaviour()
    """How people react."""
    reforms: tuple[Reform, ...] = Field((), max_length=10_000)
    """Dated changes."""
    places: Places = Places()
    """Copies of a textbook network."""
    posts: tuple[Post, ...] = Field((), max_length=100_000)
    """Textbook posts."""
    scopes: tuple[ScopeTable, ...] = Field((), max_length=100_000)
    """Textbook limits shared by posts."""
    matters: tuple[MatterTable, ...] = Field((), max_length=100_000)
    """Textbook matters."""
    officials: tuple[OfficialTable, ...] = Field((), max_length=100_000)
    """Textbook officials."""
