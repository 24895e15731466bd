"""At which value of each unknown does 40 % stop holding, and how often does overload begin, ease, never ease?

Option: lean40. Base: conventional100 in the same world with the same seeds. 40 % holds when, in the last year of the
run, every criterion of `sim.analysis.robustness.criteria` does. One at a time, each unknown of e05_unknowns.toml moves
over its range in the evidence register: the critical value is where the smallest margin crosses zero. Then all move at
once, in draws of a Latin hypercube, even over their ranges (in the logarithm where these span a factor of ten).
"""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from sim.analysis.intervals import estimate
from sim.analysis.robustness import criteria, overload
from sim.analysis.robustness.critical import critical_value
from sim.analysis.robustness.draws import Unknown, latin_hypercube, unknown
from sim.cli.experiments import main
from sim.outcomes import OVERLOAD_HOURS_PER_WEEK
from sim.report.experiment import Found, Profile, Setting
from sim.report.experiment_figures import overload_paths, tornado
from sim.report.numbers import per_cent
from sim.scenario import Plan, ScenarioError

OPTION, BASE = "lean40", "conventional100"
ALL = "40 % holds"
PROFILES = {
    "quick": Profile(
        2,
        {"run.end": "2021-06-30"},
        {"values": 2, "draws": 20, "draws_until": 2025},
        "Along each unknown four and a half of six years, and critical values from three points a range; shares from "
        "20 draws.",
    ),
    "paper": Profile(10, {}, {"values": 9, "draws": 300}),
}


def study(given: Setting) -> Found:
    sizes = given.profile.sizes
    plans = {BASE: given.plan(BASE), OPTION: given.plan(OPTION)}
    said = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["unknowns"]
    unknowns = [one for one in (unknown(plans[OPTION], entry) for entry in said) if one is not None]
    missing = [entry["name"] for entry in said if entry["path"] not in {one.path for one in unknowns}]
    points = [(one.name, x, seed, {one.path: x}) for one in unknowns for x in one.grid(sizes["values"])
              for seed in range(1, given.profile.replications + 1)]  # fmt: skip
    u = latin_hypercube([one.path for one in unknowns], sizes["draws"])
    draws = [("", float(i), i + 1, {one.path: one.spread(u[one.path][i]) for one in unknowns})
             for i in range(sizes["draws"])]  # fmt: skip
    until = sizes.get("draws_until")
    longer = {"run.end": f"{until}-12-31"} if until else {}
    table, months, years, failures, refused = judge(given, plans, unknowns, points + draws, longer)
    single, drawn = table[table["unknown"] != ""], table[table["unknown"] == ""].drop(columns=["unknown", "x"])
    one_at_a_time, criticals = along(unknowns, single)
    worked = {draw: overload.overload_path(mine) for draw, mine in months.groupby("draw")}
    asked = {draw: overload.overload_path(mine, "load", overload.LOAD_LIMIT, 1) for draw, mine in years.groupby("draw")}
    for stem, paths in {"overtime": worked, "load": asked}.items():
        told = pd.DataFrame([{"draw": draw, f"{stem}_overload": path.kind, f"{stem}_begins": path.begins,
                              f"{stem}_eases": path.eases} for draw, path in paths.items()])  # fmt: skip
        drawn = drawn.merge(told, on="draw", how="left") if len(told) else drawn
    often = pd.concat([
        overload.shares(list(worked.values())).assign(kind=lambda frame: "overtime: overload " + frame["kind"]),
        overload.shares(list(asked.values())).assign(kind=lambda frame: "offered load: overload " + frame["kind"]),
    ])  # fmt: skip
    held = {ALL: drawn["holds"], **{c.sentence: drawn[f"margin_{c.measure}"] >= 0 for c in criteria.CRITERIA}}
    shares = [{"kind": name, **overload.share_of(list(holds))} for name, holds in held.items()]
    often = pd.concat([often, pd.DataFrame(shares)], ignore_index=True)
    n, run = given.profile.replications, plans[OPTION].scenario.run
    last = longer.get("run.end", run.last_day)
    about = (
        f"{given.name}, profile {given.profile_name}: {OPTION} against {BASE}, one at a time with seeds 1 to {n}, "
        f"{run.start} to {run.last_day}, and {sizes['draws']} draws with a seed each, to {last}; criteria in the last "
        f"year; 95 % intervals (t over seeds, Wilson for shares). {len(failures)} runs failed."
    )
    figures = {"margins": tornado(one_at_a_time, "margin", "smallest margin of the criteria", about)}
    for c in criteria.CRITERIA:
        figures[f"margin_{c.measure}"] = tornado(one_at_a_time, f"margin_{c.measure}", c.sentence, about)
    for name, rows, when, measure, paths, limit, label in (
        ("overload", months, "date", "overtime_hours_per_week", worked, OVERLOAD_HOURS_PER_WEEK,
         "overtime of an official, hours a week"),
        ("offered_load", years, "year", "load", asked, overload.LOAD_LIMIT,
         "offered load, share of officials' regular hours"),
    ):  # fmt: skip
        if paths:
            kinds = {draw: path.kind for draw, path in paths.items()}
            whole = rows[rows["days"] >= overload.LEAST_DAYS]
            figures[name] = overload_paths(whole, measure, kinds, overload.KINDS, limit, label, about, when)
    notes = [f"Refused: {one}" for one in refused]
    if missing:
        notes.append(f"Not in this version, left out: {', '.join(missing)}.")
    tables = {"one_at_a_time": one_at_a_time, "critical_values": criticals, "draws": drawn, "often": often,
              "paths": months, "loads": years, "failures": failures}  # fmt: skip
    return Found(about, tables, figures, answer(criticals, often, drawn, notes))


