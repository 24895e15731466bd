"""What `leancounty check` says of a scenario: what it resolves to, what is assumed, which sources disagree."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sim.cli.execute import check_data
from sim.cli.text import flat, number, plan_document, table
from sim.scenario import Plan, register
from sim.scenario.catalogue import TABLES, read_catalogue
from sim.scenario.data_register import data_register
from sim.scenario.evidence import conflicts_in_force
from sim.scenario.textbook_checks import COUNTY_MECHANISMS


def check_document(plan: Plan) -> dict[str, Any]:
    """What a scenario resolves to.

    Raises:
        ScenarioError: when its network cannot be built.
    """
    run = plan.scenario.run
    rows = [row for row in register(plan) if _is_in_force(plan, row["path"])]
    document: dict[str, Any] = {
        **plan_document(plan),
        "valid": True,
        "run_in_days": run.run_in_days,
        "warm_up_minutes": run.warm_up_minutes,
        "replications": run.replications,
        "seed": run.seed,
        "dates": [
            r.model_dump(
                mode="json", include={"date", "what", "to", "ramp_days", "earliest", "latest"}, exclude_none=True
            )
            for r in sorted(plan.scenario.reforms, key=lambda r: r.date)
        ],
        "numbers": dict(Counter(row["status"] for row in rows)),
        "assumed": [{key: _plain(row[key]) for key in ("path", "value", "unit", "low", "high", "sentence")}
                    for row in rows if row["status"] == "assumed"],
        "data_rows": {},
        "assumed_rows": [],
        "conflicts": conflicts_in_force(plan),
        "warnings": list(plan.warnings),
        "load": None,
        "offered_load": None,
        "unstable": False,
    }  # fmt: skip
    if plan.is_county:
        check_data(plan)
        catalogue = read_catalogue(plan.data_folder)
        document["data_rows"] = dict(Counter(row.status for table in TABLES for row in getattr(catalogue, table)))
        document["assumed_rows"] = [
            {key: _plain(value) for key, value in row.items() if key != "status"}
            for row in data_register(catalogue) if row["status"] == "assumed"
        ]  # fmt: skip
        start, end = plan.settings(run.start), plan.settings(run.last_day)
        document["levers"] = {
            "start": dict(flat(start.levers.model_dump(mode="json"))),
            "end": dict(flat(end.levers.model_dump(mode="json"))),
        }
        document["people"] = {
            day.isoformat(): _people(plan, day) for day in sorted({run.start, run.last_day})
        }
    else:
        from sim.runs.stability import stability

        found = stability(plan)
        document["load"], document["unstable"] = found.load, found.is_unstable
        document["offered_load"] = found.offered
        document["people"] = {run.start.isoformat(): _people(plan, run.start)}
    return document


_MECHANISMS = {
    "setup_": "setup", "thinning_": "thinning", "overtime_": "overtime", "fatigue_": "fatigue",
    "new_post_skill": "learning", "entrant_skill": "learning", "learning_": "learning",
    "forgetting_": "learning", "practice_": "learning",
    "rework_": "rework", "attendance_": "attendance", "official_quits": "quits", "grid_worker_quits": "quits",
    "vacancy_": "quits", "satisfaction_": "satisfaction", "expectation_": "satisfaction", "first_": "satisfaction",
    "loss_": "satisfaction", "pace_gain": "pace_under_load", "saturation_": "pace_under_load",
    "load_memory": "pace_under_load", "standards_": "standards_erode", "duty_": "learning",
    "retirement_": "retirement", "variety_": "variety",
}  # fmt: skip
"""Beginning of the name of a number of `behaviour` -> the mechanism without which it has no effect."""
_OF_COUNTIES = ("organization_", "elastic_", "patience_", "assessment_", "setup_minutes_far", "rework_when_thin")


def _is_in_force(plan: Plan, path: str) -> bool:
    """Whether a number of the register has an effect: its mechanism is on, now or from a date on."""
    if not path.startswith("behaviour."):
        return True
    name = path.removeprefix("behaviour.")
    if not plan.is_county and name.startswith(_OF_COUNTIES):
        return False
    mechanism = next((m for start, m in _MECHANISMS.items() if name.startswith(start)), None)
    if not plan.is_county and mechanism in COUNTY_MECHANISMS:
        return False
    if mechanism is None or getattr(plan.scenario.behaviour, mechanism):
        return True
    return any(reform.what == f"behaviour.{mechanism}" and reform.to for reform in plan.scenario.reforms)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def _people(plan: Plan, day: Any) -> dict[str, int]:
    """Workers of each kind on a day; building the network finds what only a whole network can have wrong."""
    from sim.scenario import textbook_network

    settings = plan.settings(day)
    if not plan.is_county:
        return dict(Counter(worker.kind for worker in textbook_network(settings).workers))
    from sim.scenario.county_network import county_network

    network = county_network(settings, read_catalogue(settings.data_folder))
    return dict(Counter(worker.kind for worker in network.workers if not worker.organization))


def check_text(document: Mapping[str, Any], has_rows: bool = False) -> str:
    """The document of `check` for people; the numbers of assumed data rows only if `has_rows`."""
    d = document
    lines = [f"{d['scenario']}: {d['title']}", f"valid; digest {d['digest']}"]
    span = f"{d['first_day']} to {d['last_day']}"
    if d["run_in_days"]:
        span += f", after {d['run_in_days']} days of run-in"
    if d["warm_up_minutes"]:
        span += f", {d['warm_up_minutes']:g} minutes of warm-up"
    lines.append(
        f"{span}; {d['replications']} replication{'s' * (d['replications'] != 1)} from seed {d['seed']}"
    )
    for day, kinds in d["people"].items():
        lines.append(
            f"people on {day}: " + ", ".join(f"{n:,} {kind.replace('_', ' ')}" for kind, n in kinds.items())
        )
    if d["kind"] == "textbook":
        state = "unstable: the backlog grows" if d["unstable"] else "the backlog stays bounded"
        lines.append(f"offered load: {number(d['offered_load'])} of capacity ({state})")
        if d["load"] and d["load"] != d["offered_load"]:
            lines.append(
                f"busiest posts, without requests that leave or are turned away: {number(d['load'])}"
            )
    else:
        lines += ["", "Levers", *(f"  {path} = {value}" for path, value in d["levers"]["start"].items())]
    if d["dates"]:
        lines += ["", "By date"]
        for r in d["dates"]:
            ramp = f" over {r['ramp_days']} days" if r["ramp_days"] else ""
            free = f" (free date: {r['earliest']} to {r['latest']})" if "earliest" in r else ""
            lines.append(f"  {r['date']}  {r['what']} = {r['to']}{ramp}{free}")
    if d["numbers"]:
        counts = ", ".join(f"{n} {status}" for status, n in sorted(d["numbers"].items()))
        lines += ["", f"Numbers: {counts}"]
    if d["assumed"]:
        rows = [
            [row["path"], _brief(row["value"]), f"{_brief(row['low'])} to {_brief(row['high'])}", row["unit"]]
            for row in d["assumed"]
        ]
        lines += ["", "Assumed", table(rows, ["number", "value", "range", "unit"])]
    if d["data_rows"]:
        counts = ", ".join(f"{n} {status}" for status, n in sorted(d["data_rows"].items()))
        lines += ["", f"Rows of the county's data: {counts}" + ("" if has_rows else " (--rows lists the assumed ones)")]
    if has_rows:
        lines += _rows_text(d["assumed_rows"])
    if d["conflicts"]:
        lines += ["", "Sources that disagree, behind numbers in force"]
    for c in d["conflicts"]:
        lines.append(f"  {', '.join(c['numbers'])}")
        lines += [f"    {s['what']}: {s['value']} {s['unit']} ({s['refers_to']}; {s['source']}) [{s['id']}]"
                  for s in c["statements"]]  # fmt: skip
        lines.append(f"    read as: {'; '.join(c['readings'])}")
    lines += [f"warning: {text}" for text in d["warnings"]]
    return "\n".join(lines)


def _rows_text(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Numbers of assumed rows, file by file: what each column means, then name, value, range and unit."""
    lines = []
    for file in dict.fromkeys(row["file"] for row in rows):
        mine = [row for row in rows if row["file"] == file]
        lines += ["", f"Assumed in {file}: {len({row['row'] or row['number'] for row in mine})} rows"]
        lines += [f"  {number}: {text}" for number, text in {row["number"]: row["sentence"] for row in mine}.items()]
        cells = [
            ["  " + ".".join(word for word in (row["row"], row["number"]) if word), _brief(row["value"]),
             "-" if row["low"] is None else f"{_brief(row['low'])} to {_brief(row['high'])}", row["unit"]]
            for row in mine
        ]  # fmt: skip
        lines.append(table(cells, ["  number", "value", "range", "unit"]))
    return lines


def _brief(value: Any) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:g}"
    if isinstance(value, list):
        return "[" + ", ".join(_brief(one) for one in value) + "]"
    return "-" if value is None else str(value)
