"""The textbook primitives of a scenario file: laws, arrivals, posts, matters, officials, scopes."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sim.scenario.calendar import MINUTES_PER_DAY
from sim.scenario.fields import Name, Section, given

LONGEST_MINUTES = 100_000_000
MOST_VALUES = 1_000_000

Minutes = Annotated[float, Field(ge=0, le=LONGEST_MINUTES)]
Weight = Annotated[float, Field(ge=0, le=1e12)]


# --- laws of minutes ---


class Exponential(Section):
    """Exponential law."""

    law: Literal["exponential"]
    """Name of the law."""
    mean_minutes: float = given(unit="minutes", above=0, at_most=LONGEST_MINUTES)
    """Mean."""


class Deterministic(Section):
    """Always the same."""

    law: Literal["deterministic"]
    """Name of the law."""
    minutes: float = given(unit="minutes", above=0, at_most=LONGEST_MINUTES)
    """The minutes."""


class Uniform(Section):
    """Every value between two bounds is as likely."""

    law: Literal["uniform"]
    """Name of the law."""
    low_minutes: float = given(unit="minutes", at_most=LONGEST_MINUTES)
    """Lower bound."""
    high_minutes: float = given(unit="minutes", above=0, at_most=LONGEST_MINUTES)
    """Upper bound."""


class Triangular(Section):
    """Triangular law."""

    law: Literal["triangular"]
    """Name of the law."""
    low_minutes: float = given(unit="minutes", at_most=LONGEST_MINUTES)
    """Lower bound."""
    mode_minutes: float = given(unit="minutes", at_most=LONGEST_MINUTES)
    """Most likely value."""
    high_minutes: float = given(unit="minutes", above=0, at_most=LONGEST_MINUTES)
    """Upper bound."""


class Lognormal(Section):
    """Lognormal law, by its mean and either its coefficient of variation or its standard deviation."""

    law: Literal["lognormal"]
    """Name of the law."""
    mean_minutes: float = given(unit="minutes", above=0, at_most=LONGEST_MINUTES)
    """Mean."""
    cv: float | None = given(None, unit="multiple of the mean", above=0, at_most=100)
    """Coefficient of variation (standard deviation divided by mean)."""
    sd_minutes: float | None = given(None, unit="minutes", above=0, at_most=LONGEST_MINUTES)
    """Standard deviation, instead of `cv`."""


class Gamma(Section):
    """Gamma law, by its mean and coefficient of variation."""

    law: Literal["gamma"]
    """Name of the law."""
    mean_minutes: float = given(unit="minutes", above=0, at_most=LONGEST_MINUTES)
    """Mean."""
    cv: float = given(unit="multiple of the mean", above=0, at_most=100)
    """Coefficient of variation."""


class Erlang(Section):
    """Sum of equal exponential phases: a gamma law with coefficient of variation 1 / sqrt(phases)."""

    law: Literal["erlang"]
    """Name of the law."""
    mean_minutes: float = given(unit="minutes", above=0, at_most=LONGEST_MINUTES)
    """Mean of the sum."""
    phases: int = given(unit="phases", at_least=1, at_most=10_000)
    """Number of phases."""


class Empirical(Section):
    """One of the listed values."""

    law: Literal["empirical"]
    """Name of the law."""
    values_minutes: tuple[Minutes, ...] = Field(min_length=1, max_length=MOST_VALUES)
    """The values, minutes each."""
    weights: tuple[Weight, ...] = ()
    """A weight for each value; without weights all are as likely."""


LAWS = (Exponential, Deterministic, Uniform, Triangular, Lognormal, Gamma, Erlang, Empirical)
LawOfMinutes = Annotated[
    Exponential | Deterministic | Uniform | Triangular | Lognormal | Gamma | Erlang | Empirical,
    Field(discriminator="law"),
]


# --- arrivals ---


class Poisson(Section):
    """Arrivals at random. State the mean rate once: per minute, per hour or per day."""

    law: Literal["poisson"]
    """Name of the law."""
    per_minute: float | None = given(None, unit="arrivals per minute", above=0, at_most=1e6)
    """Mean arrivals a minute."""
    per_hour: float | None = given(None, unit="arrivals per hour", above=0, at_most=6e7)
    """Mean arrivals an hour."""
    per_day: float | None = given(None, unit="arrivals per day", above=0, at_most=1e9)
    """Mean arrivals in 24 hours."""
    by_hour: tuple[Weight, ...] = ()
    """24 weights that spread a day's arrivals over its hours; empty = evenly. The day's total stays."""

    def mean_per_day(self) -> float:
        """Mean arrivals in 24 hours."""
        if self.per_minute is not None:
            return self.per_minute * MINUTES_PER_DAY
        if self.per_hour is not None:
            return self.per_hour * 24.0
        return self.per_day or 0.0


class Regular(Section):
    """One arrival after another at a fixed distance."""

    law: Literal["deterministic"]
    """Name of the law."""
    every_minutes: float = given(unit="minutes", above=0, at_most=LONGEST_MINUTES)
    """Minutes between two arrivals."""
    first_minute: float = given(0.0, unit="minutes after the start", at_most=LONGEST_MINUTES)
    """Minute of the first arrival after the run's start at 00:00."""
    last_minute: float | None = given(None, unit="minutes after the start", at_most=LONGEST_MINUTES)
    """Minute after which none arrives; without it they come until the run's end."""


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?", value):
            raise ValueError('a moment such as "2020-01-03 15:00" is needed')
        value = datetime.datetime.fromisoformat(value)
    if not isinstance(value, datetime.datetime) or value.tzinfo is not None:
        raise ValueError('a moment without time zone such as "2020-01-03 15:00" is needed')
    return value


