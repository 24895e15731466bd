"""When should functions go to social organizations: never, early, late, in waves, or all at once?

Runs lean40 with five time tables of transfer in an immature, the assumed and a mature market.
Early and late hand over the 85 functions of 2025 at once, waves in four yearly steps, all at once all 154.
"""

import argparse
import sys
from datetime import date

import pandas as pd

from sim import compare, load
from sim.report.figures import against
from sim.report.tables import write_experiment

PROFILES = {"quick": (3, date(2023, 12, 31)), "paper": (30, date(2025, 12, 31))}
MARKETS = {"immature market (0.1)": 0.1, "assumed market (0.3)": 0.3, "mature market (0.8)": 0.8}
SCHEDULES = {
    "none": [],
    "early": [(date(2020, 1, 1), 85)],
    "late": [(date(2022, 7, 1), 85)],
    "waves": [(date(2020, 1, 1), 22), (date(2021, 1, 1), 43), (date(2022, 1, 1), 64), (date(2023, 1, 1), 85)],
    "all at once": [(date(2020, 1, 1), 154)],
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


def tell(done: int, all_runs: int) -> None:
    print(f"\r{done}/{all_runs} runs", end="", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    parser.add_argument("--out", default="results/e03_transfer_dates")
    parser.add_argument("--workers", type=int)
    given = parser.parse_args()
    n, end = PROFILES[given.profile]
    lean = load("lean40").vary({"run.end": end})
    kept = [r for r in lean.scenario.reforms if r.what != "levers.transfer.functions" and r.date <= end]
    others = [r.model_dump(mode="json") for r in kept]
    tables = {"levels": [], "differences": [], "failures": []}
    for market, maturity in MARKETS.items():
        plans = {}
        for name, steps in SCHEDULES.items():
            own = [{"date": str(day), "what": "levers.transfer.functions", "to": to} for day, to in steps]
            plans[name] = lean.vary({"world.market_maturity": maturity, "reforms": others + own})
        found = compare(plans, n, workers=given.workers, progress=tell)
        for table, frames in tables.items():
            frames.append(getattr(found, table).assign(market=market))
    tables = {table: pd.concat(frames, ignore_index=True) for table, frames in tables.items()}
    about = (
        f"e03 transfer dates, profile {given.profile}: lean40, n = {n} runs of each option and market, seeds "
        f"1 to {n}, 2019-09-25 to {end}; whiskers are 95 % t-intervals over runs. "
        f"{len(tables['failures'])} runs failed."
    )
    figure = against(tables["levels"], "option", "market", PANELS, "time table of transfer", about)
    folder = write_experiment(given.out, tables, {"figure": figure}, f"{about}\n\n{__doc__}")
    print(f"\n{about}\n{folder}")


if __name__ == "__main__":
    main()
