"""The real command line, in processes of its own: documents, exit status, folders, interruption."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).parent / "leancounty"
COMMAND = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-c", "from sim.cli import main; main()"]

COUNTY = """
schema = 1
extends = "{base}"
[run]
start = 2020-09-17
end = 2020-10-02
run_in_days = 3
[county]
residents = 10000
"""
QUEUE = """
schema = 1
title = "{title}"
[run]
start = 2020-01-01
days = {days}
replications = 3
[[posts]]
name = "desk"
{post}
[[matters]]
name = "enquiry"
arrivals = {{ law = "poisson", per_hour = 27.0 }}
service = {{ law = "exponential", mean_minutes = 10.0 }}
post = "desk"
thresholds_minutes = [5]
{matter}
[[officials]]
name = "clerk"
count = {clerks}
posts = ["desk"]
"""


def lean(*arguments, cwd, status=0, **environment):
    """Run the command; check status, and that no traceback was shown."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        timeout=300,
        env={**os.environ, **environment},
    )
    error = done.stderr.decode(errors="replace")
    assert "Traceback" not in error, error
    assert done.returncode == status, (done.returncode, error, done.stdout.decode(errors="replace"))
    return done.stdout, error


@pytest.fixture
def here(tmp_path):
    """A folder with two small counties and a queue."""
    (tmp_path / "small.toml").write_text(COUNTY.format(base="lean40"))
    (tmp_path / "old.toml").write_text(COUNTY.format(base="conventional100"))
    (tmp_path / "queue.toml").write_text(queue())
    return tmp_path


def queue(title="A queue", days=5, clerks=5, post="", matter=""):
    return QUEUE.format(title=title, days=days, clerks=clerks, post=post, matter=matter)


def others(folder):
    """Names in a folder besides the scenarios."""
    return {p.name for p in folder.iterdir() if p.suffix != ".toml"}


# --- light ---


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(tmp_path, arguments):
    code = f"import sys; sys.argv = ['leancounty', *{arguments!r}]; from sim.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0 and done.stdout
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert not loaded & {"mesa", "pandas", "numba", "numpy", "scipy", "pyarrow", "pydantic", "rich"}


def test_scenarios_one_line_each_and_families_on_one(tmp_path):
    from sim.cli.text import GROUPS
    from sim.scenario import builtin_names

    names = [name for name, _ in builtin_names()]
    out, _ = lean("scenarios", cwd=tmp_path)
    top, _, families = out.decode().partition("\n\n")
    assert [line.split()[0] for line in top.splitlines()] == [name for name in names if "/" not in name]
    assert any("levers.staffing_share = 0.4" in line for line in top.splitlines())
    listed = [line.split()[0].rstrip("/") for line in families.splitlines()[1:]]
    assert listed == list(dict.fromkeys(name.split("/")[0] for name in names if "/" in name))
    assert set(listed) == set(GROUPS)
    out, _ = lean("scenarios", "without", cwd=tmp_path)
    lines = out.decode().splitlines()
    assert [line.split()[0] for line in lines] == [name for name in names if name.startswith("without/")]
    assert any("levers.one_seal = False" in line for line in lines)
    _, problem = lean("scenarios", "nothing", cwd=tmp_path, status=2)
    assert "groups: attention" in problem


def test_progress_is_plain_lines_where_there_is_no_terminal(capsys, monkeypatch):
    from sim.cli.terminal import ProgressBar

    monkeypatch.setattr(ProgressBar, "EVERY_S", 0.0)
    with ProgressBar("compare", None) as tell:
        tell(1, 10)
    out, error = capsys.readouterr()
    assert out == "" and error.startswith("compare: 1 of 10 runs done after ")


# --- the same document ---

LOCALES = [
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LANG": "C", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "77", "TZ": "America/Lima", "LC_ALL": "tr_TR.UTF-8", "PYTHONIOENCODING": "ascii"},
]


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "small.toml"],
        ["run", "queue.toml", "--seed", 7],
        ["run", "small.toml", "--seed", 3],
        ["compare", "old.toml", "small.toml", "--replications", 2, "--workers", 1],
    ],
    ids=["check", "queue", "county", "compare"],
)
def test_same_document_in_any_process(here, arguments):
    first, second = (lean(*arguments, "--json", cwd=here, **locale)[0] for locale in LOCALES)
    assert first == second
    document = json.loads(first)
    assert str(here) not in first.decode() and document["schema"] == 1
    assert json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n" == first