Moment = Annotated[datetime.datetime, BeforeValidator(_moment)]


class Listed(Section):
    """Arrivals at listed moments: minutes after the run's start, or dates with times; one of the two."""

    law: Literal["list"]
    """Name of the law."""
    times_minutes: tuple[Minutes, ...] = Field((), max_length=MOST_VALUES)
    """Minutes after the run's start at 00:00."""
    times: tuple[Moment, ...] = Field((), max_length=MOST_VALUES)
    """Moments such as "2020-01-03 15:00"."""


class Population(Section):
    """A finite population: each member asks, is served, thinks for an exponential time, and asks again."""

    law: Literal["population"]
    """Name of the law."""
    size: int = given(unit="members", at_least=1, at_most=10_000_000)
    """Number of members; all think at the run's start."""
    think_minutes: float = given(unit="minutes", above=0, at_most=LONGEST_MINUTES)
    """Mean of the time between the end of one request and the next one."""


ARRIVALS = (Poisson, Regular, Listed, Population)
Arrivals = Annotated[Poisson | Regular | Listed | Population, Field(discriminator="law")]


# --- who and what ---


class Places(Section):
    """`[places]`: copies of the whole network: every post, official and stream exists once at each place."""

    count: int = given(1, unit="places", at_least=1, at_most=100_000)
    """Number of places, all alike; arrivals and officials are stated for one of them."""
    residents_each: int = given(0, unit="residents", at_most=1_000_000)
    """Residents of a place, one of whom makes each request; 0 = nobody in person."""


class Post(Section):
    """`[[posts]]`: a job with a queue of its own."""

    name: Name
    """Name by which matters and officials find it."""
    order: Literal["first_come", "earliest_deadline", "priority"] = "first_come"
    """Which waiting request comes first; equal ones are served first come first served."""
    limit: int | None = given(None, unit="requests present", at_least=1, at_most=1_000_000_000)
    """Most requests present (waiting and in service); arrivals beyond it are blocked."""
    scope: Name | None = None
    """A limit shared with other posts: the name of one of the `[[scopes]]`."""


