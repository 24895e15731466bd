"""Where do the next 20 posts, or the same money, help most?

Adds 20 posts to lean40, all at the units of one domain, domain by domain; beside them 20 posts divided by load, and
off-quota workers for the same money. And moves 20 posts: the same number of officials, 20 of them at one domain, the
others divided by load. Options are ranked outcome by outcome, and only those whose interval excludes zero.
"""

import pandas as pd

from sim.cli.experiments import main
from sim.outcome_names import BETTER_WHEN_LOWER
from sim.report.experiment import Found, Profile, Setting
from sim.report.experiment_figures import effects as effects_figure
from sim.report.numbers import amount, difference, is_share, signed
from sim.scenario.catalogue import read_catalogue
from sim.service.money import office_yuan_per_person_year, yuan_per_person_year

PROFILES = {
    "quick": Profile(5, {"run.end": "2020-12-31"}, lost="Five of six years: the posts come in the first, hardest one."),
    "paper": Profile(30),
}
BASE, POSTS = "lean40", 20
ADDED, MOVED = "added", "moved"
SIDES = {ADDED: f"{POSTS} posts more, or their money", MOVED: f"{POSTS} posts moved there, none more"}
BY_LOAD, OFF_QUOTA = "(by load)", "(off-quota workers)"
OUTCOMES = {
    "on_time_share": ("requests on time", "points"),
    "superior_on_time_share": ("superiors' tasks on time", "points"),
    "hazards_on_time_share": ("hazards on time", "points"),
    "elastic_undone_share": ("elastic work left undone", "points"),
    "thinned_share": ("minutes saved by thinner work", "points"),
    "overtime_hours_per_week": ("overtime of an official", "hours a week"),
}
COST = "cost_yuan_million_per_year"


def study(given: Setting) -> Found:
    base = given.plan(BASE)
    catalogue, levers = read_catalogue(base.data_folder), base.scenario.levers
    world = base.scenario.world
    whole = catalogue.value("reference_posts")
    share = {n: (round(whole * levers.staffing_share) + n) / whole for n in (-POSTS, POSTS)}
    official, off_quota = (
        yuan_per_person_year(world, kind) + office_yuan_per_person_year(world) for kind in ("official", "off_quota")
    )
    n_off_quota = round(POSTS * official / off_quota)
    domains = dict.fromkeys(u.domain for u in catalogue.units if u.structure == "lean" and u.kind != "leadership")
    options = {
        (BY_LOAD, ADDED): {"levers.staffing_share": share[POSTS]},
        (OFF_QUOTA, ADDED): {"levers.off_quota_workers": levers.off_quota_workers + n_off_quota},
    }
    for domain in domains:
        here = {"levers.added_posts": POSTS, "levers.added_posts_domain": domain}
        options[domain.replace("_", " "), ADDED] = here
        options[domain.replace("_", " "), MOVED] = {**here, "levers.staffing_share": share[-POSTS]}
    names = {f"{where}, {side}": (where, side) for where, side in options}
    found = given.compare({BASE: base, **{name: base.vary(options[key]) for name, key in names.items()}})
    table = found.differences
    table.insert(1, "lever", [names[name][0] for name in table["option"]])
    table.insert(2, "side", [names[name][1] for name in table["option"]])
    about = (
        f"Effect against {BASE}; {OFF_QUOTA[1:-1]}: {n_off_quota}, for the money of {POSTS} officials. "
        f"{given.about(base, found.n_failed)}"
    )
    shown = {outcome: OUTCOMES[outcome] for outcome in OUTCOMES if outcome in found.outcomes}
    figure = effects_figure(table, shown, SIDES, about)
    tables = {"levels": found.levels, "differences": table, "failures": found.failures}
    return Found(about, tables, {"effects": figure}, findings(table, shown))


def findings(table: pd.DataFrame, shown: dict[str, tuple[str, str]]) -> str:
    """The best places for each outcome, and what the best of them costs."""
    lines = []
    cost = table[table["outcome"] == COST].set_index("option")["mean"]
    for outcome, (title, unit) in shown.items():
        for side, words in SIDES.items():
            rows = table[(table["outcome"] == outcome) & (table["side"] == side)]
            gain = -rows["mean"] if outcome in BETTER_WHEN_LOWER else rows["mean"]
            is_told = (rows["low"] > 0) | (rows["high"] < 0)
            best = rows.assign(gain=gain)[is_told & (gain > 0)].sort_values("gain", ascending=False, kind="stable")[:3]
            if not len(best):
                lines.append(f"**{title}**, {words}: nowhere an improvement that can be told from luck.")
                continue
            told = [f"{r.lever} {difference(outcome, r.mean, r.low, r.high, 'en')}" for r in best.itertuples()]
            first = best.iloc[0]
            if side == ADDED and cost[first["option"]] > 0:
                factor = 100.0 if is_share(outcome) else 1.0
                rate = signed(factor * first["mean"] / cost[first["option"]], 2)
                told[0] += f" ({rate} {unit} a million yuan, of {amount(cost[first['option']])} million)"
            lines.append(f"**{title}** ({unit}), {words}: {'; '.join(told)}.")
    lines.append(
        f"{len(set(table['option']))} options and {len(shown)} outcomes: one interval in twenty errs by chance, "
        "all are compared with the same runs of the base and so err together, and places whose intervals overlap are "
        "not told apart. "
        "A post helps where the model's posts are short, and posts are laid out by an assumed budget of work."
    )
    return "\n".join(f"- {line}" for line in lines)


if __name__ == "__main__":
    main(__file__)
