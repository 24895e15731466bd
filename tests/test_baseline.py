"""Results have not moved since tests/baseline.json; `make baseline` writes it anew when they should."""

import json

import pytest
import update_baseline


@pytest.fixture(scope="module")
def numbers():
    return update_baseline.numbers()


BASELINE = json.loads(update_baseline.BASELINE.read_text("utf-8"))


def test_baseline_has_the_same_keys(numbers):
    assert list(numbers) == list(BASELINE), "run: make baseline"


@pytest.mark.parametrize("key", BASELINE)
def test_baseline(numbers, key):
    before, now = BASELINE[key], numbers[key]
    if isinstance(before, float):
        assert now == pytest.approx(before, rel=1e-9, abs=1e-12), f"{key}; if this is meant: make baseline"
    else:
        assert now == before, f"{key}; if this is meant: make baseline"