class ScopeTable(Section):
    """`[[scopes]]`: a limit that several posts share."""

    name: Name
    """Name by which posts refer to it."""
    limit: int = given(unit="requests present", at_least=1, at_most=1_000_000_000)
    """Most requests present at all posts of the scope; arrivals beyond it are blocked."""


class NextTable(Section):
    """Where a request may go after a step."""

    step: str
    """Name of a step of the same matter, or "done"."""
    share: float = given(1.0, unit="share of requests")
    """Probability of going there; all of a step's shares add up to 1."""
    transit_minutes: float = given(0.0, unit="minutes", at_most=LONGEST_MINUTES)
    """Minutes on the way, without any work."""


class StepTable(Section):
    """One stage of a matter."""

    name: Name
    """Name of the step within its matter."""
    post: Name
    """Post that serves it."""
    service: LawOfMinutes
    """Law of the minutes of work."""
    next: tuple[NextTable, ...] = Field((), max_length=64)
    """Where requests go next; empty = done."""


class MatterTable(Section):
    """`[[matters]]`: what is asked for. Give `post` and `service` for one step, or `steps` for several."""

    name: Name
    """Name of the matter."""
    arrivals: Arrivals
    """How requests arrive."""
    post: Name | None = None
    """Post of a matter with one step."""
    service: LawOfMinutes | None = None
    """Law of the minutes of work of a matter with one step."""
    steps: tuple[StepTable, ...] = Field((), max_length=1000)
    """Stages; a request starts at the first."""
    patience: LawOfMinutes | None = None
    """Law of the minutes after which a waiting request gives up; without it nobody does."""
    priority: int = given(0, unit="class", at_most=1000)
    """Class at posts with `order = "priority"`: lower goes first."""
    deadline_minutes: float | None = given(None, unit="working minutes", above=0, at_most=LONGEST_MINUTES)
    """Minutes of the first official's working time within which the matter should be done."""
    thresholds_minutes: tuple[Minutes, ...] = Field((), max_length=8)
    """Waits t for which the share of requests that wait at most t is reported."""


def _windows(texts: tuple[str, ...]) -> tuple[str, ...]:
    windows = [window_minutes(text) for text in texts]
    if not windows:
        raise ValueError("at least one window is needed")
    for (_, before), (after, _) in zip(windows, windows[1:], strict=False):
        if after < before:
            raise ValueError("windows must be in order and must not overlap")
    return texts


def window_minutes(text: str) -> tuple[float, float]:
    """Minutes of the day at which a window such as "09:00-17:30" opens and closes.

    Raises:
        ValueError: when the text is not a window of one day.
    """
    found = re.fullmatch(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})", text)
    if not found:
        raise ValueError(f'{text!r} is not a window such as "09:00-17:30"')
    hour, minute, end_hour, end_minute = map(int, found.groups())
    opens, closes = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or closes > MINUTES_PER_DAY:
        raise ValueError(f'{text!r} is not within "00:00-24:00"')
    if closes <= opens:
        raise ValueError(f'{text!r} closes before it opens; write a night as "22:00-24:00" and "00:00-06:00"')
    return float(opens), float(closes)


class OfficialTable(Section):
    """`[[officials]]`: people (or servers) who are alike."""

    name: Name
    """Name of the kind; the people are called name/1, name/2 ..."""
    count: int = given(1, unit="people", at_least=1, at_most=100_000)
    """How many."""
    posts: tuple[Name, ...] = Field(max_length=64)
    """Posts that they hold, in order of preference."""
    hours: Annotated[tuple[str, ...], AfterValidator(_windows)] = Field(("00:00-24:00",), max_length=4)
    """Working windows of a day, up to four, in order."""
    calendar: Literal["continuous", "weekdays", "china"] = "continuous"
    """On which days they work: all, Monday to Friday, or China's real working days."""
    closing: Literal["pause", "finish", "serve_all"] = "pause"
    """At a window's end: pause until the next one, finish the request in hand, or serve all who wait."""
    pace: float = given(1.0, unit="multiple", above=0, at_most=1000)
    """Speed: work of m minutes takes m / pace."""