def test_check_says_what_is_assumed(tmp_path):
    document = json.loads(lean("check", "lean40", "--json", cwd=tmp_path)[0])
    assert document["valid"] and document["people"]["2019-09-25"]["official"] == 1863
    assert document["numbers"]["assumed"] == len(document["assumed"])
    assert {"path", "value", "unit", "low", "high"} <= set(document["assumed"][0])
    assert (
        document["dates"][0]["date"] == "2020-01-05" and document["levers"]["end"]["transfer.functions"] == 85
    )


def test_check_lists_the_assumed_rows_of_the_data_on_request(here):
    document = json.loads(lean("check", "lean40", "--json", cwd=here)[0])
    short, long = (lean("check", "lean40", *more, cwd=here)[0].decode() for more in ((), ("--rows",)))
    told = {(row["file"], row["row"] or row["number"]) for row in document["assumed_rows"]}
    assert len(told) == document["data_rows"]["assumed"] > 500
    row = next(r for r in document["assumed_rows"] if r["number"] == "available_minutes_per_post")
    assert (row["value"], row["low"], row["high"], row["unit"]) == (109200, 105000, 114000, "minutes per year")
    assert row["sentence"].endswith(".") and row["source"]
    line = f"Rows of the county's data: {document['data_rows']['assumed']} assumed"
    assert f"{line}, " in short and "--rows lists" in short and "Assumed in" not in short
    files = {row["file"] for row in document["assumed_rows"]}
    assert line in long and all(f"Assumed in {file}: " in long for file in files)
    assert "insurance_enrolment.contact_minutes" in long and "assumed_rows" not in long
    queue = json.loads(lean("check", "queue.toml", "--json", cwd=here)[0])
    assert queue["assumed_rows"] == [] and queue["data_rows"] == {}


def test_check_of_a_queue_counts_only_what_has_an_effect(here):
    document = json.loads(lean("check", "queue.toml", "--json", cwd=here)[0])
    assert [row["path"] for row in document["assumed"]] == ["behaviour.reassign_after_days"]
    assert document["load"] == pytest.approx(0.9) and not document["unstable"]
    (here / "more.toml").write_text(queue() + "[behaviour]\nsetup = true\novertime = true\nlearning = true\n")
    document = json.loads(lean("check", "more.toml", "--json", cwd=here)[0])
    assert document["numbers"] == {"assumed": 1, "sourced": 1}, "one of reassigning, one of set-up"
    assert [text.split(":")[0] for text in document["warnings"]] == ["behaviour.overtime", "behaviour.learning"]


def test_seed_until_and_replications(here):
    document = json.loads(
        lean(
            "run", "queue.toml", "--json", "--seed", 5, "--until", "2020-01-02", "--replications", 2, cwd=here
        )[0]
    )
    assert document["seeds"] == [5, 6] and document["last_day"] == "2020-01-02"
    assert document["queueing"]["total"]["mean_wait_minutes"]["n"] == 2


# --- what a queue prints ---


def test_queue_table(here):
    text = lean("run", "queue.toml", cwd=here)[0].decode()
    for words in (
        "mean number waiting",
        "P(wait > 0)",
        "P(wait <= 5 min)",
        "share blocked",
        "utilisation",
        "±",
    ):
        assert words in text
    assert "unstable" not in text


def test_overload_is_headed_unstable(here):
    (here / "over.toml").write_text(queue(clerks=4, days=20))
    text = lean("run", "over.toml", cwd=here)[0].decode()
    heading = next(
        line for line in text.splitlines() if line.startswith("unstable: the backlog grows by about")
    )
    growth = float(heading.split("about ")[1].split(" a day")[0])
    assert growth == pytest.approx(72, abs=25)  # 27 come an hour, 4 clerks serve 24


@pytest.mark.parametrize(
    "change",
    [
        {"clerks": 4, "post": "limit = 9"},
        {"clerks": 4, "matter": 'patience = { law = "exponential", mean_minutes = 30.0 }'},
    ],
    ids=["limit", "patience"],
)
def test_overload_that_leaves_is_not_unstable(here, change):
    (here / "over.toml").write_text(queue(**change))
    document = json.loads(lean("run", "over.toml", "--json", cwd=here)[0])
    assert document["queueing"]["unstable"] is None
    assert document["queueing"]["offered_load"] == pytest.approx(27 / 24)


