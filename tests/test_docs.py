"""The documents are true: their code runs, their links and tests exist, their tables are those of the code.

`python tests/test_docs.py` writes the table of numbers in docs/ODD.md anew.
"""

from __future__ import annotations

import importlib
import re
import shlex
import sys
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
EXECUTED = ("README.md", "docs/TUTORIAL.md")
ODD = ROOT / "docs" / "ODD.md"
BEGIN, END = "<!-- numbers: written by `python tests/test_docs.py` -->", "<!-- end of numbers -->"

TABLES = {
    "workers": ("WORKER", "HOLD", "WORKER_LEDGER", "WORKER_LIFE"),
    "residents": ("RESIDENT",),
    "social_organizations": ("ORGANIZATION",),
}
LAYOUTS = ("REQUEST", "LINK", "MATTER", "STEP", "STREAM")  # the others are the engine's own affair


def blocks(path, language):
    """Fenced blocks of a language: line number and text."""
    text = path.read_text("utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, m.start()) + 2, m.group(1)) for m in found]


# --- what is said runs ---


@pytest.mark.parametrize("name", EXECUTED)
def test_python_blocks_run(name, tmp_path, monkeypatch, capsys):
    """All blocks of a document in one session, from another folder; our own warnings are errors."""
    monkeypatch.chdir(tmp_path)
    spoken = {"__name__": "document"}
    found = blocks(ROOT / name, "python")
    assert found
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module=r"sim(\..*)?$")
        warnings.filterwarnings("error", category=DeprecationWarning, module=r"document$")
        for line, text in found:
            # so that a traceback shows the line of the document
            exec(compile("\n" * (line - 1) + text, str(ROOT / name), "exec"), spoken)


def test_commands_exist(tmp_path):
    """Every `leancounty` line of the documents names a command, its options and its scenarios rightly."""
    from sim.cli.commands import cli
    from sim.scenario import builtin_names

    known = {name for name, _ in builtin_names()}
    lines = [(path, line) for path in DOCUMENTS for _, text in (*blocks(path, ""), *blocks(path, "sh"))
             for line in text.splitlines() if line.startswith("leancounty ")]  # fmt: skip
    assert len(lines) > 5
    for path, line in lines:
        words = shlex.split(line, comments=True)[1:]
        assert words[0] in cli.commands, f"{path.name}: {line}"
        context = cli.commands[words[0]].make_context(words[0], list(words[1:]))
        given = context.params
        for name in (given.get("scenario"), given.get("base"), *given.get("options", ())):
            assert name is None or name in known or name.endswith(".toml"), f"{path.name}: {name}"


def test_scenario_files_in_the_text_are_valid(tmp_path):
    from sim.scenario import load

    found = [(name, line, text) for name in EXECUTED for line, text in blocks(ROOT / name, "toml")]
    for name, line, text in found:
        path = tmp_path / f"at{line}.toml"
        path.write_text(text, "utf-8")
        assert load(path).title, f"{name}:{line}"


# --- what is named exists ---


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name}: {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_tests_and_files_that_are_named_exist(path):
    text = path.read_text("utf-8")
    for file, name in re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", text):
        assert (ROOT / file).is_file(), f"{path.name}: {file}"
        assert not name or f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{path.name}: {file}::{name}"
    for file in re.findall(r"`((?:sim|scenarios|experiments|docs)/[\w/.-]+\.(?:py|md|csv|toml))`", text):
        assert (ROOT / file).is_file(), f"{path.name}: {file}"


# --- the tables of docs/ODD.md are those of the code ---


def test_every_state_variable_is_in_the_odd():
    words = set(re.findall(r"`(\w+)`", ODD.read_text("utf-8")))
    layout = importlib.import_module("sim.service.layout")
    dtypes = [getattr(importlib.import_module(f"sim.agents.{module}"), name)
              for module, names in TABLES.items() for name in names]  # fmt: skip
    dtypes += [getattr(layout, name) for name in LAYOUTS]
    missing = {name for dtype in dtypes for name in dtype.names if not name.startswith("pad")} - words
    assert not missing


def number_table():
    """Rows of docs/ODD.md: every number of the county's register with what the schema says of it."""
    from sim.scenario import load
    from sim.scenario.register import register

    rows = ["| number | value | plausible | unit | rests on | source |", "|---|---|---|---|---|---|"]
    for r in register(load("conventional100")):
        if r["path"].startswith(("world.", "levers.", "behaviour.")):
            values = r["value"] if isinstance(r["value"], tuple) else (r["value"],)
            value, plausible = ", ".join(f"{v:g}" for v in values), f"{r['low']:g} – {r['high']:g}"
            cells = (f"`{r['path']}`", value, plausible, r["unit"], r["status"], r["source"])
            rows.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return "\n".join(rows)


def test_the_numbers_of_the_odd_are_those_of_the_register():
    text = ODD.read_text("utf-8")
    assert text.split(BEGIN)[1].split(END)[0].strip() == number_table(), "run: python tests/test_docs.py"


def test_every_number_belongs_to_a_submodel():
    """Named in the prose before the table, not only listed in it."""
    from sim.scenario import load
    from sim.scenario.register import register

    words = set(re.findall(r"`(?:\w+\.)*(\w+)`", ODD.read_text("utf-8").split(BEGIN)[0]))
    paths = [r["path"] for r in register(load("conventional100")) if not r["path"].startswith("reforms")]
    assert not [path for path in paths if path.rsplit(".", 1)[-1] not in words]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    head, rest = ODD.read_text("utf-8").split(BEGIN)
    ODD.write_text(f"{head}{BEGIN}\n{number_table()}\n{END}{rest.split(END)[1]}", "utf-8")
