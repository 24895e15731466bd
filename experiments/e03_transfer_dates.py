"""When should functions go to social organizations: never, early, late, in waves, or all at once?

Runs lean40 with five time tables of transfer in an immature, the assumed and a mature market.
Early and late hand over the 85 functions of 2025 at once, waves in four yearly steps, all at once all 154.
"""

import pandas as pd

from sim.cli.experiments import main
from sim.report.experiment import Found, Profile, Setting
from sim.report.figures import against

PROFILES = {
    "quick": Profile(3, {"run.end": "2023-12-31"}, lost="The last two of six years."),
    "paper": Profile(30),
}
MARKETS = {"immature market (0.1)": 0.1, "assumed market (0.3)": 0.3, "mature market (0.8)": 0.8}
SCHEDULES = {
    "none": [],
    "early": [("2020-01-01", 85)],
    "late": [("2022-07-01", 85)],
    "waves": [("2020-01-01", 22), ("2021-01-01", 43), ("2022-01-01", 64), ("2023-01-01", 85)],
    "all at once": [("2020-01-01", 154)],
}
PANELS = {
    "on_time_share": ("requests on time", "%"),
    "superior_open_days": ("superiors' tasks waiting", "days"),
    "overtime_hours_per_week": ("overtime", "hours a week"),
    "elastic_undone_share": ("elastic work left undone", "%"),
    "transferred_minutes_per_year_million": ("served by organizations", "million min / year"),
    "functions_handed_back_share_end": ("handed back at the end", "% of functions"),
    "organizations_alive_end": ("organizations at work at the end", "organizations"),
    "satisfaction_end": ("satisfaction at the end", "0 to 1"),
}
WHAT = "levers.transfer.functions"


def study(given: Setting) -> Found:
    lean = given.plan("lean40")
    end = lean.scenario.run.last_day
    others = [  # on their dates: none is drawn, and bounds may lie after the end
        r.model_dump(mode="json", exclude={"earliest", "latest"})
        for r in lean.scenario.reforms
        if r.what != WHAT and r.date <= end
    ]
    tables = {"levels": [], "differences": [], "failures": []}
    n = len(SCHEDULES) * given.profile.replications
    for i, (market, maturity) in enumerate(MARKETS.items()):
        plans = {}
        for name, steps in SCHEDULES.items():
            own = [{"date": day, "what": WHAT, "to": to} for day, to in steps if day <= end.isoformat()]
            plans[name] = lean.vary({"world.market_maturity": maturity, "reforms": others + own})
        found = given.compare(plans, lambda done, _, before=i * n: given.progress(before + done, n * len(MARKETS)))
        for table, frames in tables.items():
            frames.append(getattr(found, table).assign(market=market))
    tables = {table: pd.concat(frames, ignore_index=True) for table, frames in tables.items()}
    about = f"lean40 in each market. {given.about(lean, len(tables['failures']))}"
    figure = against(tables["levels"], "option", "market", PANELS, "time table of transfer", about)
    return Found(about, tables, {"figure": figure})


if __name__ == "__main__":
    main(__file__)
