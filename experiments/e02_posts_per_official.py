"""One person, many posts: how many posts help, and when do switching and thin practice eat the gain?

Runs lean40 with 1 to 8 posts an official: as assumed, with free switching between posts, and with full skill
at every post from the first day (no learning, no forgetting). The gap between the lines is what each costs.
"""

import argparse
import sys
from datetime import date

from sim import compare, load
from sim.analysis.labour import minutes_a_year
from sim.report.figures import against
from sim.report.tables import write_experiment

POSTS = (1, 2, 3, 4, 6, 8)
PROFILES = {"quick": (3, date(2020, 9, 17)), "paper": (30, date(2025, 12, 31))}
MECHANISMS = {
    "as assumed": {},
    "free switching": {"behaviour.setup": False},
    "full skill": {"behaviour.learning": False},
}
PANELS = {
    "on_time_share": ("requests on time", "%"),
    "median_days": ("median time to resolve", "days"),
    "p90_days": ("90th percentile", "days"),
    "overtime_hours_per_week": ("overtime", "hours a week"),
    "elastic_undone_share": ("elastic work left undone", "%"),
    "skill_end": ("mean skill at posts held, end", "1 = full"),
    "setup_share": ("officials' presence spent on changing", "%"),
    "idle_share": ("officials' presence spent waiting", "%"),
}


def tell(done: int, all_runs: int) -> None:
    print(f"\r{done}/{all_runs} runs", end="", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    parser.add_argument("--out", default="results/e02_posts_per_official")
    parser.add_argument("--workers", type=int)
    given = parser.parse_args()
    n, end = PROFILES[given.profile]
    lean = load("lean40").vary({"run.end": end})
    points = {
        f"{posts} posts, {name}": (name, posts, lean.vary({"levers.posts_per_official": posts, **changes}))
        for name, changes in MECHANISMS.items()
        for posts in POSTS
    }
    plans = {name: plan for name, (_, _, plan) in points.items()}
    found = compare(plans, n, workers=given.workers, progress=tell)
    levels, differences = found.levels, found.differences
    ledger = minutes_a_year(found).query("kind == 'official'")
    levels = add_shares(levels, ledger)
    for frame in (levels, differences):
        frame.insert(1, "mechanism", [points[option][0] for option in frame["option"]])
        frame.insert(2, "posts_per_official", [points[option][1] for option in frame["option"]])
    about = (
        f"e02 posts per official, profile {given.profile}: lean40, n = {n} runs of each option, seeds 1 to "
        f"{n}, 2019-09-25 to {end}; whiskers are 95 % t-intervals over runs. {found.n_failed} runs failed."
    )
    figure = against(levels, "posts_per_official", "mechanism", PANELS, "posts per official", about)
    tables = {"levels": levels, "differences": differences, "ledger": ledger, "failures": found.failures}
    folder = write_experiment(given.out, tables, {"figure": figure}, f"{about}\n\n{__doc__}")
    print(f"\n{about}\n{folder}")


def add_shares(levels, ledger):
    """Append the shares of presence that go to changing posts and to waiting for work."""
    import pandas as pd

    wide = ledger.pivot(index="option", columns="entry", values="minutes")
    presence = wide["paid"] + wide["overtime"] - wide["absent"]
    rows = [levels]
    for entry in ("setup", "idle"):
        for end in ("minutes", "low", "high"):
            wide[end] = ledger[ledger["entry"] == entry].set_index("option")[end] / presence
        rows.append(wide.reset_index()[["option", "minutes", "low", "high"]]
                    .rename(columns={"minutes": "mean"}).assign(outcome=f"{entry}_share"))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


if __name__ == "__main__":
    main()