def test_a_network_is_told_post_by_post(here):
    text, document = (lean("run", "textbook/tandem", "--replications", 3, *more, cwd=here)[0].decode()
                      for more in ((), ("--json",)))  # fmt: skip
    posts = json.loads(document)["queueing"]["posts"]
    assert set(posts) == {"intake", "decision"} and text.index("\nintake") < text.index("\ndecision")
    total = json.loads(document)["queueing"]["total"]
    first, second = (posts[name]["mean_wait_minutes"]["mean"] for name in ("intake", "decision"))
    assert first == pytest.approx(total["mean_wait_minutes"]["mean"], rel=0.01)
    assert first + second == pytest.approx(total["mean_wait_all_minutes"]["mean"], rel=0.02)
    assert "mean wait in all: at all steps" in text and "visits a day" in text and "P(wait <= t)" not in text


def test_footnotes_are_those_of_the_table(here):
    text = lean("run", "queue.toml", "--replications", 1, cwd=here)[0].decode()
    assert "P(wait <= t)" in text and "±" not in text and "given-up" in text and "visits" not in text


# --- wrong input ---

WRONG = [
    ["run", "nowhere.toml"],
    ["run", "lean4O"],
    ["run", "broken.toml"],
    ["run", "typo.toml"],
    ["check", "typo.toml"],
    ["run", "queue.toml", "--seed", "-1"],
    ["run", "queue.toml", "--seed", "1.5"],
    ["run", "queue.toml", "--until", "2020-02-30"],
    ["run", "queue.toml", "--until", "2019-12-31"],
    ["run", "queue.toml", "--replications", "0"],
    ["run", "queue.toml", "--requests", "1.5"],
    ["run", "queue.toml", "--requests", "0.5"],
    ["run", "queue.toml", "--requests", "nan", "--out", "new"],
    ["run", "queue.toml", "--workers", "0"],
    ["run", "queue.toml", "--out", "queue.toml"],
    ["run", "queue.toml", "--out", "queue.toml/below"],
    ["run"],
    ["walk", "queue.toml"],
    ["compare", "old.toml", "--out", "new"],
    ["compare", "old.toml", "old.toml", "--out", "new"],
    ["compare", "old.toml", "small.toml", "--replications", "some", "--out", "new"],
    ["compare", "old.toml", "small.toml", "--replications", "0", "--out", "new"],
    ["compare", "old.toml", "typo.toml", "--out", "new"],
    ["rerun", "nowhere"],
    ["rerun", "queue.toml"],
    ["rerun", "."],
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_input_writes_nothing(here, arguments):
    (here / "broken.toml").write_text("[run\n")
    (here / "typo.toml").write_text('schema = 1\nextends = "lean40"\n[levers]\nstaffing_shar = 0.5\n')
    out, error = lean(*arguments, cwd=here, status=2)
    assert out == b"" and error.startswith("error: ") and len(error.splitlines()) == 1
    assert others(here) == set()


def said(*arguments, here):
    return lean(*arguments, cwd=here, status=2)[1].strip()


def test_a_mistake_is_told_in_one_line(here):
    assert said("run", "queue.toml", "--until", "2019-12-31", here=here).startswith("error: --until: 2019-12-31 lies")
    outside = said("run", "textbook/friday", "--until", "2020-01-02", here=here)
    assert outside.startswith("error: --until: matters.request.arrivals.times: 3 of the arrivals lie outside the run")
    assert said("run", here=here) == "error: Missing argument 'SCENARIO' (see leancounty run --help)"
    assert "the folder . holds no manifest.json; give a folder that" in said("rerun", ".", here=here)
    unknown = said("run", "xyz", here=here)
    assert "textbook/… (" in unknown and "textbook/mm5" not in unknown and "did you mean" not in unknown
    assert said("run", "lean4O", here=here).endswith("did you mean lean40?")


def test_typo_names_the_nearest_key(here):
    (here / "typo.toml").write_text('schema = 1\nextends = "lean40"\n[levers]\nstaffing_shar = 0.5\n')
    out, error = lean("check", "typo.toml", "--json", cwd=here, status=2)
    assert json.loads(out)["valid"] is False
    assert "typo.toml" in error and "staffing_share" in error and len(error.splitlines()) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_or_closed_output_is_said_or_borne(here):
    command = [*COMMAND, "scenarios"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=here)
    assert done.returncode == 2 and done.stderr.startswith(b"error: output: ") and b"Traceback" not in done.stderr
    closed = f"{shlex.join(command)} >&-"
    done = subprocess.run(closed, shell=True, stderr=subprocess.PIPE, cwd=here)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_domain_that_does_not_exist_is_found_before_anything_runs(here):
    later = '\n[[reforms]]\ndate = 2020-09-20\nwhat = "levers.added_posts"\nto = 5\nsource = "a question"\n'
    levers = '[levers]\nadded_posts_domain = "finances"\n'
    (here / "own.toml").write_text(COUNTY.format(base="lean40") + levers + later)
    for command in (["check", "own.toml"], ["run", "own.toml"], ["compare", "small.toml", "own.toml"]):
        _, error = lean(*command, cwd=here, status=2)
        assert 'there is no domain "finances"' in error and "did you mean finance?" in error


def test_wrong_data_of_a_county_is_wrong_input(here):
    from sim.scenario import builtin_folder

    shutil.copytree(builtin_folder() / "longgang", here / "longgang")
    matters = here / "longgang" / "matters.csv"
    lines = matters.read_text("utf-8").splitlines()
    matters.write_text("\n".join([lines[0].replace("matter", "mater", 1), *lines[1:]]), "utf-8")
    (here / "own.toml").write_text(COUNTY.format(base="lean40") + 'data = "longgang"\n')
    for command in (["run", "own.toml"], ["compare", "small.toml", "own.toml"]):
        out, error = lean(*command, "--out", "new", cwd=here, status=2)
        assert out == b"" and "matters.csv" in error and not (here / "new").exists()


# --- folders ---


def tree(folder):
    """Files of a folder by name, the manifest's changing part left out."""
    found = {p.name: p.read_bytes() for p in folder.iterdir()}
    manifest = json.loads(found.pop("manifest.json"))
    manifest.pop("about")
    manifest["code"].pop("dirty", None), manifest["code"].pop("commit", None)
    return found | {"manifest.json": manifest}


def test_folder_is_whole_and_the_same_again(here):
    lean("run", "small.toml", "--out", "a", "--requests", "0.1", cwd=here)
    lean(
        "run", "small.toml", "--out", "b", "--requests", "0.1", cwd=here, TZ="Asia/Tokyo", PYTHONHASHSEED="5"
    )
    first, second = tree(here / "a"), tree(here / "b")
    assert first == second
    assert {"summary.parquet", "summary.csv", "daily.parquet", "monthly.parquet", "requests.parquet"} <= set(
        first
    )
    manifest = first["manifest.json"]
    assert manifest["status"] == "done" and manifest["failures"] == []
    assert set(manifest["results"]) == set(first) - {"manifest.json"}
    assert manifest["code"]["packages"]["numba"] and manifest["identity"]["seeds"] == [1]


def test_rerun_gives_identical_bytes(here):
    lean("run", "queue.toml", "--out", "a", cwd=here)
    out, _ = lean("rerun", "a", "--out", "again", cwd=here)
    lines = out.decode().splitlines()
    assert lines and all(line.endswith(" identical") for line in lines)
    assert tree(here / "a") == tree(here / "again")
    # the scenario file is not needed any more
    (here / "queue.toml").unlink()
    lean("rerun", "a/manifest.json", cwd=here)


def test_rerun_says_what_differs(here):
    lean("run", "queue.toml", "--out", "a", cwd=here)
    path = here / "a" / "manifest.json"
    found = json.loads(path.read_text())
    found["results"]["daily.parquet"]["sha256"] = "0" * 64
    path.write_text(json.dumps(found))
    out, error = lean("rerun", "a", cwd=here, status=3)
    words = dict(line.split() for line in out.decode().splitlines())
    assert words.pop("daily.parquet") == "differs" and set(words.values()) == {"identical"}
    found["identity"]["seeds"] = [2]
    path.write_text(json.dumps(found))
    _, error = lean("rerun", "a", cwd=here, status=2)
    assert "changed by hand" in error


def test_folder_of_another_run_is_refused(here):
    lean("run", "queue.toml", "--out", "a", cwd=here)
    before = {p.name: p.read_bytes() for p in (here / "a").iterdir()}
    _, error = lean("run", "queue.toml", "--seed", "9", "--out", "a", cwd=here, status=2)
    assert "another run" in error
    assert before == {p.name: p.read_bytes() for p in (here / "a").iterdir()}
    # the same run may be written again, also over what an interruption left without a manifest
    (here / "a" / "manifest.json").unlink()
    lean("run", "queue.toml", "--seed", "9", "--out", "a", cwd=here, status=2)
    lean("run", "queue.toml", "--out", "a", cwd=here)
    assert {p.name: p.read_bytes() for p in (here / "a").iterdir()}.keys() == before.keys()


def test_folder_of_somebody_else_is_refused(here):
    (here / "mine").mkdir()
    (here / "mine" / "summary.csv").write_text("precious")
    lean("run", "queue.toml", "--out", "mine", cwd=here, status=2)
    assert (here / "mine" / "summary.csv").read_text() == "precious"
    lean("run", "queue.toml", "--out", Path(__file__).parent.parent / "sim" / "new", cwd=here, status=2)


def test_worker_count_changes_no_byte(here):
    one = lean(
        "compare", "old.toml", "small.toml", "--replications", 2, "--workers", 1, "--out", "one", cwd=here
    )[0]
    two = lean(
        "compare", "old.toml", "small.toml", "--replications", 2, "--workers", 2, "--out", "two", cwd=here
    )[0]
    assert one.replace(b"one/", b"two/") == two
    first, second = tree(here / "one"), tree(here / "two")
    assert first["manifest.json"]["pages"]["report.html"]["bytes"] == len(first["report.html"])
    pages = [{k: v for k, v in found.items() if not k.endswith(".html")} for found in (first, second)]
    assert pages[0] == pages[1] and "report.html" in first
    out, _ = lean("rerun", "one", "--workers", 2, cwd=here)
    assert all(line.endswith(" identical") for line in out.decode().splitlines())


# --- trouble ---


def test_closed_pipe_is_quiet(here):
    done = subprocess.run(
        f"{' '.join(COMMAND) if SCRIPT.exists() else str(SCRIPT)} scenarios | true",
        shell=True,
        cwd=here,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr and "Broken" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption(here, number):
    started = subprocess.Popen(
        [*COMMAND, "run", "lean40", "--out", "new"], cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # whoever runs the tests in the background of a script hands down that interrupts are ignored
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )  # fmt: skip
    time.sleep(2.5)
    started.send_signal(number)
    out, error = started.communicate(timeout=60)
    assert started.returncode == 130, error
    assert b"Traceback" not in error and b"interrupted" in error and out == b""
    assert others(here) == set()


def test_a_comparison_in_which_every_run_fails_writes_nothing(here, monkeypatch, capsys):
    import sim.runs.run
    from sim.cli import _main

    def fails(*given, **named):
        raise MemoryError("no room")

    monkeypatch.setattr(sim.runs.run, "run", fails)
    monkeypatch.chdir(here)
    options = ["--replications", "2", "--workers", "1", "--out", "new"]
    monkeypatch.setattr(sys, "argv", ["leancounty", "compare", "textbook/priority_1", "textbook/priority_2", *options])
    assert _main() == 3
    error = capsys.readouterr().err
    assert "every run failed" in error and "no room" in error
    assert not (here / "new").exists()


def test_a_failed_run_is_told_and_the_rest_is_kept(here, monkeypatch, capsys):
    import sim.runs.run
    from sim.cli import _main

    whole = sim.runs.run.run

    def one_fails(plan, seed, **rest):
        if seed == 2:
            raise ArithmeticError("a minute\nis missing")
        return whole(plan, seed, **rest)

    monkeypatch.setattr(sim.runs.run, "run", one_fails)
    monkeypatch.chdir(here)
    monkeypatch.setattr(sys, "argv", ["leancounty", "run", "queue.toml", "--out", "a"])
    assert _main() == 3
    assert "failed: queue, seed 2: ArithmeticError: a minute is missing" in capsys.readouterr().err
    manifest = json.loads((here / "a" / "manifest.json").read_text())
    assert manifest["status"] == "failed" and manifest["failures"][0]["seed"] == 2
    import pandas as pd

    assert pd.read_parquet(here / "a" / "summary.parquet")["seed"].tolist() == [1, 3]
