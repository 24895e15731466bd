"""How low can staffing go, in the lean and in the conventional structure?

Runs both structures at staffing shares from 0.25 to 1.0 with the same seeds. The people outside the posts are
those of lean40 and of conventional100 and do not follow the share; nor do the lean structure's transfers.
"""

from sim.cli.experiments import main
from sim.report.experiment import Found, Profile, Setting
from sim.report.figures import against

SHARES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)
PROFILES = {
    "quick": Profile(3, {"run.end": "2020-12-31"}, lost="Five of six years: most learning, transfers, easing."),
    "paper": Profile(30),
}
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


def study(given: Setting) -> Found:
    points = {
        f"{structure} {share:g}": (structure, share, given.plan(name).vary({"levers.staffing_share": share}))
        for structure, name in STRUCTURES.items()
        for share in SHARES
    }
    found = given.compare({name: plan for name, (_, _, plan) in points.items()})
    levels, differences = found.levels, found.differences
    for frame in (levels, differences):
        frame.insert(1, "structure", [points[option][0] for option in frame["option"]])
        frame.insert(2, "staffing_share", [points[option][1] for option in frame["option"]])
    about = given.about(found.plans[found.base], found.n_failed)
    figure = against(levels, "staffing_share", "structure", PANELS, "staffing share (of 4,658 posts)", about)
    return Found(about, {"levels": levels, "differences": differences, "failures": found.failures}, {"figure": figure})


if __name__ == "__main__":
    main(__file__)
