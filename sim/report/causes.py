"""The labour ledger's answer as tables: causes by account, by year, by kind of work; and quality beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sim.agents.workers import KINDS
from sim.analysis.attribution import ACCOUNTS, average_split, staff_of
from sim.analysis.comparison import Comparison
from sim.analysis.labour import QUALITY, quality_by_year
from sim.report import numbers
from sim.report.cells import Cell, Row, Table
from sim.report.words import block, say

_MINUTES = {"who_official": "officials_minutes", "who_all": "all_minutes", "who_server": "servers_minutes"}


def groups(c: Comparison) -> dict[str, tuple[str, ...]]:
    """Groups of people whose minutes are told, by the word for them."""
    own = staff_of(c)
    return {"who_official": own, "who_all": KINDS} if own == ("official",) else {"who_server": own}


def cause_name(cause: str, lang: str) -> str:
    """Name of a cause for people; its key in plain words when it has none (a new entry of the ledger)."""
    return say(cause, lang, default=cause.replace("_", " "))


def rest_name(causes: Sequence[str], lang: str) -> str:
    """Name of the causes that are told as one: of a single one its own."""
    return cause_name(causes[0], lang) if len(causes) == 1 else say("rest_together", lang, n=len(causes))


def cause_table(splits: Mapping[str, pd.DataFrame], lang: str) -> Table:
    """Causes of the difference in paid minutes a year by account, two columns a group of people."""
    found = {who: average_split(split, by=["cause"]).set_index("cause") for who, split in splits.items()}

    def cells(causes: Sequence[str]) -> list[Cell]:
        return [cell for frame in found.values() for cell in _part(frame, causes)]

    share = say("share_of_difference", lang)
    head = [say("cause", lang), *(word for who in found for word in (say(_MINUTES[who], lang), share))]
    there = {cause for frame in found.values() for cause in frame.index}
    rows = _by_account(there, cells, lang)
    return Table(head, rows, range(1, len(head)))


def _by_account(there: set[str], cells, lang: str) -> list[Row]:
    """Rows of accounts with their causes, and the sum of all."""
    rows = []
    for account, causes in ACCOUNTS.items():
        mine = [cause for cause in causes if cause in there]
        if not mine:
            continue
        rows.append(Row([Cell(say(account, lang)), *cells(mine)], "account"))
        if len(mine) > 1:
            rows += [Row([Cell(cause_name(cause, lang)), *cells([cause])], "part") for cause in mine]
    rows.append(Row([Cell(say("total", lang)), *cells(sorted(there))], "sum"))
    return rows


def _part(frame: pd.DataFrame, causes: Sequence[str]) -> tuple[Cell, Cell]:
    mine = frame[frame.index.isin(list(causes))]
    if mine.empty:
        return Cell("–"), Cell("–")
    share = Cell(numbers.whole_per_cent(mine["share"].sum()))
    if len(mine) == 1:
        return Cell(_million_with_interval(mine.iloc[0])), share
    return Cell(numbers.million(mine["minutes"].sum())), share


def year_table(split: pd.DataFrame, days: Mapping[int, float], lang: str) -> Table:
    """Causes by calendar year in million minutes of that year; rows and columns add up.

    Args:
        split: from `split_by_seed`, of one group of people.
        days: days counted in each year.
        lang: language.
    """
    found = average_split(split, by=["cause", "year"])
    wide = found.pivot(index="cause", columns="year", values="minutes").fillna(0.0) / 1e6
    wide["all"] = wide.sum(axis=1)

    def cells(causes: Sequence[str]) -> list[Cell]:
        sums = wide[wide.index.isin(list(causes))].sum()
        return [Cell(numbers.signed(sums[column], 1)) for column in wide.columns]

    head = [say("cause", lang), *(year_name(y, days, lang) for y in wide.columns[:-1]), say("all_years", lang)]
    return Table(head, _by_account(set(wide.index), cells, lang), range(1, len(head)))


def year_name(year: int, days: Mapping[int, float], lang: str) -> str:
    """A calendar year, with its days when it was not lived whole."""
    n = days.get(year, 365)
    return f"{year}" if n >= 365 else say("part_of_year", lang, year=year, days=f"{n:.0f}")


def year_tick(year: int, days: Mapping[int, float], lang: str) -> str:
    """A calendar year below an axis: its days, if told, on a line of their own."""
    return year_name(year, days, lang).replace(" (", "\n(").replace("（", "\n（")


def quality_table(c: Comparison, option: str, lang: str) -> Table:
    """What the minutes do not show: late, given up, come back, thin, undone; by year and in all."""
    found = quality_by_year(c).set_index(["option", "measure", "year"])["mean"]
    years = sorted({year for _, _, year in found.index if year})
    days = days_by_year(c)
    rows = []
    for name in QUALITY:
        values = {o: [found.get((o, name, y)) for y in (*years, 0)] for o in (c.base, option)}
        if all(pd.isna(x) for some in values.values() for x in some):
            continue
        for o, some in values.items():
            first = Cell(say(f"quality_{name}", lang) if o == c.base else "")
            rows.append(Row([first, Cell(o), *(Cell(numbers.per_cent(x)) for x in some)]))
    columns = (year_name(y, days, lang) for y in years)
    head = [say("quality", lang), say("option", lang), *columns, say("all_years", lang)]
    return Table(head, rows, range(2, len(head)))


def days_by_year(c: Comparison) -> dict[int, float]:
    """Days counted in each calendar year of a run."""
    months = c.months[(c.months["option"] == c.base)]
    months = months[months["seed"] == months["seed"].min()]
    return months["days"].groupby(pd.to_datetime(months["date"]).dt.year).sum().to_dict()


def block_table(split: pd.DataFrame, lang: str) -> Table:
    """Causes by kind of work."""
    rows = []
    for row in average_split(split).to_dict("records"):
        if not row["block"] or abs(row["share"]) < 0.0005:
            continue
        where = block(row["block"], lang) + (f" → {say(row['kind'], lang)}" if row["kind"] else "")
        texts = (cause_name(row["cause"], lang), where, _million_with_interval(row), numbers.per_cent(row["share"]))
        rows.append(Row([*map(Cell, texts)]))
    head = [say(key, lang) for key in ("cause", "block", "officials_minutes", "share_of_difference")]
    return Table(head, rows, (2, 3))


def _million_with_interval(row: Mapping[str, float] | pd.Series) -> str:
    return numbers.with_interval(*(row[name] / 1e6 for name in ("minutes", "low", "high")))
