"""Reading scenario files: inheritance, and one clean line for everything that can be wrong."""

from __future__ import annotations

import pickle
import re

import pytest

from sim.scenario import ScenarioError, builtin_names, load
from sim.scenario import files as scenario_files

QUEUE = """
schema = 1
[run]
start = 2020-01-01
days = 10
[[posts]]
name = "desk"
[[posts]]
name = "office"
[[matters]]
name = "enquiry"
arrivals = { law = "poisson", per_hour = 5 }
steps = [
  { name = "ask", post = "desk", service = { law = "exponential", mean_minutes = 10 }, next = [
    { step = "sign", share = 0.25, transit_minutes = 30 }, { step = "done", share = 0.75 } ] },
  { name = "sign", post = "office", service = { law = "lognormal", mean_minutes = 5, cv = 1 } },
]
[[officials]]
name = "clerk"
count = 2
posts = ["desk", "office"]
"""


@pytest.fixture
def write(tmp_path):
    def inner(text, name="case.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return inner


def problems_of(path):
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert str(caught.value).count("\n") + 1 == len(caught.value.problems)
    return caught.value.problems


def only(path):
    problems = problems_of(path)
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]


def test_every_built_in_scenario_loads_and_has_titles():
    names = dict(builtin_names())
    assert {"conventional100", "conventional40", "lean40", "lean60", "lean100", "textbook/mm5"} <= set(names)
    assert "longgang/base" not in names
    for name, title in names.items():
        plan = load(name)
        assert plan.name == name
        assert title and plan.scenario.title_zh


def test_no_lever_of_a_built_in_scenario_is_a_number_without_a_source():
    for name, _ in builtin_names():
        plan = load(name)
        for path in plan.origin:
            if path.startswith("levers.") and path != "levers.structure":
                assert plan.scenario.sources.get(path), f"{name}: {path}"
        assert all(reform.source for reform in plan.scenario.reforms)


