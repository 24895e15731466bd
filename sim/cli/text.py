"""What `scenarios` and `run` print, and how tables and numbers look on a terminal; `check` has a file of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sim.scenario import Plan, builtin_folder


def table(rows: Sequence[Sequence[str]], heads: Sequence[str] = ()) -> str:
    """Columns padded with spaces, the first one to the left, the others to the right."""
    lines = [list(heads), *map(list, rows)] if heads else [list(row) for row in rows]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(lines[0]))] if lines else []
    text = []
    for line in lines:
        cells = [_pad(cell, widths[i], i > 0) for i, cell in enumerate(line)]
        text.append("  ".join(cells).rstrip())
    if heads:
        text.insert(1, "-" * max(map(_width, text)))
    return "\n".join(text)


def _width(text: str) -> int:
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)  # Chinese takes two columns


def _pad(text: str, width: int, to_the_right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if to_the_right else text + space


def number(value: float) -> str:
    """A number with as many digits as people can use."""
    if value is None or not math.isfinite(value):
        return "-"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


# --- scenarios ---


GROUPS = {
    "without": "lean40 without one reform",
    "only": "conventional40 with one reform",
    "transfer": "when functions are handed over",
    "posts": "posts a person holds",
    "breadth": "duties of a post",
    "cut": "how a cut is shared out",
    "attention": "who yields to whom",
    "textbook": "queues with exact answers",
}
"""What the folders of built-in scenarios have in common."""


def scenario_lines(found: Sequence[tuple[str, str]], group: str = "") -> list[str]:
    """One line for each built-in scenario of a group; at the top also one for each group.

    Args:
        found: names and titles of all built-in scenarios.
        group: folder whose members are listed; empty for those that stand in none.
    """
    here = [(name, title) for name, title in found if name.rpartition("/")[0] == group]
    width = max((len(name) for name, _ in here), default=0)
    lines = []
    for name, title in here:
        changes = what_it_changes(name)
        lines.append(f"{name:<{width}}  {title}" + (f"  [{changes}]" if changes else ""))
    if not group:
        members: dict[str, list[str]] = {}
        for name, _ in found:
            if "/" in name:
                folder, _, last = name.rpartition("/")
                members.setdefault(folder, []).append(last)
        lines += ["", "Families (leancounty scenarios FAMILY lists one)"]
        lines += [f"{name}/  {GROUPS.get(name, '')}: {', '.join(members[name])}" for name in members]
    return lines


def what_it_changes(name: str) -> str:
    """What a built-in scenario sets over the one it extends: paths and values, shortened."""
    from sim.scenario.files import read_toml

    data = read_toml(builtin_folder() / f"{name}.toml")
    if "extends" not in data:
        return cut(", ".join(f"{o.get('count', 1)} {o.get('name', '')}" for o in data.get("officials", ())))
    said = [
        f"{key} = {value}"
        for key, value in flat({k: v for k, v in data.items() if isinstance(v, dict) and k != "sources"})
    ]
    if data.get("reforms"):
        said.append(f"{len(data['reforms'])} dated reforms")
    if data.get("drop_reforms"):
        said.append(f"no reform of {', '.join(data['drop_reforms'])}")
    return " + ".join([data["extends"], ", ".join(said)]) if said else f"the same as {data['extends']}"


def cut(text: str, length: int = 60) -> str:
    """A text of at most a length, cut after a whole word, with an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0].rstrip(", ") + " …"


def flat(data: Mapping[str, Any], at: str = "") -> list[tuple[str, Any]]:
    """Dotted paths of a nested table and their values."""
    found = []
    for key, value in data.items():
        found += flat(value, f"{at}{key}.") if isinstance(value, Mapping) else [(f"{at}{key}", value)]
    return found


def plan_document(plan: Plan) -> dict[str, Any]:
    """How every document about one scenario begins: which it is, and what days it covers."""
    run = plan.scenario.run
    return {
        "schema": 1,
        "scenario": plan.name,
        "title": plan.title,
        "kind": "county" if plan.is_county else "textbook",
        "digest": plan.digest,
        "data_digest": plan.data_digest or None,
        "first_day": run.start.isoformat(),
        "last_day": run.last_day.isoformat(),
    }


# --- run ---


def _outcome_names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    from sim.outcome_names import LABELS

    there = [name for name in rows[0] if name not in ("scenario", "seed")] if rows else []
    return [name for name in LABELS if name in there] + [name for name in there if name not in LABELS]


