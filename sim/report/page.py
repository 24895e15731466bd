"""The page of a comparison: one HTML file that needs nothing else, in English or Chinese."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from sim.agents.workers import KINDS
from sim.analysis.attribution import average_split, split_by_seed, staff_of
from sim.analysis.compare import CANNOT_TELL, HEADLINE, NO_INTERVAL, UNDEFINED, Comparison, not_precise
from sim.analysis.months import people_by_pool
from sim.report import figures, numbers
from sim.report.words import block, label, option_title, say
from sim.scenario import Plan
from sim.scenario.catalogue import TABLES as DATA_TABLES
from sim.scenario.catalogue import read_catalogue
from sim.scenario.register import register

FILE_NAME = "report.html"
_ANSWERS = (*HEADLINE, "median_days", "superior_open_days", "elastic_undone_share")
_MARKS = {"better": "better", "worse": "worse"}
_MINUTES = {"who_official": "officials_minutes", "who_all": "all_minutes", "who_server": "servers_minutes"}
_PARTS_NAMED = 4


@dataclass(frozen=True)
class Cell:
    """A cell of a table: text, and a class when it is marked."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    cells: Sequence[Cell]
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the page; `numbers` are the columns set to the right."""

    head: Sequence[str]
    rows: Sequence[Row]
    numbers: Sequence[int] = field(default=())


def write_page(comparison: Comparison, folder: str | Path, lang: str = "en", command: str = "") -> Path:
    """Write the page of a comparison.

    Args:
        comparison: what to tell.
        folder: where to; made when it is not there.
        lang: "en" or "zh".
        command: the command that made it; by default the one that would.

    Returns:
        Path of the file, `report.html`, or `report.zh.html` in Chinese.
    """
    folder = Path(folder)
    text = page(comparison, lang, command)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (FILE_NAME if lang == "en" else FILE_NAME.replace(".", f".{lang}.", 1))
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def page(comparison: Comparison, lang: str = "en", command: str = "") -> str:
    """The page as text; the same text for the same comparison."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    template = environment.from_string((files("sim.report") / "page.html.j2").read_text(encoding="utf-8"))
    font = ""
    if lang == "zh":
        font = base64.b64encode(
            (files("sim.report") / "fonts" / "NotoSansSC-subset.woff2").read_bytes()
        ).decode()
    return template.render(
        lang=lang,
        font=Markup(font),
        w=lambda key: say(key, lang),
        **_opening(comparison, lang),
        **_pictures(comparison, lang),
        **_details(comparison, lang),
        **_trust(comparison, lang, command),
    )


# --- what the page opens with ---


def _opening(c: Comparison, lang: str) -> dict[str, Any]:
    titles = {name: option_title(plan, name, lang) for name, plan in c.plans.items()}
    others = [say("quoted", lang, x=titles[o]) for o in c.options]
    return {
        "title": say("title", lang, base=c.base, options=", ".join(c.options)),
        "question": say("question", lang, base=titles[c.base], options=", ".join(others)),
        "warnings": _warnings(c, lang),
        "answers": [a for o in c.options for a in _answers(c, o, lang)],
        "options": [{"name": n, "title": t, "is_base": n == c.base} for n, t in titles.items()],
        "settings": _settings(c, lang),
        "reforms": [_reforms(p, n, lang) for n, p in c.plans.items()],
        "headlines": [{"title": f"{c.base} → {o}", "table": headline_table(c, o, lang)} for o in c.options],
        "headline_note": _headline_note(c, lang),
    }


def _warnings(c: Comparison, lang: str) -> list[str]:
    found = []
    if c.n_failed:
        reasons = "; ".join(sorted(set(c.failures["reason"])))
        found.append(say("failed", lang, n=c.n_failed, reasons=reasons))
    if c.asked == "auto":
        unknown = not_precise(c)
        names = ", ".join(f"{label(x.split(' (')[0], lang)} ({x.split(' (')[1]}" for x in unknown)
        found.append(
            say("auto_exhausted" if unknown else "auto_reached", lang, n=len(c.seeds), unknown=names)
        )
    if len(c.seeds) == 1:
        found.append(say("headline_note_one", lang))
    if any(path.startswith(("world.", "behaviour.")) for path in _different(c)):
        found.append(say("world_differs", lang))
    return found


