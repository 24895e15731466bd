"""What does each reform do alone: switched on from conventional40, and taken away from lean40?

Every lever in which the two scenarios differ is switched on alone from conventional40, with its dates, and off alone
from lean40; levers that neither moves are set, alone, to the value stated beside this script. An effect is always that
of having the lever, by pairs of runs with the same seed. Expected signs and mechanisms stand in e04_levers.toml;
a finding against expectation, and a lever that changes nothing at all, are said and never left out. A lever whose
first date lies after the profile's end is set, alone, from the first day in both.
"""

import tomllib
from pathlib import Path

import pandas as pd

from sim import load
from sim.analysis import levers
from sim.cli.experiments import main
from sim.report.experiment import Found, Profile, Setting
from sim.report.experiment_figures import effects as effects_figure
from sim.report.numbers import difference
from sim.scenario import ScenarioError

PROFILES = {
    "quick": Profile(
        3,
        {"run.end": "2020-12-31"},
        lost="What is dated after 2020 is brought forward (named above); most of the transfers' ramp, slow learning "
        "and easing are not seen.",
    ),
    "paper": Profile(20),
}
WITHOUT, WITH = "conventional40", "lean40"
SIDES = {WITHOUT: f"on alone from {WITHOUT}", WITH: f"off alone from {WITH}"}
OUTCOMES = {
    "on_time_share": ("requests on time", "points"),
    "p90_days": ("90th percentile of time to resolve", "days"),
    "hand_overs_per_request": ("hand-overs per request", "hand-overs"),
    "superior_on_time_share": ("superiors' tasks on time", "points"),
    "overtime_hours_per_week": ("overtime of an official", "hours a week"),
    "fatigue_end": ("fatigue at the end", "0 to 1"),
    "thinned_share": ("minutes saved by thinner work", "points"),
    "elastic_undone_share": ("elastic work left undone", "points"),
    "satisfaction_end": ("satisfaction at the end", "0 to 1"),
    "cost_yuan_million_per_year": ("cost", "million yuan a year"),
    "paid_people": ("paid people", "people"),
}


def study(given: Setting) -> Found:
    said = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    stated = {entry["lever"]: entry for entry in said["levers"]}
    bases = {name: given.plan(name) for name in SIDES}
    end = bases[WITH].scenario.run.last_day
    groups = {name: entry["paths"] for name, entry in stated.items() if "paths" in entry}
    moved = levers.levers_between(bases[WITHOUT], bases[WITH], groups)
    known = set(levers.lever_paths(bases[WITH]))
    added = {name: entry["set"] for name, entry in stated.items() if "set" in entry and known.issuperset(entry["set"])}
    late = {m.name: m for m in moved if m.since > end}
    added |= {name: levers.first_moves(load(WITH), m.paths) for name, m in late.items()}
    notes = [f"**Brought forward**: `{name}` first moves on {m.since}, after the end {end}: in force, alone, from the "
             f"first day in both, with the value that it first takes." for name, m in late.items()]  # fmt: skip
    covered = {path for one in moved for path in one.paths} | {path for values in added.values() for path in values}
    if left_out := sorted(f"`{path}`" for path in known - covered):
        notes.append(f"Not tried, since neither scenario moves them and no value is stated: {', '.join(left_out)}.")
    expected = {name: entry.get("signs", {}) for name, entry in stated.items()}
    plans, frames, failures = {}, [], []
    for side, other in ((WITHOUT, WITH), (WITH, WITHOUT)):
        makers = {m.name: (levers.switched, bases[side], bases[other], m.paths) for m in moved if m.name not in late}
        makers |= {name: (type(bases[side]).vary, bases[side], values) for name, values in added.items()}
        plans[side] = {side: bases[side]}
        for name, (make, *arguments) in makers.items():
            try:
                plans[side][name] = make(*arguments)
            except ScenarioError as error:
                notes.append(f"**Refused**: `{name}`, {SIDES[side]}: {error.problems[0]}")
    n, done = given.profile.replications, 0
    in_all = n * sum(map(len, plans.values()))
    for side, options in plans.items():
        found = given.compare(options, lambda i, _, before=done: given.progress(before + i, in_all))
        done += n * len(options)
        # a lever that neither scenario moves is added on both sides; one that lean40 has is taken away from it
        signs = {name: -1 if side == WITH and name not in added else 1 for name in found.options}
        shown = [outcome for outcome in OUTCOMES if outcome in found.outcomes]
        frame = levers.effects(found, signs, expected, shown)
        how = [f"set alone in {side}" if name in added else SIDES[side] for name in frame["lever"]]
        frames.append(frame.assign(side=side, how=how))
        failures.append(found.failures)
    table, failures = pd.concat(frames, ignore_index=True), pd.concat(failures, ignore_index=True)
    about = given.about(bases[WITH], len(failures))
    shown = {outcome: OUTCOMES[outcome] for outcome in OUTCOMES if outcome in set(table["outcome"])}
    drawn = table.assign(lever=[f"{name} *" if name in added else name for name in table["lever"]])
    star = "with a star: set alone in both, as neither scenario moves it before the end"
    note = f"Effect of having the lever; {star}. {about}"
    figure = effects_figure(drawn, shown, SIDES, note)
    answer = findings(table, stated, notes)
    tables = {"effects": table, "failures": failures}
    return Found(about, tables, {"effects": figure}, answer, {"effects": markdown(table, shown, stated)})


