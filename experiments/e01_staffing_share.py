"""How low can staffing go, in the lean and in the conventional structure?

Runs both structures at staffing shares from 0.25 to 1.0 with the same seeds. The people outside the posts are
those of lean40 and of conventional100 and do not follow the share; nor do the lean structure's transfers.
"""

import argparse
import sys
from datetime import date

from sim import compare, load
from sim.report.figures import against
from sim.report.tables import write_experiment

SHARES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)
PROFILES = {"quick": (3, date(2020, 12, 31)), "paper": (30, date(2025, 12, 31))}
STRUCTURES = {"conventional": "conventional100", "lean": "lean40"}
PANELS = {
    "on_time_share": ("requests on time", "%"),
    "superior_on_time_share": ("superiors' tasks on time", "%"),
    "overtime_hours_per_week": ("overtime", "hours a week"),
    "inner_open_days": ("inner work waiting", "days of inflow"),
    "elastic_undone_share": ("elastic work left undone", "%"),
    "thinned_share": ("minutes saved by thinner work", "%"),
    "satisfaction_end": ("satisfaction at the end", "0 to 1"),
    "paid_people": ("paid people in all", "people"),
}


def tell(done: int, all_runs: int) -> None:
    print(f"\r{done}/{all_runs} runs", end="", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    parser.add_argument("--out", default="results/e01_staffing_share")
    parser.add_argument("--workers", type=int)
    given = parser.parse_args()
    n, end = PROFILES[given.profile]
    points = {
        f"{structure} {share:g}": (
            structure,
            share,
            load(name).vary({"levers.staffing_share": share, "run.end": end}),
        )
        for structure, name in STRUCTURES.items()
        for share in SHARES
    }
    plans = {name: plan for name, (_, _, plan) in points.items()}
    found = compare(plans, n, workers=given.workers, progress=tell)
    levels, differences = found.levels, found.differences
    for frame in (levels, differences):
        frame.insert(1, "structure", [points[option][0] for option in frame["option"]])
        frame.insert(2, "staffing_share", [points[option][1] for option in frame["option"]])
    about = (
        f"e01 staffing share, profile {given.profile}: n = {n} runs of each option, seeds 1 to {n}, "
        f"2019-09-25 to {end}; whiskers are 95 % t-intervals over runs. {found.n_failed} runs failed."
    )
    figure = against(levels, "staffing_share", "structure", PANELS, "staffing share (of 4,658 posts)", about)
    tables = {"levels": levels, "differences": differences, "failures": found.failures}
    folder = write_experiment(given.out, tables, {"figure": figure}, f"{about}\n\n{__doc__}")
    print(f"\n{about}\n{folder}")


if __name__ == "__main__":
    main()