def judge(
    given: Setting, plans: dict[str, Plan], unknowns: list[Unknown], points: list[tuple], longer: dict[str, str]
) -> tuple:
    """Run base and option at every point, in the draws with the changes `longer`; the same plan and seed is run once.

    Returns:
        One row a point that both finished (unknown, x, seed, draw, values, measures, margins); months and years of the
        option in the draws; runs that failed; points that the scenario language refuses.
    """
    jobs: dict[tuple[str, int], tuple[Plan, int]] = {}
    wanted, refused = [], []
    for name, x, seed, where in points:
        pair = {}
        try:
            for option, plan in plans.items():
                values = {o.path: o.value(where[o.path]) for o in unknowns
                          if o.path in where and (o.is_world or option == OPTION)}  # fmt: skip
                values |= {} if name else longer
                pair[option] = plan.vary(values) if values else plan
        except ScenarioError as error:
            refused.append(f"{where}: {error.problems[0]}")
            continue
        keys = {option: (plan.digest, seed) for option, plan in pair.items()}
        jobs |= {keys[option]: (plan, seed) for option, plan in pair.items()}
        wanted.append((name, x, seed, where, keys))
    done = dict(zip(jobs, given.run(list(jobs.values()), ["daily", "monthly"], criteria.judged), strict=True))
    failures = pd.DataFrame([one.as_failure() for one in done.values() if one.failure],
                            columns=["scenario", "seed", "reason"])  # fmt: skip
    rows, measured = [], {BASE: [], OPTION: []}
    months = [pd.DataFrame(columns=["draw", "date", "days", "overtime_hours_per_week"])]
    years = [pd.DataFrame(columns=["draw", "date", "days", "year", "load", "load_without_elastic"])]
    for name, x, seed, where, keys in wanted:
        if any(done[key].failure for key in keys.values()):
            continue
        rows.append({"unknown": name, "x": x, "draw": -1 if name else int(x), "seed": seed,
                     **({} if name else {o.path: str(v) if o.is_choice else where[o.path]
                                         for o in unknowns for v in [o.value(where[o.path])]})})  # fmt: skip
        for option, key in keys.items():
            measured[option].append(done[key].value[0])
        if not name:
            for some, found in zip((months, years), done[keys[OPTION]].value[1:], strict=True):
                some.append(found.assign(draw=int(x)))
    option, base = (pd.DataFrame(measured[name], columns=criteria.MEASURES) for name in (OPTION, BASE))
    table = pd.concat([pd.DataFrame(rows), option.add_prefix(f"{OPTION}_"), base.add_prefix(f"{BASE}_"),
                       criteria.margins(option, base)], axis=1)  # fmt: skip
    in_time = [pd.concat(some[1:] or some, ignore_index=True) for some in (months, years)]
    return table, *in_time, failures, refused


