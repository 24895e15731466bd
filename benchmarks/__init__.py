"""How fast the county runs, and against what: `python -m benchmarks` (see `__main__`)."""
