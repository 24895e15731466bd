"""Whether regular time holds what is asked: offered load by year and what became of the work, as table and sentence."""

from __future__ import annotations

from sim.analysis.comparison import Comparison
from sim.analysis.offered import FATES, offered_by_year
from sim.report import numbers
from sim.report.causes import days_by_year, year_name
from sim.report.cells import Cell, Row, Table
from sim.report.words import say


def offered_table(c: Comparison, lang: str) -> Table | None:
    """Offered load by option and calendar year, and its parts; None where nobody is an official."""
    found = offered_by_year(c)
    if not c.is_county or found.empty:
        return None
    years, days = sorted(found["year"].unique()), days_by_year(c)
    rows = []
    for option in c.plans:
        mine = found[found["option"] == option].set_index("year").reindex(years)
        head = f"{option}{'：' if lang == 'zh' else ': '}{say('offered_load', lang)}"
        rows.append(Row([Cell(head), *(Cell(_one_decimal(x)) for x in mine["load"])], "sum"))
        if mine["low"].notna().any():
            rows.append(Row([Cell(say("offered_interval", lang)), *(Cell(_interval(x)) for x in mine.itertuples())],
                            "part"))  # fmt: skip
        for name in ("load_without_elastic", *FATES):
            word = "offered_without_elastic" if name == "load_without_elastic" else f"offered_{name}"
            rows.append(Row([Cell(say(word, lang)), *(Cell(_one_decimal(x)) for x in mine[name])], "part"))
    head = ["", *(year_name(y, days, lang) for y in years)]
    return Table(head, rows, range(1, len(head)))


def _one_decimal(share: float) -> str:
    """Parts that add up stand with the same digits, a small one too."""
    return f"{numbers.amount(100 * share, 1)} %" if share == share else "–"


def _interval(x) -> str:
    return f"{numbers.amount(100 * x.low, 1)} … {numbers.amount(100 * x.high, 1)} %" if x.low == x.low else "–"


def offered_in_a_sentence(c: Comparison, option: str, lang: str) -> str:
    """Offered load of base and option in the first and last calendar year, and when it was above 1; else empty."""
    found = offered_by_year(c)
    if not c.is_county or found.empty or not {c.base, option} <= set(found["option"]):
        return ""
    wide = found.pivot(index="year", columns="option", values="load")
    first, last, days = wide.index[0], wide.index[-1], days_by_year(c)
    over = [year for year in wide.index if wide.at[year, option] > 1.0]
    comma = "、" if lang == "zh" else ", "
    told = say("offered_over", lang, option=option, years=comma.join(str(y) for y in over)) if over else say(
        "offered_never", lang, option=option)  # fmt: skip
    ends = {f"{who}_{when}": numbers.per_cent(wide.at[year, name], 0)
            for who, name in (("base", c.base), ("option", option))
            for when, year in (("first", first), ("last", last))}  # fmt: skip
    return say("answer_offered" if last > first else "answer_offered_one", lang, base=c.base, option=option,
               first=year_name(first, days, lang), last=year_name(last, days, lang), over=told, **ends)  # fmt: skip