def along(unknowns: list[Unknown], single: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Margins along each unknown (means over seeds), and where each of them, and the smallest, crosses zero."""
    rows, criticals = [], []
    for one in unknowns:
        mine = single[single["unknown"] == one.name]
        about = {"unknown": one.name, "path": one.path, "unit": one.unit}
        for x, at in mine.groupby("x"):
            found = estimate(at["margin"].to_numpy())
            text = str(one.value(x)) if one.is_choice else f"{x:,.10g}"
            rows.append({**about, "x": x, "text": text, "is_choice": one.is_choice, "is_current": x == one.current,
                         "margin": found.mean, "low": found.low, "high": found.high, "n": found.n,
                         "holds": int(at["holds"].sum()), "binding": at["binding"].mode().iloc[0],
                         **{f"margin_{m}": at[f"margin_{m}"].mean() for m in criteria.MEASURES}})  # fmt: skip
        whole = mine.groupby("seed")["x"].nunique() == mine["x"].nunique()  # no run of the seed failed
        for criterion, column in {ALL: "margin", **{m: f"margin_{m}" for m in criteria.MEASURES}}.items():
            wide = mine.pivot(index="seed", columns="x", values=column).loc[whole]
            row = {**about, "range_low": one.low, "current": one.current, "range_high": one.high,
                   "criterion": criterion, "n": len(wide)}  # fmt: skip
            if one.is_choice:
                held = [f"{one.value(x)} {int((wide[x] >= 0).sum())} of {len(wide)}" for x in wide]
                criticals.append({**row, "answer": f"seeds that hold: {', '.join(held)}"})
            elif not len(wide):
                criticals.append({**row, "answer": "no seed finished at all values"})
            else:
                found = critical_value(list(wide.columns), wide.to_numpy())
                where = {"value": found.value, "low": found.low, "high": found.high}
                criticals.append({**row, "answer": str(found), **where})
    return pd.DataFrame(rows), pd.DataFrame(criticals)


def answer(criticals: pd.DataFrame, often: pd.DataFrame, drawn: pd.DataFrame, notes: list[str]) -> str:
    """The critical values and shares as people read them."""
    names = [ALL, *criteria.MEASURES]
    lines = [f"| unknown, unit | range (as assumed) | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    for unknown_name, mine in criticals.groupby("unknown", sort=False):
        row = mine.iloc[0]
        ends = [row["range_low"], row["range_high"], row["current"]]
        span = "choices" if np.isnan(ends[0]) else "{:,.10g} – {:,.10g} ({:,.10g})".format(*ends)
        answers = mine.set_index("criterion")["answer"]
        lines.append(f"| {unknown_name}, {row['unit']} | {span} | {' | '.join(answers[name] for name in names)} |")
    lines += ["", f"Over {len(drawn)} draws of all unknowns at once:"]
    for row in often.to_dict("records"):
        interval = f"[{per_cent(row['low'], 0)}, {per_cent(row['high'], 0)}]"
        lines.append(f"- {row['kind']}: {per_cent(row['share'], 0)} {interval}")
    binding = drawn.loc[~drawn["holds"], "binding"].value_counts()
    if len(binding):
        counts = ", ".join(f"{name} {n}" for name, n in binding.items())
        lines.append(f"- where 40 % fails, the criterion with the smallest margin: {counts}")
    return "\n".join([*lines, *(f"- {note}" for note in notes)])


if __name__ == "__main__":
    main(__file__)