def test_built_in_scenarios_are_found_inside_an_installed_package(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "sim"
    (package / "scenario").mkdir(parents=True)
    (package / "scenarios" / "mine").mkdir(parents=True)
    (package / "scenarios" / "mine" / "queue.toml").write_text(QUEUE)
    (package / "scenarios" / "_draft.toml").write_text(QUEUE)
    (package / "scenarios" / "mine" / "base.toml").write_text(QUEUE)
    monkeypatch.setattr(scenario_files, "__file__", str(package / "scenario" / "files.py"))
    assert builtin_names() == [("mine/queue", "")]
    assert load("mine/queue").scenario.officials[0].count == 2
    assert load("_draft").scenario.officials[0].count == 2


def test_built_in_names_do_not_depend_on_the_working_folder(tmp_path, monkeypatch):
    digest = load("lean40").digest
    monkeypatch.chdir(tmp_path)
    assert load("lean40").digest == digest


def test_extends_merges_tables_replaces_lists_and_adds_reforms(write):
    write('extends = "lean40"\n[levers]\novertime_cap_minutes_per_day = 60\n'
          '[[reforms]]\ndate = 2021-01-01\nwhat = "levers.liaison_factor"\nto = 0.8\n',
          "parent.toml")  # fmt: skip
    child = load(write('extends = "parent.toml"\n[levers]\nstaffing_share = 0.45\n', "child.toml"))
    lean = load("lean40")
    assert child.scenario.levers.staffing_share == 0.45
    assert child.scenario.levers.overtime_cap_minutes_per_day == 60
    assert child.scenario.levers.off_quota_workers == lean.scenario.levers.off_quota_workers
    assert len(child.scenario.reforms) == len(lean.scenario.reforms) + 1
    assert child.title == "child", "a title is not inherited"
    assert child.origin["levers.staffing_share"].endswith("child.toml")
    assert child.origin["levers.overtime_cap_minutes_per_day"].endswith("parent.toml")
    assert child.origin["levers.off_quota_workers"] == "lean40.toml"
    assert child.origin["reforms[0]"] == "lean40.toml"
    assert child.origin[f"reforms[{len(lean.scenario.reforms)}]"].endswith("parent.toml")
    assert child.data_folder == lean.data_folder


def test_inherited_reforms_can_be_dropped(write):
    child = load(write('extends = "lean40"\ndrop_reforms = ["levers.transfer.functions"]\n'))
    inherited = {reform.what for reform in load("lean40").scenario.reforms}
    assert {reform.what for reform in child.scenario.reforms} == inherited - {"levers.transfer.functions"}
    assert not load(write('extends = "lean40"\ndrop_reforms = ["*"]\n')).scenario.reforms
    assert only(write('extends = "lean40"\ndrop_reforms = ["levers.grid"]\n')).nearest == "levers.grids"


def test_a_child_may_shorten_the_run_but_a_file_may_not_state_what_never_happens(write):
    short = load(write('extends = "lean40"\n[run]\ndays = 10\n'))
    assert short.scenario.run.n_days == 10
    (warning,) = short.warnings
    assert warning.count(" on 20") == len(load("lean40").scenario.reforms)
    same = 'extends = "longgang/base"\n[run]\ndays = 10\n'
    reform = '[[reforms]]\ndate = 2025-01-01\nwhat = "levers.grids"\nto = 384\n'
    assert only(write(same + reform)).key == "reforms[2025-01-01 levers.grids].date"


def test_a_data_folder_beside_the_file_comes_first(write, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    plan = load(write('extends = "lean40"\n[county]\ndata = "elsewhere"\n'))
    assert plan.data_folder == (tmp_path / "elsewhere").resolve()
    again = type(plan).from_dict(plan.to_dict())
    assert again.data_folder == plan.data_folder
    assert only(write('extends = "lean40"\n[county]\ndata = "longang"\n')).nearest == "longgang"
    assert only(write('extends = "lean40"\n[county]\ndata = "../x"\n')).key == "county.data"


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(write):
    plain = load(write(QUEUE))
    assert load(write(b"\xef\xbb\xbf" + QUEUE.replace("\n", "\r\n").encode())).digest == plain.digest


def test_the_digest_ignores_names_titles_and_order(write):
    plan = load(write(QUEUE))
    head, _, rest = QUEUE.partition("[run]")
    other = (
        "title = 'Other'\ndescription = 'x'\n"
        + head
        + "[run]\ndays = 10\nstart = 2020-01-01\n"
        + rest.split("\n", 3)[3]
    )
    assert load(write(other, "renamed.toml")).digest == plan.digest
    assert load(write(QUEUE.replace("days = 10", "minutes = 14400.0"))).digest == plan.digest
    assert load(write(QUEUE.replace("days = 10", "days = 11"))).digest != plan.digest
    assert load(write(QUEUE.replace("per_hour = 5", "per_hour = 5.0"))).digest == plan.digest


FILES = {
    "empty": (b"", "empty"),
    "blank": (b" \n\n", "empty"),
    "gbk": ("title = '龙港'".encode("gb18030"), "GBK"),
    "utf16": ("title = 'x'".encode("utf-16"), "UTF-16"),
    "syntax": (b"title = 'x'\n\n[run\nx = 1", "line 3"),
    "duplicate key": (b"schema = 1\nschema = 1\n", "line 2"),
    "percent": (b"[levers]\nstaffing_share = 40%\n", "write 0.40 for 40 %"),
    "broken braces": (b"x = [ { a = 1,\n b = 2 } ]\n", "must stand on one line"),
    "impossible date": (b"[run]\nstart = 2019-13-40", "line 2"),
    "leap day": (b"[run]\nstart = 2019-02-29", "line 2"),
    "deep": (b"x = " + b"[" * 5000 + b"]" * 5000, "deep"),
    "deep keys": (b".".join([b"a"] * 500) + b" = 1", "deep"),
    "many digits": (b"[run]\nseed = " + b"9" * 6000, "not TOML"),
    "nul": (b"title = 'a\x00b'", "not TOML"),
    "large": (b"#" * 5_000_001, "5,000,001 bytes"),
    "only a title": (b"title = 'x'", "nothing to compute"),
    "newer schema": (b"schema = 2\nextends = 'lean40'", "schema"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(write, case):
    raw, expected = FILES[case]
    problem = only(write(raw))
    assert expected in str(problem) and "case.toml" in str(problem)


def test_missing_files_folders_and_unknown_names(tmp_path, write):
    write(QUEUE, "mine.toml")
    assert only(tmp_path / "mime.toml").nearest == "mine.toml"
    assert "folder" in str(only(tmp_path))
    assert only("lean4O").nearest == "lean40"
    assert "lean40" in only("quite different").allowed
    for nonsense in (None, 3, b"lean40"):
        with pytest.raises(ScenarioError):
            load(nonsense)


def test_extends_that_leads_nowhere_or_back(write):
    assert only(write('extends = "lean4O"')).nearest == "lean40"
    assert only(write('extends = "gone.toml"')).key == "extends"
    assert only(write("extends = 3")).key == "extends"
    assert "itself" in str(only(write('extends = "case.toml"')))
    write('extends = "case.toml"', "b.toml")
    assert "b.toml" in str(only(write('extends = "b.toml"')))


# Each: text to replace in QUEUE, its replacement, the key that the message names, and a part of the message.
QUEUES = [
    ("count = 2", "count = 2.5", "officials.clerk.count", "whole number"),
    ("count = 2", "count = true", "officials.clerk.count", "true is not allowed"),
    ("count = 2", 'count = "2"', "officials.clerk.count", "without quotes"),
    ("count = 2", "count = 0", "officials.clerk.count", "1 to 100,000"),
    ("count = 2", "count = 99999999999999999999999", "officials.clerk.count", "1 to 100,000"),
    ("count = 2", "cuont = 2", "officials.clerk.cuont", "did you mean count"),
    ("days = 10", "days = 0", "run.days", "1 to 40,000"),
    ("days = 10", "day = 10", "run.day", "did you mean days"),
    ("days = 10", "minutes = nan", "run.minutes", "nan"),
    ("days = 10", "minutes = inf", "run.minutes", "inf"),
    ("days = 10", "days = 10\nminutes = 3", "run", "both given"),
    ("days = 10", "end = 2019-12-31", "run.end", "before run.start"),
    ("days = 10", "days = 10\nwarm_up_minutes = 14400", "run.warm_up_minutes", "less than 14400"),
    ("start = 2020-01-01", "start = 2020-01-01T08:00:00", "run.start", "without a time of day"),
    ("start = 2020-01-01", 'start = "soon"', "run.start", "a date such as"),
    ("start = 2020-01-01", "start = 1020-01-01", "run.start", "1990-01-01"),
    (
        'law = "poisson", per_hour = 5',
        'law = "poison", per_hour = 5',
        "matters.enquiry.arrivals.law",
        "poisson",
    ),
    ('law = "poisson", per_hour = 5', "per_hour = 5", "matters.enquiry.arrivals", "no law is given"),
    ("per_hour = 5", "per_hour = 5, per_day = 3", "matters.enquiry.arrivals", "one of per_minute"),
    ("per_hour = 5", "per_hour = -5", "matters.enquiry.arrivals.per_hour", "more than 0"),
    ("per_hour = 5", "per_hour = 1e300", "matters.enquiry.arrivals.per_hour", "at most"),
    ("per_hour = 5", "per_hours = 5", "matters.enquiry.arrivals.per_hours", "did you mean per_hour"),
    ("per_hour = 5", "per_hour = 5, by_hour = [1, 2]", "matters.enquiry.arrivals.by_hour", "24 weights"),
    (
        "mean_minutes = 10",
        "mean_minutes = 0",
        "matters.enquiry.steps.ask.service.mean_minutes",
        "more than 0",
    ),
    ("mean_minutes = 10", "minutes = 10", "matters.enquiry.steps.ask.service.mean_minutes", "missing"),
    (
        "mean_minutes = 5, cv = 1",
        "mean_minutes = 5",
        "matters.enquiry.steps.sign.service",
        "cv or sd_minutes",
    ),
    ("share = 0.25", "share = 0.35", "matters.enquiry.steps.ask.next", "add up to 1.1"),
    ("share = 0.25", "share = 25", "matters.enquiry.steps.ask.next[0].share", "write 0.25 for 25 %"),
    ('step = "sign"', 'step = "sing"', "matters.enquiry.steps.ask.next", "did you mean sign"),
    ('post = "office"', 'post = "offise"', "matters.enquiry.steps.sign.post", "did you mean office"),
    ('posts = ["desk", "office"]', 'posts = ["desk"]', "matters.enquiry.steps.sign.post", "nobody may serve"),
    ('posts = ["desk", "office"]', "posts = []", "officials.clerk.posts", "at least one post"),
    ('posts = ["desk", "office"]', 'posts = ["desk", "office", "desk"]', "officials.clerk.posts", "twice"),
    ('name = "office"', 'name = "Desk"', "posts[1].name", "taken"),
    ('name = "office"', 'name = "a/b"', "posts.a/b.name", "must not contain"),
    ('name = "office"', 'name = " office"', "posts. office.name", "space"),
    ('name = "clerk"', 'name = ""', "officials..name", "empty"),
    ('name = "clerk"', 'name = "clerk"\nhours = ["17:00-09:00"]', "officials.clerk.hours", "before it opens"),
    (
        'name = "clerk"',
        'name = "clerk"\nhours = ["09:00-12:00", "11:00-13:00"]',
        "officials.clerk.hours",
        "overlap",
    ),
    ('name = "clerk"', 'name = "clerk"\nhours = ["9-17"]', "officials.clerk.hours", "not a window"),
    (
        'name = "clerk"',
        'name = "clerk"\nhours = ["01:00-02:00", "03:00-04:00", "05:00-06:00", "07:00-08:00", "09:00-10:00"]',
        "officials.clerk.hours",
        "5 entries; allowed: at most 4 entries",
    ),
    ("days = 10", "days = 10\nseed = -1", "run.seed", "0 to 9,223,372,036,854,775,807"),
    (
        "per_hour = 5",
        f"per_hour = 5, by_hour = {[-1] + 23 * [1]}",
        "matters.enquiry.arrivals.by_hour[0]",
        "a number, greater than or equal to 0",
    ),
    ("per_hour = 5", f"per_hour = 5, by_hour = {24 * [0]}", "matters.enquiry.arrivals.by_hour", "all weights are 0"),
    ('name = "clerk"', 'name = "clerk"\ncalendar = "chinese"', "officials.clerk.calendar", "did you mean"),
    ('name = "clerk"', 'name = "clerk"\npace = 0', "officials.clerk.pace", "more than 0"),
    ('name = "desk"', 'name = "desk"\nscope = "hall"', "posts.desk.scope", "no scope is called"),
    ('name = "desk"', 'name = "desk"\norder = "lifo"', "posts.desk.order", "first_come"),
    ("schema = 1", "schema = 1\n[levers]\nstaffing_share = 0.4", "levers", "no effect"),
    ("schema = 1", 'schema = 1\n[county]\ndata = "longgang"', "posts", "county"),
    ("schema = 1", "schema = 1\nworld = 3", "world", "a table with"),
]


@pytest.mark.parametrize("case", range(len(QUEUES)))
def test_what_is_wrong_in_a_queue_is_said_with_its_key(write, case):
    old, new, key, expected = QUEUES[case]
    assert QUEUE.count(old) >= 1
    problems = problems_of(write(QUEUE.replace(old, new, 1)))
    said = [str(p) for p in problems if p.key == key]
    assert said, "\n".join(map(str, problems))
    assert any(expected in line for line in said), said
    assert all("case.toml" in str(p) for p in problems), "\n".join(map(str, problems))


LEVERS = [
    ("staffing_share = 40", "levers.staffing_share", "write 0.4 for 40 %"),
    ("staffing_share = '40%'", "levers.staffing_share", "write 0.40"),
    ("staffing_share = true", "levers.staffing_share", "a number"),
    ("staffing_shares = 0.4", "levers.staffing_shares", "did you mean staffing_share (a number, 0.005 to 3"),
    ("grids = 400", "levers.grids", "336, 384, 484"),
    ("posts_per_official = 2.5", "levers.posts_per_official", "whole number, 1 to 8"),
    ("attention_shares = [0.5, 0.5, 0.2]", "levers.attention_shares", "add up to 1.2"),
    ("attention_shares = [0.5, 0.5]", "levers.attention_shares[2]", "missing"),
    ("attention_rule = 'superior first'", "levers.attention_rule", 'did you mean "superior_first"'),
    ("transfer.functions = 155", "levers.transfer.functions", "0 to 154"),
    ("transfer.function = 15", "levers.transfer.function", "did you mean functions"),
    ("transfer = 15", "levers.transfer", "a table with functions"),
    ("headcount = 'freeze'", "levers.headcount", "free"),
    ("task_force_share = 0.8\nstationed_share = 0.333", "levers.task_force_share", "at most 0.667"),
]


@pytest.mark.parametrize("case", range(len(LEVERS)))
def test_what_is_wrong_in_the_levers_is_said_with_its_key(write, case):
    line, key, expected = LEVERS[case]
    problem = only(write(f'extends = "lean40"\n[levers]\n{line}\n'))
    assert problem.key == key and expected in str(problem), str(problem)


REFORMS = [
    ('date = 2019-09-24\nwhat = "levers.grids"\nto = 384', "reforms[NAME].date", "outside the run"),
    ('date = 2026-01-01\nwhat = "levers.grids"\nto = 384', "reforms[NAME].date", "outside the run"),
    ('date = 2020-09-28\nwhat = "levers.grids"\nto = 484', "reforms[NAME]", "twice"),
    ('date = 2021-01-01\nwhat = "levers.grid"\nto = 384', "reforms[NAME].what", "did you mean levers.grids"),
    ('date = 2021-01-01\nwhat = "run.seed"\nto = 384', "reforms[NAME].what", "levers, world or behaviour"),
    ('date = 2021-01-01\nwhat = "levers.grids"\nto = 400', "reforms[NAME].to", "336, 384, 484"),
    (
        'date = 2021-01-01\nwhat = "levers.grids"\nto = 484\nramp_days = 30',
        "reforms[NAME].ramp_days",
        "gradually",
    ),
    ('date = 2021-01-01\nwhat = "behaviour.fatigue"\nto = 1', "reforms[NAME].to", "true or false"),
    ('date = 2021-01-01\nwhat = "levers.staffing_share"\nto = 50', "reforms[NAME].to", "write 0.5 for 50 %"),
    ('date = 2021-01-01\nwhat = "levers.staffing_share"', "reforms[NAME].to", "missing"),
    (
        'date = 2021-01-01\nwhat = "behaviour.thinning_full_days"\nto = 1',
        "behaviour.thinning_starts_days",
        "2021-01-01",
    ),
]


@pytest.mark.parametrize("case", range(len(REFORMS)))
def test_what_is_wrong_in_a_reform_is_said_with_its_key(write, case):
    text, key, expected = REFORMS[case]
    key = key.replace("NAME", " ".join(re.findall('(?:date|what) = "?([^"\n]+)', text)))
    problem = only(write(f'extends = "lean40"\n[run]\nend = 2025-12-31\n[[reforms]]\n{text}\n'))
    assert problem.key == key and expected in str(problem), str(problem)


def test_a_reform_is_told_by_date_and_what_and_the_files_it_stands_in(write):
    twice = '[[reforms]]\ndate = 2021-01-01\nwhat = "levers.grids"\nto = 484\n'
    write(f'extends = "lean40"\n{twice}', "parent.toml")
    problem = only(write(f'extends = "parent.toml"\n{twice}'))
    assert problem.key == "reforms[2021-01-01 levers.grids]" and problem.file.endswith("case.toml")
    assert "(also by reforms[2021-01-01 levers.grids] in " in problem.message and "parent.toml)" in problem.message
    nameless = only(write('extends = "lean40"\n[[reforms]]\ndate = 2021-01-01\nto = 484\n'))
    assert nameless.key == "reforms[2021-01-01 no what].what" and "missing" in nameless.message


def test_all_problems_are_told_at_once_and_name_their_own_file(write):
    write('extends = "lean40"\n[levers]\nstaffing_share = 40\n', "parent.toml")
    path = write('extends = "parent.toml"\n[world]\ndemand_facter = 2\n[behaviour]\nfatigue = 1\n'
                 '[sources]\nlevers.grid = "x"\n'
                 '[[reforms]]\ndate = 2018-01-01\nwhat = "levers.grids"\nto = 1\n')  # fmt: skip
    problems = {p.key: p for p in problems_of(path)}
    mine = "reforms[2018-01-01 levers.grids]"
    assert set(problems) == {
        "levers.staffing_share", "world.demand_facter", "behaviour.fatigue", "sources.levers.grid",
        f"{mine}.date", f"{mine}.to",
    }  # fmt: skip
    assert problems["levers.staffing_share"].file.endswith("parent.toml")
    assert problems["behaviour.fatigue"].file.endswith("case.toml")


def test_steps_must_be_reached_and_must_end(write):
    loop = QUEUE.replace("cv = 1 } },", 'cv = 1 }, next = [{ step = "sign" }] },')
    assert "no way leads" in str(only(write(loop)))
    lost = QUEUE.replace('step = "sign", share = 0.25', 'step = "ask", share = 0.25')
    assert "ever reaches" in str(only(write(lost)))


def test_an_error_survives_a_process_boundary(write):
    try:
        load(write("schema = 2"))
    except ScenarioError as error:
        again = pickle.loads(pickle.dumps(error))
        assert again.problems == error.problems and str(again) == str(error)