def run_document(
    plan: Plan, seeds: Sequence[int], done: Sequence[Any], report: Any, failures: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What `run --json` prints."""
    from sim.runs.queueing_report import figure

    rows = [one.tables["summary"].to_dict("records")[0] for one in done if not one.failure]
    names = _outcome_names(rows)
    figures = {name: figure([row[name] for row in rows]) for name in names}
    document = {
        **plan_document(plan),
        "seeds": list(seeds),
        "outcomes": {
            name: rows[0][name] if len(rows) == 1 else value.mean for name, value in figures.items()
        },
        "half_width_95": {name: value.half_width for name, value in figures.items()},
        "runs": [{"seed": row["seed"], "outcomes": {name: row[name] for name in names}} for row in rows],
        "failures": list(failures),
        "warnings": list(plan.warnings),
    }
    if report is not None:
        document["queueing"] = report.to_dict()
    return document


def run_text(plan: Plan, seeds: Sequence[int], done: Sequence[Any], report: Any) -> str:
    """What `run` prints for people."""
    from sim.report.words import label
    from sim.runs.queueing_report import figure

    run = plan.scenario.run
    span = (
        f"seed {seeds[0]}"
        if len(seeds) == 1
        else f"{len(seeds)} replications, seeds {seeds[0]} to {seeds[-1]}"
    )
    lines = [f"{plan.name}: {plan.title}", f"{run.start} to {run.last_day}, {span}", ""]
    if report is not None:
        return "\n".join(lines) + "\n" + queueing_text(report)
    rows = [one.tables["summary"].to_dict("records")[0] for one in done if not one.failure]
    shown = []
    for name in _outcome_names(rows):
        value = figure([row[name] for row in rows])
        half = f"± {number(value.half_width)}" if value.n > 1 else ""
        shown.append([label(name, "en"), number(value.mean), half])
    if len(rows) == 1:
        shown = [row[:2] for row in shown]
    return "\n".join(lines) + "\n" + table(shown)


def queueing_text(report: Any, columns: int = 4) -> str:
    """The queueing report as tables: the total and a few matters beside each other."""
    from sim.runs.queueing_report import POST_MEASURES, measure_label

    parts = []
    if report.heading:
        parts.append(report.heading + "\n")
    names = list(report.matters)
    first: dict[str, Any] = {"total": report.total} if len(names) > 1 else {}
    blocks = [names[i : i + columns] for i in range(0, len(names), columns)]
    for i, block in enumerate(blocks):
        shown = {**(first if i == 0 else {}), **{m: report.matters[m] for m in block}}
        measures = []
        for found in shown.values():
            measures += [name for name in found if name not in measures]
        rows = [
            [measure_label(name), *(str(found[name]) if name in found else "" for found in shown.values())]
            for name in _ordered(measures)
        ]
        parts.append(table(rows, ["", *shown]) + "\n")
    if report.posts:
        names = list(next(iter(report.posts.values())))
        rows = [[post, *(str(found[name]) for name in names)] for post, found in report.posts.items()]
        parts.append(table(rows, ["post", *(POST_MEASURES[name] for name in names)]) + "\n")
    parts += _footnotes(report)
    return "\n".join(parts)


def _footnotes(report: Any) -> list[str]:
    """What the words of the tables mean, as far as they occur."""
    seen = {name for found in (report.total, *report.matters.values()) for name in found}
    several = any(len(matter.steps) > 1 for matter in report.plan.scenario.matters)
    leaves = any(report.total[name].mean > 0 for name in ("given_up_share", "blocked_share") if name in report.total)
    notes = []
    if any(found.n > 1 for found in report.total.values()):
        notes.append("±: half-width of a 95 % interval (Student's t over replications).")
    if several:
        notes.append("mean wait and P(wait): before the first step; mean wait in all: at all steps of a request.")
    elif leaves:
        notes.append("mean wait: of those served; mean wait in all: of all admitted, given-up ones included.")
    if any(name.startswith("p_within_") for name in seen):
        notes.append("P(wait <= t): share of admitted requests, given-up ones included, that began service within t.")
    if report.posts:
        notes.append("By post: a visit is a service begun there; its wait is the one before it, at that post.")
    return notes


def _ordered(measures: Sequence[str]) -> list[str]:
    within = sorted(
        (m for m in measures if m.startswith("p_within_")), key=lambda m: float(m[len("p_within_") :])
    )
    rest = [m for m in measures if not m.startswith("p_within_")]
    at = rest.index("p_wait") + 1 if "p_wait" in rest else len(rest)
    return rest[:at] + within + rest[at:]
