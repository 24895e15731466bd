"""The texts of pages, figures and tables in English and Chinese; they stand in `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from sim.outcomes import LABELS

LANGUAGES = ("en", "zh")


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("sim.report") / "words.toml").read_text(encoding="utf-8"))


def say(key: str, lang: str, **values: Any) -> str:
    """A text in a language, its gaps filled.

    Raises:
        ValueError: when the language is not one of `LANGUAGES`.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"language {lang!r} is not known; known: {', '.join(LANGUAGES)}")
    return _words()[key][lang].format(**values)


def label(outcome: str, lang: str) -> str:
    """Name of an outcome for people; its key in plain words when it has none."""
    if outcome in LABELS:
        return LABELS[outcome][LANGUAGES.index(lang)]
    return say(outcome, lang) if outcome in _words() else outcome.replace("_", " ")


def block(name: str, lang: str) -> str:
    """Name of a block of the labour ledger, its elastic twin too."""
    stem = name.removesuffix("_elastic")
    text = say(stem, lang) if stem in _words() else stem.replace("_", " ")
    return say("elastic", lang, block=text) if name.endswith("_elastic") else text


def option_title(plan: Any, name: str, lang: str) -> str:
    """What an option is called in a sentence: its name and, when it has one, its title."""
    title = plan.scenario.title_zh if lang == "zh" else plan.scenario.title
    return title or plan.title or name
