"""One person, many posts: how many posts help, and when do switching and thin practice eat the gain?

Runs lean40 with 1 to 8 posts an official: as assumed, with free switching between posts, and with full skill
at every post from the first day (no learning, no forgetting). The gap between the lines is what each costs.
"""

import pandas as pd

from sim.analysis.labour import minutes_a_year
from sim.cli.experiments import main
from sim.report.experiment import Found, Profile, Setting
from sim.report.figures import against

POSTS = (1, 2, 3, 4, 6, 8)
PROFILES = {
    "quick": Profile(3, {"run.end": "2020-09-17"}, lost="All but the first year: what long practice and disuse do."),
    "paper": Profile(30),
}
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


def study(given: Setting) -> Found:
    lean = given.plan("lean40")
    points = {
        f"{posts} posts, {name}": (name, posts, lean.vary({"levers.posts_per_official": posts, **changes}))
        for name, changes in MECHANISMS.items()
        for posts in POSTS
    }
    found = given.compare({name: plan for name, (_, _, plan) in points.items()})
    levels, differences = found.levels, found.differences
    ledger = minutes_a_year(found).query("kind == 'official'")
    levels = add_shares(levels, ledger)
    for frame in (levels, differences):
        frame.insert(1, "mechanism", [points[option][0] for option in frame["option"]])
        frame.insert(2, "posts_per_official", [points[option][1] for option in frame["option"]])
    about = f"lean40. {given.about(lean, found.n_failed)}"
    figure = against(levels, "posts_per_official", "mechanism", PANELS, "posts per official", about)
    tables = {"levels": levels, "differences": differences, "ledger": ledger, "failures": found.failures}
    return Found(about, tables, {"figure": figure})


def add_shares(levels, ledger):
    """Append the shares of presence that go to changing posts and to waiting for work."""
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
    main(__file__)
