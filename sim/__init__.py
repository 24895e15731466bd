"""lean-county: an agent-based simulation of lean county administration.

```python
from sim import load, County, run, compare
plan = load("lean40")                      # a frozen scenario; plan.vary({"levers.staffing_share": 0.5}) is another
county = County(plan, seed=7); county.step()   # a mesa.Model: one step is one day
result = run(plan, seed=7)                 # result.summary, result.daily, result.monthly …: DataFrames
```

Importing this package is quick; Mesa, pandas and the compiled engine load when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "load": "sim.scenario", "Plan": "sim.scenario", "ScenarioError": "sim.scenario", "builtin_names": "sim.scenario",
    "County": "sim.county", "run": "sim.runs.run", "Result": "sim.runs.run",
    "compare": "sim.analysis.compare",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Load a public name from its home when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}; public names: {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)
