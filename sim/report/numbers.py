"""Numbers as people read them: shares in per cent, counts with separators, no more digits than they carry."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sim.outcome_names import TIMES_IN_DAYS
from sim.report.words import say

_IN_PER_CENT = ("_share", "_share_end", "utilisation")


def is_share(outcome: str) -> bool:
    """Whether an outcome is shown in per cent."""
    return outcome.endswith(_IN_PER_CENT)


def unit_of(outcome: str, days: Iterable[float]) -> tuple[str, float]:
    """Unit in which times of a row are read best, the same for all of them, and how many of it a day has.

    Args:
        outcome: key of the outcome; what is no time in days is left as it is.
        days: the times of all options.
    """
    known = [abs(x) for x in days if x is not None and math.isfinite(x)]
    if outcome not in TIMES_IN_DAYS or not known or max(known) >= 2.0:
        return "days", 1.0
    return ("hours", 24.0) if max(known) >= 2.0 / 24.0 else ("minutes_unit", 1440.0)


def amount(value: float, decimals: int | None = None) -> str:
    """A number of any size with separators; by default about three significant digits."""
    if value is None or not math.isfinite(value):
        return "–"
    if decimals is None:
        size = abs(value)
        decimals = 0 if size >= 100 or size < 1e-9 else min(2 - math.floor(math.log10(size)), 6)
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not any(c in "123456789" for c in text) else text.replace("-", "−")


def decimals_for(mean: float, low: float, high: float) -> int | None:
    """Decimals for two digits of an interval's half-width, at most four of the mean; None without one."""
    half = (high - low) / 2
    if not math.isfinite(half) or half <= 1e-9:
        return None
    decimals = 1 - math.floor(math.log10(half))
    if abs(mean) > half:
        decimals = min(decimals, 3 - math.floor(math.log10(abs(mean))))
    return min(max(decimals, 0), 6)


def per_cent(share: float, digits: int | None = 1) -> str:
    """A share as per cent; more digits near 0, so that something is never shown as nothing."""
    if share is None or not math.isfinite(share):
        return "–"
    x = 100 * share
    near_zero = digits is not None and 0 < abs(x) < 0.5 * 10.0**-digits
    return amount(x, min(1 - math.floor(math.log10(abs(x))), 6) if near_zero else digits) + " %"


def level(outcome: str, value: float) -> str:
    """Level of an outcome."""
    return per_cent(value) if is_share(outcome) else amount(value)


def difference(outcome: str, mean: float, low: float, high: float, lang: str) -> str:
    """A difference with its sign and interval, shares in percentage points.

    No interval is shown when none is claimed, and none around what cannot vary.
    """
    if mean is None or not math.isfinite(mean):
        return "–"
    factor = 100.0 if is_share(outcome) else 1.0
    mean, low, high = (factor * x for x in (mean, low, high))
    text = with_interval(mean, low, high)
    if not is_share(outcome):
        return text
    return say("pp", lang, x=text) if " [" not in text else say("pp", lang, x=text.split(" [")[0]) + " [" + (
        text.split(" [")[1])  # fmt: skip


def with_interval(mean: float, low: float, high: float) -> str:
    """A signed number with its interval, all with the same decimals."""
    decimals = decimals_for(mean, low, high)
    text = signed(mean, decimals)
    if decimals is None:
        return text
    return f"{text} [{signed(low, decimals)}, {signed(high, decimals)}]"


def signed(value: float, decimals: int | None = None) -> str:
    """A number with its sign, none on 0."""
    text = amount(value, decimals)
    return "+" + text if value > 0 and any(c in "123456789" for c in text) else text


def million(minutes: float, decimals: int = 1) -> str:
    """Minutes in millions with a sign."""
    return signed(minutes / 1e6, decimals)


def whole_per_cent(share: float) -> str:
    """A share as whole per cent, without a sign on 0."""
    return f"{round(100 * share) + 0} %".replace("-", "−") if math.isfinite(share) else "–"
