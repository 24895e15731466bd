"""The experiments: listed, found, carried out by the real command; levers taken from the scenarios themselves."""

import hashlib
import json
import signal
import subprocess
import sys
import tomllib

import pandas as pd
import pytest
from comparisons import done
from test_cli import COMMAND, lean, tree

from sim.analysis import levers
from sim.analysis.compare import assemble
from sim.cli.experiments import experiments_folder, find, module_of, question_of, scripts
from sim.report import experiment
from sim.scenario import load

TINY = '''"""What do six clerks do that five do not?

More about it.
"""

from sim import load
from sim.cli.experiments import main
from sim.report.experiment import Found, Profile, Setting

PROFILES = {"quick": Profile(2, {"run.days": 3}, lost="Most of it.")}


def study(given: Setting) -> Found:
    five = given.plan("textbook/mm5")
    found = given.compare({"five": five, "six": five.vary({"officials.clerk.count": 6})})
    tables = {"levels": found.levels, "failures": found.failures}
    return Found(given.about(five, found.n_failed), tables, {}, "- Six are quicker.")


if __name__ == "__main__":
    main(__file__)
'''


@pytest.fixture
def here(tmp_path):
    (tmp_path / "mine.py").write_text(TINY)
    return tmp_path


# --- the command ---


def test_the_list_has_number_name_and_question(here):
    out, _ = lean("experiment", cwd=here)
    lines = out.decode().splitlines()
    assert len(lines) == len(scripts()) >= 5
    for line, script in zip(lines, scripts(), strict=True):
        name, question = line.split(maxsplit=1)
        assert name == script.stem and question == question_of(script).splitlines()[0] and question.endswith("?")


@pytest.mark.parametrize("name", ["levers", "e04", "e04_levers"])
def test_an_experiment_has_three_names(name):
    assert find(name).name == "e04_levers.py"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lever"], 'there is no experiment "lever"; did you mean "levers"?'),
        (["no_such.py"], "no_such.py: there is no such file"),
        (["mine.py", "--profile", "papr"], '"papr" is none of quick'),
        (["empty.py"], "an experiment defines PROFILES and study; missing: PROFILES, study"),
        (["mine.py", "--out", "taken"], "taken is not empty and holds no results"),
        (["mine.py", "--out", "mine.py"], "mine.py is a file"),
    ],
)
def test_wrong_input_is_said_and_nothing_is_written(here, arguments, said):
    (here / "empty.py").write_text('"""Nothing?"""\n')
    (here / "taken").mkdir()
    (here / "taken" / "notes.txt").write_text("mine")
    before = sorted(here.rglob("*"))
    _, error = lean("experiment", *arguments, cwd=here, status=2)
    assert said in error
    assert [p for p in sorted(here.rglob("*")) if "__pycache__" not in str(p)] == before


def test_a_script_of_ones_own(here):
    out, _ = lean("experiment", "mine.py", "--workers", 1, cwd=here)
    text = out.decode()
    assert "- Six are quicker." in text and "n = 2 runs of each option, seeds 1 to 2" in text and "Most of it." in text
    folder = here / "results" / "mine" / "quick"
    names = {p.name for p in folder.iterdir()}
    assert names == {"about.txt", "answer.md", "levels.csv", "levels.parquet", "manifest.json"}
    kept = json.loads((folder / "manifest.json").read_text())
    what, record = kept["identity"]["options"], kept["experiment"]
    assert (what["experiment"], what["profile"]) == ("mine", "quick") and kept["status"] == "done"
    assert what["files"] == {"mine.py": hashlib.sha256(TINY.encode()).hexdigest()}
    assert record["script"] == "mine.py" and record["profile"]["replications"] == 2
    assert [one["name"] for one in record["scenarios"]] == ["textbook/mm5"] and record["runs"]["count"] == 4
    assert set(kept["results"]) == names - {"manifest.json"} and kept["code"]["source"]
    first = (folder / "levels.parquet").read_bytes()
    lean("experiment", "mine.py", "--workers", 2, cwd=here)  # the same again, into the same folder
    assert (folder / "levels.parquet").read_bytes() == first
    _, error = lean("experiment", "mine.py", "--profile", "smoke", "--out", folder, cwd=here, status=2)
    assert "holds the results of another run" in error


