"""The texts of pages, figures and tables in English and Chinese; they stand in `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from sim.outcome_names import LABELS, TIMES_IN_DAYS
from sim.scenario.register import BETWEEN

LANGUAGES = ("en", "zh")


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("sim.report") / "words.toml").read_text(encoding="utf-8"))


def say(key: str, lang: str, default: str = "", **values: Any) -> str:
    """A text in a language, its gaps filled; `default` when there is no such text and a default is given.

    Raises:
        ValueError: when the language is not one of `LANGUAGES`.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"language {lang!r} is not known; known: {', '.join(LANGUAGES)}")
    if default and key not in _words():
        return default
    return _words()[key][lang].format(**values)


def label(outcome: str, lang: str, unit: str = "days", queue: bool = False) -> str:
    """Name of an outcome for people; its key in plain words when it has none.

    Args:
        outcome: key of the outcome.
        lang: language.
        unit: unit in which a time is shown (a key of the words); other outcomes name their own.
        queue: whether it is an outcome of a textbook queue, where nobody resides or is an official.
    """
    if queue and f"queue {outcome}" in _words():
        text = say(f"queue {outcome}", lang)
    elif outcome in LABELS:
        text = LABELS[outcome][LANGUAGES.index(lang)]
    else:
        text = say(outcome, lang, default=outcome.replace("_", " "))
    return say("with_unit", lang, name=text, unit=say(unit, lang)) if outcome in TIMES_IN_DAYS else text


@cache
def _units() -> dict[str, str]:
    return tomllib.loads((files("sim.report") / "units_zh.toml").read_text(encoding="utf-8"))


def unit_name(unit: str, lang: str) -> str:
    """A unit of the register; in Chinese translated where a translation is kept."""
    return _units()["units"].get(unit, unit) if lang == "zh" else unit


def source_name(source: str, lang: str) -> str:
    """A source of the register; in Chinese the whole of it, or none where no translation is kept."""
    if lang != "zh":
        return source
    known = _units()["sources"]
    how, _, rest = source.partition(": ")
    if how == BETWEEN and rest in known:
        return f"{known[how]}：{known[rest]}"
    return known.get(source, source)


def setting_name(path: str, lang: str) -> str:
    """Path of a setting; in Chinese after its name, where one is kept."""
    name = _units()["settings"].get(path) if lang == "zh" else None
    return f"{name}（{path}）" if name else path


def value_name(value: str, lang: str) -> str:
    """A value of a setting that is a word; in Chinese translated where a translation is kept."""
    return _units()["values"].get(value, value) if lang == "zh" else value


def block(name: str, lang: str) -> str:
    """Name of a block of the labour ledger, its elastic twin too."""
    stem = name.removesuffix("_elastic")
    text = say(stem, lang, default=stem.replace("_", " "))
    return say("elastic", lang, block=text) if name.endswith("_elastic") else text


def option_title(plan: Any, name: str, lang: str) -> str:
    """What an option is called in a sentence: its name and, when it has one, its title."""
    title = plan.scenario.title_zh if lang == "zh" else plan.scenario.title
    return title or plan.title or name
