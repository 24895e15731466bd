"""Write tests/baseline.json anew: summary numbers of three small scenarios. Run by `make baseline`.

A changed number is a changed result: say in CHANGELOG.md, as "Regression", why it moved.
"""

import json
import math
from pathlib import Path

BASELINE = Path(__file__).parent / "baseline.json"
SMALL = {
    "run.start": "2020-09-01",
    "run.end": "2020-10-10",
    "run.run_in_days": 10,
    "county.residents": 20_000,
}
COUNTY = (
    "requests_opened",
    "work_items_opened",
    "open_at_end",
    "on_time_share",
    "p90_days",
    "hand_overs_per_request",
    "inner_open_days",
    "utilisation",
    "overtime_hours_per_week",
    "satisfaction_end",
    "officials",
    "paid_people",
)
QUEUE = ("opened", "resolved", "present", "waited", "mean_wait_minutes", "mean_present")


def plans():
    """The three scenarios: two options of a small county, and a queue."""
    from sim.scenario import load

    late = "2020-10-10"
    found = {}
    for name in ("lean40", "conventional100"):
        plan = load(name)
        reforms = [
            r for r in plan.to_dict()["scenario"].get("reforms", []) if "2020-09-01" <= r["date"] <= late
        ]
        found[name] = plan.vary({**SMALL, "reforms": reforms})
    found["textbook/mm5"] = load("textbook/mm5").vary({"run.days": 10, "run.warm_up_minutes": 0})
    return found


def numbers():
    """Number by `scenario: outcome`; whole numbers are whole, NaN is null."""
    from sim.runs.run import run

    found = {}
    for name, plan in plans().items():
        result = run(plan, seed=1, tables=("summary", "matters"))
        if plan.is_county:
            row, keys = result.summary.iloc[0], COUNTY
        else:
            row, keys = result.matters.iloc[0], QUEUE
        for key in keys:
            value = float(row[key])
            exact = int(value) if value.is_integer() else value
            found[f"{name}: {key}"] = None if math.isnan(value) else exact
    return found


if __name__ == "__main__":
    new = numbers()
    old = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
    BASELINE.write_text(json.dumps(new, indent=1) + "\n", "utf-8")
    moved = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    for key in moved:
        print(f"{key}: {old.get(key)} -> {new.get(key)}")
    print(f"{BASELINE.name}: {len(new)} numbers, {len(moved)} changed")