def test_rerun_of_an_experiment_gives_identical_bytes(here):
    lean("experiment", "mine.py", "--out", "a", cwd=here)
    out, error = lean("rerun", "a", "--out", "b", "--workers", 1, cwd=here)
    lines = out.decode().splitlines()
    assert {line.split()[0] for line in lines} == {"about.txt", "answer.md", "levels.csv", "levels.parquet"}
    assert all(line.endswith(" identical") for line in lines) and "changed" not in error
    assert tree(here / "a") == tree(here / "b")


def test_rerun_of_an_experiment_says_what_differs(here):
    lean("experiment", "mine.py", "--out", "a", cwd=here)
    path = here / "a" / "manifest.json"
    kept = json.loads(path.read_text())
    kept["results"]["answer.md"]["sha256"] = "0" * 64
    kept["experiment"]["runs"]["count"] += 1
    kept["code"]["source"] = "1" * 64
    path.write_text(json.dumps(kept))
    out, error = lean("rerun", "a", cwd=here, status=3)
    words = dict(line.rsplit(maxsplit=1) for line in out.decode().splitlines())
    assert words["answer.md"] == words["(what was run)"] == "differs" and words["levels.csv"] == "identical"
    assert "What has changed since:\n  source: 111111111111 then" in error
    kept["experiment"]["scenarios"][0]["data_digest"] = "2" * 64
    path.write_text(json.dumps(kept))
    assert "textbook/mm5: the county's data files have changed" in lean("rerun", "a", cwd=here, status=2)[1]
    kept["experiment"]["scenarios"][0]["digest"] = "2" * 64
    path.write_text(json.dumps(kept))
    assert "textbook/mm5: the scenario has changed since" in lean("rerun", "a", cwd=here, status=2)[1]
    (here / "mine.toml").write_text("")
    assert "the experiment has changed since: mine.toml" in lean("rerun", "a", cwd=here, status=2)[1]
    (here / "mine.py").unlink()
    assert "mine.py: there is no such file" in lean("rerun", "a", cwd=here, status=2)[1]


def test_a_changed_script_does_not_write_over_results(here):
    lean("experiment", "mine.py", "--out", "a", cwd=here)
    (here / "mine.py").write_text(TINY + "# changed\n")
    assert "holds the results of another run" in lean("experiment", "mine.py", "--out", "a", cwd=here, status=2)[1]