def _answers(c: Comparison, option: str, lang: str) -> list[dict[str, str]]:
    lines = [
        {"text": _posts(c, option, lang, "answer_posts", "answer_same_posts"), "verdict": "", "mark": ""}
    ]
    lines = [line for line in lines if line["text"]]
    for outcome in _ANSWERS:
        if outcome not in c.outcomes:
            continue
        row, a, b = c.difference(option, outcome), c.level(c.base, outcome), c.level(option, outcome)
        text = say(
            "answer_line",
            lang,
            label=label(outcome, lang),
            base=numbers.level(outcome, a["mean"]),
            option=numbers.level(outcome, b["mean"]),
            difference=numbers.difference(outcome, row["mean"], row["low"], row["high"], lang),
        )
        name = f"[{option}] " if len(c.options) > 1 else ""
        lines.append(
            {
                "text": name + text,
                "verdict": verdict_text(row, lang, short=False),
                "mark": _MARKS.get(row["verdict"], "unsure"),
            }
        )
    told = minutes_in_a_sentence(c, option, lang, "answer_minutes")
    status = [row["status"] for row in register(c.plans[option])]
    sure = say("answer_assumed", lang, option=option, n=len(status), n_assumed=status.count("assumed"))
    return [*lines, *({"text": text, "verdict": "", "mark": ""} for text in (told, sure) if text)]


def _posts(c: Comparison, option: str, lang: str, key: str, same_key: str) -> str:
    if not {"officials", "paid_people"} <= set(c.outcomes):
        return ""
    posts, people = (
        {o: c.level(o, x)["mean"] for o in (c.base, option)} for x in ("officials", "paid_people")
    )
    values = {
        "option": option,
        "base": c.base,
        "posts": numbers.amount(posts[option]),
        "base_posts": numbers.amount(posts[c.base]),
        "people": numbers.amount(people[option]),
        "base_people": numbers.amount(people[c.base]),
    }
    if values["posts"] == values["base_posts"] and values["people"] == values["base_people"]:
        return say(same_key, lang, **values)
    return say(
        key,
        lang,
        posts_share=numbers.per_cent(posts[option] / posts[c.base], 0),
        people_share=numbers.per_cent(people[option] / people[c.base], 0),
        **values,
    )


def minutes_in_a_sentence(c: Comparison, option: str, lang: str, key: str) -> str:
    """The ledger's answer in one sentence: the difference in paid minutes and its largest causes."""
    causes = average_split(split_by_seed(c, option, staff_of(c)), by=["cause"])
    if causes.empty:
        return ""
    largest = causes.reindex(causes["minutes"].abs().sort_values(ascending=False).index).head(_PARTS_NAMED)
    parts = [
        f"{_cause(x.cause, lang)} {numbers.million(x.minutes)} ({numbers.whole_per_cent(x.share)})"
        for x in largest.itertuples()
    ]
    joined = ("；" if lang == "zh" else "; ").join(parts)
    who = say(next(iter(_groups(c))), lang)
    return say(key, lang, who=who, difference=numbers.million(causes["minutes"].sum()), parts=joined)


def verdict_text(row: pd.Series, lang: str, short: bool = True) -> str:
    """The verdict of a difference in words; says when Holm's correction takes it back."""
    found = row["verdict"]
    if found == UNDEFINED:
        return say(found, lang, n=row["n"], n_undefined=row["n_undefined"])
    if found == CANNOT_TELL:
        return say("cannot tell short" if short else found, lang)
    text = say(found, lang)
    return f"{text} {say('may be chance', lang)}" if found in _MARKS and row["p_holm"] > 0.05 else text


def headline_table(c: Comparison, option: str, lang: str) -> Table:
    """Every outcome: both levels, the difference with its interval, the verdict."""
    head = [
        say("outcome", lang),
        c.base,
        option,
        say("difference", lang),
        say("mark", lang),
        say("p_holm", lang),
        say("variance_ratio", lang),
    ]
    rows = []
    for outcome in c.outcomes:
        row, a, b = c.difference(option, outcome), c.level(c.base, outcome), c.level(option, outcome)
        shown = (
            "–"
            if row["verdict"] in (UNDEFINED,)
            else numbers.difference(outcome, row["mean"], row["low"], row["high"], lang)
        )
        p = "–" if pd.isna(row["p_holm"]) else "<0.001" if row["p_holm"] < 0.001 else f"{row['p_holm']:.3f}"
        ratio = "–" if pd.isna(row["variance_ratio"]) else f"{row['variance_ratio']:.2f}"
        mark = "" if row["verdict"] == NO_INTERVAL else verdict_text(row, lang)
        rows.append(
            Row(
                [
                    Cell(label(outcome, lang)),
                    Cell(_level(outcome, a, lang)),
                    Cell(_level(outcome, b, lang)),
                    Cell(shown),
                    Cell(mark, _MARKS.get(row["verdict"], "unsure")),
                    Cell(p),
                    Cell(ratio),
                ]
            )
        )
    return Table(head, rows, (1, 2, 3, 5, 6))