def findings(table: pd.DataFrame, stated: dict, notes: list[str]) -> str:
    """What must be seen at once: levers without any effect, signs against expectation, what is missing."""
    lines = []
    for (lever, side, how), _ in table[table["is_zero"]].groupby(["lever", "side", "how"], sort=False):
        why = stated.get(lever, {}).get("inert", {}).get(side, "no reason is known: a fault, or too short a run?")
        lines.append(f"**NO EFFECT AT ALL**: `{lever}`, {how}: every outcome of every run is the same ({why}).")
    for row in table[table["finding"] == levers.AGAINST].itertuples():
        size = difference(row.outcome, row.mean, row.low, row.high, "en")
        where = f"`{row.lever}`, {row.how}: {row.outcome}"
        why = stated.get(row.lever, {}).get("explained", {}).get(f"{row.side}.{row.outcome}", "")
        lines.append(f"**Against expectation**: {where} {size}, expected {row.expected}. {why or 'Not explained yet.'}")
    for lever in dict.fromkeys(table["lever"]):
        if lever not in stated:
            lines.append(f"**No mechanism stated** for `{lever}` in e04_levers.toml.")
    counts = table["finding"].value_counts()
    lines.append(f"Of {len(table)} effects: " + ", ".join(f"{counts[name]} {name}" for name in counts.index)
                 + ". One in twenty intervals errs by chance.")  # fmt: skip
    return "\n".join(f"- {line}" for line in [*lines, *notes])


def markdown(table: pd.DataFrame, shown: dict, stated: dict) -> str:
    """The effects as a table, a row a lever and side, and the mechanisms."""
    marks = {levers.AGAINST: " **!**", levers.CANNOT_TELL: " ~", levers.ZERO: " ="}
    titles = " | ".join(f"{title}, {unit}" for title, unit in shown.values())
    lines = [
        "Effect of having the lever, with its 95 % interval; in round brackets the expected sign. **!** against the "
        "expected sign, ~ cannot tell, = exactly zero in every run.",
        "",
        f"| lever | side | {titles} |",
        "|---" * (len(shown) + 2) + "|",
    ]
    for (lever, how), mine in table.groupby(["lever", "how"], sort=False):
        cells = []
        for row in mine.set_index("outcome").loc[list(shown)].itertuples():
            text = difference(row.Index, row.mean, row.low, row.high, "en")
            cells.append(text + (f" ({row.expected})" if row.expected else "") + marks.get(row.finding, ""))
        lines.append(f"| `{lever}` | {how} | " + " | ".join(cells) + " |")
    lines += ["", "| lever | mechanism | source |", "|---|---|---|"]
    for lever in dict.fromkeys(table["lever"]):
        entry = stated.get(lever, {"mechanism": "**not stated**", "source": ""})
        values = "; ".join(f" `{path}` = {value}" for path, value in entry.get("set", {}).items())
        lines.append(f"| `{lever}` | {entry['mechanism']}{values and ' Set:' + values} | {entry['source']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(__file__)