def test_an_interrupted_experiment_writes_nothing(here):
    started = subprocess.Popen(
        [*COMMAND, "experiment", "e01", "--out", "new"], cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert b"e01" in started.stderr.readline()          # under way
    started.send_signal(signal.SIGINT)
    out, error = started.communicate(timeout=60)
    assert started.returncode == 130, error
    assert b"Traceback" not in error and b"interrupted" in error and out == b""
    assert not (here / "new").exists()


def test_a_script_runs_by_itself(here):
    command = [sys.executable, "mine.py", "--profile", "quick", "--out", "there"]
    ran = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0 and "Results: there" in ran.stdout, ran.stderr


def test_failed_runs_are_told_and_the_status_says_so(here):
    (here / "mine.py").write_text(TINY.replace(
        "tables = {", "import pandas as pd; rows = pd.DataFrame([{'option': 'six', 'seed': 2, 'reason': 'killed'}])\n"
        "    tables = {").replace('"failures": found.failures', '"failures": rows'))  # fmt: skip
    _, error = lean("experiment", "mine.py", "--workers", 1, cwd=here, status=3)
    assert "failed: six, seed 2: killed" in error
    assert json.loads((here / "results/mine/quick/manifest.json").read_text())["status"] == "failed"


def test_when_every_run_fails_nothing_is_written(here):
    """The engine refuses to run with a data folder that is gone by the time the workers read it."""
    (here / "mine.py").write_text(TINY.replace(
        'five = given.plan("textbook/mm5")\n',
        'import pathlib; five = load("lean40").vary({"run.end": "2019-10-01"})\n'
        '    five.data_folder = pathlib.Path("gone")\n').replace(
        'five.vary({"officials.clerk.count": 6})', "five"))  # fmt: skip
    _, error = lean("experiment", "mine.py", "--workers", 1, cwd=here, status=3)
    assert "every run failed; nothing was written" in error and "failed: five, seed 1" in error
    assert not (here / "results").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", [script.stem for script in scripts()])
def test_every_experiment_runs(here, name):
    """On two and a half weeks of 10,000 residents; every table that is read as a result has rows."""
    lean("experiment", name, "--profile", "smoke", "--out", "found", cwd=here)
    tables = {p.stem: pd.read_csv(p) for p in (here / "found").glob("*.csv")}
    assert tables and "failures" not in tables
    assert all(len(table) for table in tables.values()), tables.keys()
    assert list((here / "found").glob("*.png"))
    assert f"{name}, profile smoke" in (here / "found" / "about.txt").read_text()
    if name == "e03_transfer_dates":
        out, _ = lean("rerun", "found", cwd=here)
        assert all(line.endswith(" identical") for line in out.decode().splitlines()) and b"figure.png" in out


class Asked(Exception):
    """The plans of an experiment stood before anything ran."""


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.stem)
def test_the_plans_of_the_quick_profile_are_valid(script, monkeypatch):
    """Without a run: shorter ends and changed reforms must agree (the smoke profile ends before any reform)."""

    def asked(*args, **kwargs):
        raise Asked

    monkeypatch.setattr(experiment, "compare", asked)
    monkeypatch.setattr(experiment, "run_many", asked)
    module = module_of(script)
    with pytest.raises(Asked):
        module.study(experiment.Setting(script.stem, "quick", module.PROFILES["quick"]))


# --- levers from the scenarios ---


def test_all_levers_together_are_the_other_scenario():
    """Nothing is missed: switching every lever at once turns each scenario into the other."""
    off, on = load("conventional40"), load("lean40")
    paths = [path for lever in levers.levers_between(off, on) for path in lever.paths]
    assert levers.switched(off, on, paths).digest == on.digest
    assert levers.switched(on, off, paths).digest == off.digest


def test_a_lever_is_its_first_value_and_its_dates():
    off, on = load("conventional40"), load("lean40")
    found = {lever.name: lever for lever in levers.levers_between(off, on)}
    assert found["structure"].since == on.scenario.run.start
    assert found["transfer"].paths == ("levers.transfer.functions",)
    assert str(found["transfer"].since) == "2020-09-18"
    only = levers.switched(off, on, found["transfer"].paths)
    dated = [(r.date, r.to) for r in on.scenario.reforms if r.what == "levers.transfer.functions"]
    assert [(r.date, r.to) for r in only.scenario.reforms] == dated
    assert only.scenario.levers == off.scenario.levers
    assert not levers.levers_between(on, on)


def test_a_late_lever_is_brought_forward_with_the_value_that_it_first_takes():
    paths = ["levers.stationed_share", "levers.transfer.functions", "levers.structure"]
    values = levers.first_moves(load("lean40"), paths)
    assert values == {"levers.stationed_share": 0.333, "levers.transfer.functions": 27}  # later 0 and 85


def test_a_group_of_paths_is_one_lever():
    off, on = load("conventional40"), load("lean40")
    named = levers.levers_between(off, on, {"people": ["levers.posts_*", "levers.off_quota_*"]})
    paths = next(lever.paths for lever in named if lever.name == "people")
    assert paths == ("levers.posts_per_official", "levers.off_quota_workers")