def _level(outcome: str, row: pd.Series, lang: str) -> str:
    if row["n_undefined"]:
        return say(UNDEFINED, lang, n=row["n"], n_undefined=row["n_undefined"])
    return numbers.level(outcome, row["mean"])


def _headline_note(c: Comparison, lang: str) -> str:
    if len(c.seeds) == 1:
        return say("headline_note_one", lang)
    return say("headline_note", lang, n=_n(c), tests=int(c.differences["n_tests"].max()))


def _n(c: Comparison) -> str:
    sizes = sorted({len(c.values(o, "years")) for o in c.plans})
    return f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]}–{sizes[-1]}"


# --- what differs ---


def _flat(data: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    found = {}
    for key, value in data.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            found |= _flat(value, here)
        else:
            found[here] = value
    return found


def _settings_of(plan: Plan) -> dict[str, Any]:
    scenario = plan.to_dict()["scenario"]
    return _flat({name: scenario.get(name, {}) for name in ("run", "levers", "world", "behaviour")})


def _different(c: Comparison) -> list[str]:
    settings = [_settings_of(plan) for plan in c.plans.values()]
    paths = dict.fromkeys(path for one in settings for path in one)
    return [p for p in paths if any(one.get(p) != settings[0].get(p) for one in settings)]


def _settings(c: Comparison, lang: str) -> Table:
    known = {row["path"]: row for plan in reversed(c.plans.values()) for row in register(plan)}
    settings = {name: _settings_of(plan) for name, plan in c.plans.items()}
    rows = [
        Row(
            [
                Cell(path),
                *(Cell(_shown(one.get(path))) for one in settings.values()),
                Cell(str(known.get(path, {}).get("unit", ""))),
            ]
        )
        for path in _different(c)
    ]
    return Table([say("setting", lang), *c.plans, say("unit", lang)], rows, tuple(range(1, len(c.plans) + 1)))


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(_shown(v) for v in value)
    return f"{value:,.10g}" if isinstance(value, float | int) and not isinstance(value, bool) else str(value)


def _reforms(plan: Plan, name: str, lang: str) -> dict[str, Any]:
    rows = [
        Row(
            [
                Cell(str(r.date)),
                Cell(r.what),
                Cell(_shown(r.to)),
                Cell(_shown(r.ramp_days) if r.ramp_days else "–"),
                Cell(r.source),
            ]
        )
        for r in plan.scenario.reforms
    ]
    head = [say(key, lang) for key in ("date", "setting", "to", "over", "source")]
    title = say("reforms_of" if rows else "no_reforms", lang, option=name)
    return {"title": title, "table": Table(head, rows, (2, 3))}


# --- pictures ---


def _pictures(c: Comparison, lang: str) -> dict[str, Any]:
    n = _n(c)
    band = say("band_one", lang) if len(c.seeds) == 1 else say("band", lang, n=n)
    bars = say("bars", lang, n=n)

    def picture(figure: Figure, *caption: str) -> dict[str, Any]:
        return _picture(figure, ". ".join(caption) + ".", lang)

    found = {
        "service": picture(figures.service(c, lang), say("by_month", lang), band),
        "minutes": picture(figures.minutes(c, lang, staff_of(c)[0]), bars),
        **dict.fromkeys(("people", "organizations", "pools", "pool_table", "pool_notes")),
    }
    if all(plan.is_county for plan in c.plans.values()):
        found |= {
            "people": picture(figures.people(c, lang), say("people_by_month", lang), band),
            "pools": picture(figures.pools(c, lang), bars),
            "pool_table": _pool_table(c, people_by_pool(c.months), lang),
            "pool_notes": [_posts(c, o, lang, "pools_note", "pools_note_same") for o in c.options],
        }
    if "organizations_alive" in c.society:
        found["organizations"] = picture(figures.organizations(c, lang), say("org_by_month", lang), band)
    return found


def _picture(figure: Figure, caption: str, lang: str) -> dict[str, Any]:
    if lang == "zh":
        caption = caption.replace(". ", "。").removesuffix(".") + "。"
    return {"svg": Markup(figures.as_svg(figure)), "caption": caption}


def _pool_table(c: Comparison, pool: pd.DataFrame, lang: str) -> Table:
    wide = (
        pool.pivot(index="kind", columns="option", values="people")
        .reindex([k for k in KINDS if k in set(pool["kind"])])
        .fillna(0.0)
    )
    rows = [
        Row([Cell(say(kind, lang)), *(_of_base(wide.loc[kind], o, c.base) for o in c.plans)])
        for kind in wide.index
    ]
    rows.append(
        Row([Cell(say("all_people", lang)), *(_of_base(wide.sum(), o, c.base) for o in c.plans)], "sum")
    )
    return Table([say("pool", lang), *c.plans], rows, tuple(range(1, len(c.plans) + 1)))


def _of_base(row: pd.Series, option: str, base: str) -> Cell:
    text = numbers.amount(row[option])
    return Cell(
        text
        if option == base or not row[base]
        else f"{text} ({numbers.per_cent(row[option] / row[base], 0)})"
    )


# --- details ---


def _details(c: Comparison, lang: str) -> dict[str, Any]:
    whisker = say("bars" if len(c.seeds) == 1 else "whisker", lang, n=_n(c))
    falls, matters = [], []
    groups = _groups(c)
    for option in c.options:
        splits = {who: split_by_seed(c, option, kinds) for who, kinds in groups.items()}
        title = f"{c.base} → {option}"
        matters.append({"title": title, "table": _matter_table(c, option, lang)})
        if any(split.empty for split in splits.values()):
            continue
        pictures = [
            _picture(figures.fall(c, option, kinds, who, lang), f"{whisker}.", lang)
            for who, kinds in groups.items()
        ]
        falls.append(
            {
                "title": title,
                "figures": pictures,
                "table": _cause_table(splits, lang),
                "blocks": _block_table(splits[next(iter(groups))], lang),
            }
        )
    return {"falls": falls, "matters": matters}


def _groups(c: Comparison) -> dict[str, tuple[str, ...]]:
    """Groups of people whose minutes are told, by the word for them."""
    own = staff_of(c)
    return {"who_official": own, "who_all": KINDS} if own == ("official",) else {"who_server": own}


def _cause(name: str, lang: str) -> str:
    return say("moved" if name == "pool" else name, lang)


def _cause_table(splits: Mapping[str, pd.DataFrame], lang: str) -> Table:
    found = {who: average_split(split, by=["cause"]).set_index("cause") for who, split in splits.items()}
    causes = list(dict.fromkeys(cause for frame in found.values() for cause in frame.index))
    rows = [
        Row([Cell(_cause(cause, lang)), *(cell for frame in found.values() for cell in _part(frame, cause))])
        for cause in causes
    ]
    totals = [Cell(x) for frame in found.values() for x in (numbers.million(frame["minutes"].sum()), "100 %")]
    rows.append(Row([Cell(say("total", lang)), *totals], "sum"))
    share = say("share_of_difference", lang)
    head = [say("cause", lang), *(word for who in found for word in (say(_MINUTES[who], lang), share))]
    return Table(head, rows, range(1, len(head)))


def _part(frame: pd.DataFrame, cause: str) -> tuple[Cell, Cell]:
    if cause not in frame.index:
        return Cell("–"), Cell("–")
    row = frame.loc[cause]
    return Cell(_million_with_interval(row)), Cell(numbers.whole_per_cent(row["share"]))


def _million_with_interval(row: pd.Series) -> str:
    return numbers.with_interval(*(row[name] / 1e6 for name in ("minutes", "low", "high")))


def _block_table(split: pd.DataFrame, lang: str) -> Table:
    rows = []
    for row in average_split(split).to_dict("records"):
        if not row["block"] or abs(row["share"]) < 0.0005:
            continue
        where = block(row["block"], lang) + (f" → {say(row['kind'], lang)}" if row["kind"] else "")
        rows.append(
            Row(
                [
                    Cell(_cause(row["cause"], lang)),
                    Cell(where),
                    Cell(_million_with_interval(pd.Series(row))),
                    Cell(numbers.per_cent(row["share"])),
                ]
            )
        )
    head = [
        say("cause", lang),
        say("block", lang),
        say("officials_minutes", lang),
        say("share_of_difference", lang),
    ]
    return Table(head, rows, (2, 3))


def _matter_table(c: Comparison, option: str, lang: str) -> Table:
    found = c.by_matter(option)
    found = found[(found["attention_class"] == "resident") & (found["opened"] > 0)].sort_values(
        "opened", ascending=False
    )
    names = _matter_names(c, lang)
    rows = []
    for row in found.to_dict("records"):
        sure = row["low"] > 0 or row["high"] < 0
        mark = "" if not sure else "better" if row["mean"] < 0 else "worse"
        difference = (
            "–"
            if row["n_undefined"]
            else numbers.difference("median_days", row["mean"], row["low"], row["high"], lang)
        )
        rows.append(
            Row(
                [
                    Cell(names.get(row["matter"], row["matter"])),
                    Cell(numbers.amount(row["opened"])),
                    Cell(numbers.amount(row["base"])),
                    Cell(numbers.amount(row["option"])),
                    Cell(difference, mark),
                ]
            )
        )
    head = [say("matter", lang), say("a_year", lang), c.base, option, say("difference", lang)]
    return Table(head, rows, (1, 2, 3, 4))


def _matter_names(c: Comparison, lang: str) -> dict[str, str]:
    folder = c.plans[c.base].data_folder
    if folder is None:
        return {}
    return {m.matter: m.name_zh if lang == "zh" else m.name_en for m in read_catalogue(folder).matters}


# --- what it rests on ---


def _trust(c: Comparison, lang: str, command: str) -> dict[str, Any]:
    notes = [_assumed_note(plan, name, lang) for name, plan in c.plans.items()]
    last = list(c.plans.values())[-1]
    rows = [
        Row(
            [
                Cell(r["path"]),
                Cell(_shown(r["value"])),
                Cell(f"{_shown(r['low'])} – {_shown(r['high'])}"),
                Cell(str(r["unit"])),
                Cell(str(r["source"])),
            ]
        )
        for r in register(last)
        if r["status"] == "assumed"
    ]
    head = [
        say("setting", lang),
        say("value", lang),
        say("range", lang),
        say("unit", lang),
        say("source", lang),
    ]
    return {
        "assumed_notes": notes,
        "assumed": Table(head, rows, (1, 2)),
        "follows": _follows(c, lang),
        "repeat": _repeat(c, lang, command),
        "made_by": say("made_by", lang, version=_version()),
    }


def _assumed_note(plan: Plan, name: str, lang: str) -> str:
    status = [row["status"] for row in register(plan)]
    rows = []
    if plan.data_folder is not None:
        catalogue = read_catalogue(plan.data_folder)
        rows = [row.status for table in DATA_TABLES for row in getattr(catalogue, table)]
    return say(
        "assumed_note",
        lang,
        option=name,
        n=len(status),
        n_assumed=status.count("assumed"),
        n_derived=status.count("derived"),
        n_sourced=status.count("sourced"),
        rows=len(rows),
        rows_assumed=rows.count("assumed"),
    )


def _follows(c: Comparison, lang: str) -> list[str]:
    if not all(plan.is_county for plan in c.plans.values()):
        return []
    different = _different(c)
    keys = ["follows_budget", "follows_posts", "follows_satisfaction"]
    if "levers.structure" in different:
        keys = ["follows_transit", "follows_near", *keys, "follows_villages"]
    return [say(key, lang) for key in keys]


def _repeat(c: Comparison, lang: str, command: str) -> Table:
    n = "auto" if c.asked == "auto" else len(c.seeds)
    typed = command or f"leancounty compare {' '.join(c.plans)} --replications {n}"
    rows = [
        Row([Cell(say("command", lang)), Cell(typed)]),
        Row([Cell(say("seeds", lang)), Cell(f"{c.seeds[0]} – {c.seeds[-1]}")]),
    ]
    for name, plan in c.plans.items():
        run = plan.scenario.run
        rows.append(Row([Cell(f"{name}: {say('period', lang)}"), Cell(f"{run.start} – {run.last_day}")]))
        rows.append(Row([Cell(f"{name}: {say('digest', lang)}"), Cell(plan.digest)]))
    data = dict.fromkeys(plan.data_digest for plan in c.plans.values() if plan.data_digest)
    rows += [Row([Cell(say("data_digest", lang)), Cell(digest)]) for digest in data]
    return Table([say("setting", lang), say("value", lang)], rows)


def _version() -> str:
    try:
        return version("lean-county")
    except PackageNotFoundError:
        return "?"