def test_every_lever_that_lean40_moves_has_a_mechanism():
    stated = tomllib.loads((experiments_folder() / "e04_levers.toml").read_text("utf-8"))["levers"]
    groups = {entry["lever"]: entry["paths"] for entry in stated if "paths" in entry}
    assert len({entry["lever"] for entry in stated}) == len(stated)
    moved = {lever.name for lever in levers.levers_between(load("conventional40"), load("lean40"), groups)}
    assert moved <= {entry["lever"] for entry in stated if "set" not in entry}
    from sim.outcome_names import LABELS

    for entry in stated:
        assert entry["mechanism"].endswith(".") and entry["source"], entry["lever"]
        assert set(entry["signs"].values()) <= {"+", "-"}
        known = set(entry["signs"]) <= set(LABELS)
        assert known, entry["lever"]


def test_every_unknown_is_a_number_or_choice_of_this_version():
    from sim.analysis.robustness.draws import unknown

    plan = load("lean40")
    for entry in tomllib.loads((experiments_folder() / "e05_unknowns.toml").read_text("utf-8"))["unknowns"]:
        found = unknown(plan, entry)
        assert found is not None, entry["path"]
        assert found.is_choice or found.low <= found.current <= found.high and found.low < found.high
        for x in found.grid(2):
            plan.vary({found.path: found.value(x)})


def effects(values, sign=1, **expected):
    """Effects of one lever whose outcome x is given for base and option, seed by seed; y never changes."""
    plan = load("conventional40")
    plans = {"base": plan, "lever": plan.vary({"levers.grids": 384})}
    runs = [(name, done(plans[name], seed, x=x, y=1.0))
            for name, xs in zip(plans, values, strict=True) for seed, x in enumerate(xs, 1)]  # fmt: skip
    comparison = assemble(plans, runs, tuple(range(1, len(values[0]) + 1)))
    return levers.effects(comparison, {"lever": sign}, {"lever": expected}, ("x", "y")).set_index("outcome")


@pytest.mark.parametrize(
    ("option", "sign", "expected", "finding", "mean"),
    [
        ((2.0, 3.1, 4.2), 1, "+", levers.AS_EXPECTED, 1.1),
        ((2.0, 3.1, 4.2), 1, "-", levers.AGAINST, 1.1),
        ((2.0, 3.1, 4.2), -1, "+", levers.AGAINST, -1.1),
        ((2.0, 3.1, 4.2), 1, "", levers.NOT_STATED, 1.1),
        ((2.0, 1.0, 4.2), 1, "+", levers.CANNOT_TELL, 0.4),
        ((1.0, 2.0, 3.0), 1, "+", levers.ZERO, 0.0),
    ],
)
def test_effects_against_the_expected_sign(option, sign, expected, finding, mean):
    found = effects([(1.0, 2.0, 3.0), option], sign, x=expected)
    assert found.loc["x", "finding"] == finding and found.loc["x", "mean"] == pytest.approx(mean)
    assert found.loc["x", "low"] <= found.loc["x", "mean"] <= found.loc["x", "high"]
    assert found.loc["y", "finding"] == levers.ZERO
    assert found["is_zero"].all() == (finding == levers.ZERO)  # zero everywhere, or only in some outcomes


def test_a_lever_without_any_effect_is_told_loudly():
    import importlib.util

    stated = importlib.util.spec_from_file_location("e04", experiments_folder() / "e04_levers.py")
    e04 = importlib.util.module_from_spec(stated)
    stated.loader.exec_module(e04)
    table = effects([(1.0, 2.0), (1.0, 2.0)]).reset_index().assign(side="lean40", how="off alone from lean40")
    text = e04.findings(table, {}, [])
    assert "**NO EFFECT AT ALL**: `lever`, off alone from lean40" in text and "a fault, or" in text
    assert "**No mechanism stated** for `lever`" in text
