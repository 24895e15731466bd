"""The page, figures and tables of a comparison: whole, offline, the same bytes, no letter missing."""

from __future__ import annotations

import io
import math
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import matplotlib as mpl
import pandas as pd
import pytest
from comparisons import county, queue, short, turn_of_year
from rich.console import Console

from sim.agents.workers import KINDS
from sim.analysis.attribution import ACCOUNTS, CAUSES, average_split, split_by_seed
from sim.analysis.budget import LINES
from sim.analysis.comparison import HEADLINE
from sim.analysis.labour import QUALITY
from sim.analysis.money import cost_by_line, cost_by_year
from sim.outcome_names import LABELS
from sim.report import drawing, figures, labour_figures, numbers
from sim.report.answers import _ANSWERS, idle_in_a_sentence, minutes_in_a_sentence
from sim.report.causes import days_by_year, rest_name
from sim.report.experiment import Found, experiment_files
from sim.report.headline import headline_table
from sim.report.offered import offered_table
from sim.report.page import page, page_files, write_page
from sim.report.settings import not_in_all, reforms_of, same_until, settings_table
from sim.report.terminal import comparison_table
from sim.report.trust import _follows
from sim.report.verdicts import mark_of, outcomes_told, tell, verdict_text
from sim.report.words import LANGUAGES, _units, _words, block, label, say, source_name
from sim.scenario import builtin_names, load
from sim.scenario.register import register

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


class Page(HTMLParser):
    """Addresses that a page would load, and its text."""

    def __init__(self):
        super().__init__()
        self.loads, self.text, self.scripts = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.loads += [
            v for k, v in attrs if k in ("src", "data", "action", "poster") or (k == "href" and tag == "link")
        ]

    def handle_data(self, data):
        self.text.append(data)


# --- words ---


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_is_there_and_has_the_same_gaps(lang):
    for key, texts in _words().items():
        assert set(texts) == set(LANGUAGES), key
        assert set(re.findall(r"{(\w+)}", texts["en"])) == set(re.findall(r"{(\w+)}", texts["zh"])), key
    for cause in CAUSES:
        assert say(cause, lang)
    for account in ACCOUNTS:
        assert say(account, lang)
    for line in (*LINES, "auxiliary", "thinned", "worked"):
        assert say(f"line_{line}", lang)
    for name in QUALITY:
        assert say(f"quality_{name}", lang)
    for kind in KINDS:
        assert say(kind, lang)
    assert all(label(outcome, lang) for outcome in LABELS)
    assert block("county_elastic", lang) != block("county", lang)


def test_unknown_language_is_refused():
    with pytest.raises(ValueError, match="'fr' is not known; known: en, zh"):
        page(queue(), "fr")


def test_font_has_every_letter():
    from fontTools.ttLib import TTFont

    letters = set(TTFont(str(files("sim.report") / "fonts" / "NotoSansSC-subset.otf")).getBestCmap())
    words = "".join(texts["zh"] for texts in _words().values()) + "".join(zh for _, zh in LABELS.values())
    words += "".join(zh for table in _units().values() for zh in table.values())
    assert {c for c in words if ord(c) > 0x2E80 and ord(c) not in letters} == set()


@pytest.mark.parametrize("name", ["conventional100", "longgang_history", "textbook/mm5"])
def test_every_unit_has_a_chinese_name(name):
    units = {row["unit"] for row in register(load(name))}
    assert units - set(_units()["units"]) == set()


def test_every_source_that_the_page_shows_of_a_built_in_scenario_is_chinese():
    for name, _ in builtin_names():
        plan = load(name)
        shown = {row["source"] for row in register(plan) if row["status"] == "assumed"}
        shown |= {reform.source for reform in plan.scenario.reforms}
        english = {source for source in shown if source_name(source, "zh") == source}
        assert english == set(), name


def test_a_source_is_translated_whole_or_not_at_all():
    assert source_name("assumption", "zh") == "假设"
    assert source_name("assumption; seen in the press", "zh") == "assumption; seen in the press"


# --- what differs, and what follows from assumptions ---


def test_reforms_stand_by_date_with_their_bounds_and_what_is_not_reached():
    plan = load("lean40").vary({"run.end": "2022-12-31"})
    dates = [row.cells[0].text for row in reforms_of(plan, "lean40", "en")["table"].rows]
    assert dates == sorted(dates) and dates[0] == "2020-01-05"
    assert dates.count("2023-11-15 (free: 2021-10-01 to 2025-12-31), not reached") == 2
    assert dates[-1] == "2025-01-01, not reached" and "2022-01-01" in dates


def test_what_a_moved_reform_changes_can_be_seen():
    plan = short("lean40", **{"levers.transfer.functions": 0})
    early, late = (plan.vary({"reforms": [
        {"date": "2019-10-12", "what": "levers.joint_duty", "to": False, "source": "assumed: shared"},
        {"date": day, "what": "levers.one_team", "to": False, "source": "assumed: moved"}]})
        for day in ("2019-10-15", "2019-10-22"))  # fmt: skip
    c = replace(county(), plans={"early": early, "late": late})
    assert "until 2019-10-15," in same_until(c, "en")
    own = not_in_all(c)
    assert [r.kind for r in reforms_of(late, "late", "en", own)["table"].rows] == ["", "account"]
    assert same_until(county(), "en") == "" and not_in_all(county()) == set()      # they differ from the start


def test_settings_say_what_they_mean():
    rows = {row.cells[0].text: [cell.text for cell in row.cells] for row in settings_table(county(), "en").rows}
    assert "one pass" in rows["levers.one_seal"][-1]
    assert all(row.cells[-1].text for row in settings_table(county(), "en").rows)
    assert len(settings_table(county(), "zh").head) == len(settings_table(county(), "en").head) - 1


def _follows_from(changes: dict[str, object], lang: str = "en") -> str:
    base = short("conventional100")
    found = replace(county(), plans={"conventional100": base, "lean40": base.vary(changes)})
    return " ".join(_follows(found, lang))


@pytest.mark.parametrize(("changes", "says", "says_not"), [
    ({"levers.structure": "lean"}, "60 to 1,440 minutes", "75 % at the grid"),
    ({"levers.joint_duty": True}, "75 % at the grid", "199 villages"),
    ({"levers.communities": 102}, "199 villages and neighbourhoods, lean40 102 communities", "1,440"),
    ({"levers.transfer.functions": 10}, "about 1.6 times", "1,440"),
    ({"levers.rotating_share": 0.5}, "Time lost below", "1.6 times"),
    ({"levers.staffing_share": 0.4}, "no severance", "Time lost below"),
    ({"reforms": [{"date": "2019-10-20", "what": "levers.joint_duty", "to": True}]}, "75 % at the grid", "199"),
])  # fmt: skip
def test_a_sentence_stands_where_it_applies(changes, says, says_not):
    text = _follows_from(changes)
    assert says in text and says_not not in text


def test_waiting_for_work_is_named_when_it_makes_the_difference():
    text = idle_in_a_sentence(county(), "lean40", "en")
    causes = average_split(split_by_seed(county(), "lean40", ("official",)), by=["cause"]).set_index("cause")
    share = causes.at["idle", "share"]
    assert bool(text) == (share > 1 / 3)
    if text:
        assert text.startswith(f"{numbers.whole_per_cent(share)} of this difference") and "conventional100" in text


def test_a_run_of_weeks_has_no_first_and_last_year():
    assert "overtime_hours_per_week_last_year" in county().outcomes
    assert not [x for x in outcomes_told(county()) if x.endswith("_year") and ("first" in x or "last" in x)]
    months = county().months.assign(days=366.0)
    assert outcomes_told(replace(county(), months=months)) == list(county().outcomes)


# --- numbers ---


@pytest.mark.parametrize(("value", "text"), [
    (1863, "1,863"), (-3367.8, "−3,368"), (0.0, "0"), (31.34, "31.3"), (0.0719, "0.0719"), (-0.5, "−0.500"),
    (float("nan"), "–"), (0.0000003, "0.000000")])  # fmt: skip
def test_amount(value, text):
    assert numbers.amount(value) == text


def test_difference_shows_the_digits_that_its_interval_allows():
    assert numbers.difference("p90_days", 1.23456, 1.0, 1.46912, "en") == "+1.23 [+1.00, +1.47]"
    assert numbers.difference("on_time_share", 0.1337, 0.132, 0.1354, "en") == "+13.37 pp [+13.20, +13.54]"
    assert numbers.difference("officials", -2795.0, -2795.0, -2795.0, "en") == "−2,795"
    assert numbers.difference("p90_days", 2.0, float("nan"), float("nan"), "en") == "+2.00"
    assert numbers.per_cent(0.0004) == "0.040 %" and numbers.per_cent(0.4) == "40.0 %"
    assert numbers.whole_per_cent(-0.001) == "0 %"


# --- figures ---


def test_figures_are_the_same_bytes_and_hold_no_date():
    found = county()
    for draw in (figures.service, figures.people, labour_figures.minutes, figures.pools, figures.organizations,
                 figures.cost):  # fmt: skip
        svg = drawing.as_svg(draw(found))
        assert svg == drawing.as_svg(draw(found))
        assert "<dc:date>" not in svg and "http://www.w3.org" in svg
    assert drawing.as_png(figures.pools(found)) == drawing.as_png(figures.pools(found))


@pytest.mark.filterwarnings("error::UserWarning")
def test_no_letter_is_missing_in_chinese_figures():
    drawing.as_png(labour_figures.fall(county(), "lean40", ("official",), "who_official", "zh"))
    drawing.as_png(labour_figures.minutes(county(), "zh"))
    drawing.as_png(figures.cost(county(), "zh"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_figure_of_cost_says_its_units_and_no_text_overlaps(lang):
    """Bars add up to the table's whole; every text that is drawn keeps clear of every other."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    found = turn_of_year()
    with mpl.rc_context(drawing.style()):
        figure = figures.cost(found, lang)
        FigureCanvasAgg(figure).draw()
        bars, *panels = figure.subfigs[0].axes + figure.subfigs[1].axes
        assert bars.get_xlabel() == say("money_per_year", lang)
        said = [axis.get_title(loc="left") for axis in panels]
        assert said == [say(f"money_per_{per}", lang) for per in ("resident", "request")]
        by_year = cost_by_year(found)
        assert sorted(set(by_year["year"])) == [2019, 2020] and (by_year["low"] <= by_year["mean"]).all()
        whole = cost_by_line(found).query("line == 'all' and per == 'year'").set_index("option")["mean"] / 1e6
        ends = {name: max(p.get_x() + p.get_width() for p in bars.patches if round(p.get_y() + 0.3) == i)
                for i, name in enumerate(found.plans)}  # fmt: skip
        assert ends == pytest.approx(whole.to_dict())
        sides = [side for axis in (bars, *panels) for side in (axis.xaxis, axis.yaxis)]
        beyond = [label for side in sides for label, at in zip(side.get_ticklabels(), side.get_ticklocs(), strict=True)
                  if not min(side.get_view_interval()) <= at <= max(side.get_view_interval())]  # fmt: skip
        there = [t for t in figure.findobj(Text) if t.get_text().strip() and t.get_visible() and t not in beyond]
        boxes = [t.get_window_extent() for t in there]
        for i, a in enumerate(boxes):
            for k, b in enumerate(boxes[:i]):
                assert not a.overlaps(b), (there[i].get_text(), there[k].get_text())


def test_cost_by_year_is_the_whole_cost():
    found = turn_of_year()
    by_year = cost_by_year(found).query("per == 'resident'").set_index(["option", "year"])["mean"]
    days = days_by_year(found)
    whole = cost_by_line(found).query("line == 'all' and per == 'resident'").set_index("option")["mean"]
    for option in found.plans:
        mean = sum(by_year[option, year] * n for year, n in days.items()) / sum(days.values())
        assert mean == pytest.approx(whole[option], rel=1e-9)


def test_a_queue_has_no_figure_of_cost():
    assert figures.cost(queue()) is None and list(page_files(queue())) == ["report.html"]


def test_a_folder_holds_the_figure_of_cost_in_both_languages():
    found = page_files(county(), "zh")
    assert list(found) == ["report.zh.html", "money.png", "money.svg", "money.zh.png", "money.zh.svg"]
    assert found["money.png"][:4] == b"\x89PNG" and found["money.svg"] != found["money.zh.svg"]
    assert say("money_bars", "zh", n=2).encode() in found["report.zh.html"]


def test_every_axis_has_a_label():
    found = county()
    for draw in (figures.service, figures.people, figures.organizations):
        assert all(axis.get_ylabel() for axis in draw(found).axes)
    assert labour_figures.minutes(found).axes[0].get_xlabel() == "million minutes a year"


def test_numbers_on_bars_can_be_read():
    assert drawing.ink_on("#F0E442") == drawing.ink_on("#EBEBEB") == "black"
    assert drawing.ink_on("#5E3C99") == drawing.ink_on("#4D4D4D") == "white"


def test_a_single_rest_has_its_own_name():
    assert rest_name(["rework"], "en") == say("rework", "en") and "2 causes" in rest_name(["rework", "pace"], "en")


def test_waterfall_lands_on_the_option():
    figure = labour_figures.fall(county(), "lean40", ("official",), "who_official")
    bars = figure.axes[0].patches
    steps = sum(bar.get_width() for bar in bars[1:-1])
    assert bars[0].get_width() + steps == pytest.approx(bars[-1].get_width(), rel=1e-9)


def test_years_stand_beside_each_other():
    figure = labour_figures.years(turn_of_year(), "lean40", ("official",), "who_official", "zh")
    assert len(figure.axes) == len(ACCOUNTS) and all(axis.get_ylabel() for axis in figure.axes)
    assert [t.get_text().split("\n")[0] for t in figure.axes[0].get_xticklabels()] == ["2019", "2020"]


# --- verdicts and units ---


def test_a_verdict_that_holm_takes_back_is_not_marked():
    rows = pd.DataFrame({"verdict": ["better", "better", "negligible"], "p_holm": [0.01, 0.2, 0.01]})
    assert [mark_of(row) for _, row in rows.iterrows()] == ["better", "maybe", "unsure"]
    assert "not after Holm" in verdict_text(rows.iloc[1], "en")
    assert " （" not in verdict_text(rows.iloc[1], "zh")


def test_times_of_a_row_share_the_unit_that_reads_best():
    assert numbers.unit_of("median_days", (0.001, 0.02)) == ("minutes_unit", 1440.0)
    assert numbers.unit_of("median_days", (0.2, 0.001)) == ("hours", 24.0)
    assert numbers.unit_of("p90_days", (0.01, 2.5)) == ("days", 1.0)
    assert numbers.unit_of("satisfaction_end", (0.01,)) == ("days", 1.0)
    told = tell(queue(), "six", "median_days", "en")
    assert told.label == "Median time to resolve, minutes" and 5 < float(told.base) < 60


def test_a_queue_is_not_told_in_the_words_of_a_county():
    for lang, words in (("en", r"[Rr]esident|officials?\b(?!\.)|county"), ("zh", "居民|公务人员|县域")):
        found = Page()
        found.feed(page(queue(), lang).replace("lean-county", ""))
        said = "".join(found.text)
        assert not re.search(words, said.replace("leancounty", ""))
        assert "officials.clerk.count" in said and say("nothing_differs", lang) not in said


def test_the_largest_parts_and_the_rest_are_the_whole():
    text = minutes_in_a_sentence(county(), "lean40", "en", "terminal_ledger")
    whole, parts = text.split(" million a year. ")
    numbers_in = [float(x.replace("−", "-").replace(",", "")) for x in re.findall(r"[+−][\d,.]+(?= \()", parts)]
    assert "the rest together" in parts
    assert sum(numbers_in) == pytest.approx(float(whole.split(": ")[1].replace("−", "-")), abs=0.3)


def test_no_difference_in_minutes_is_told_without_shares_of_nothing(monkeypatch):
    from sim.report import answers

    causes = pd.DataFrame({"cause": ["idle", "transfer", "pace"], "minutes": [-2e6, 1.5e6, 0.5e6],
                           "share": [math.nan] * 3})  # fmt: skip
    monkeypatch.setattr(answers, "average_split", lambda split, by: causes)
    for key in ("terminal_ledger", "answer_minutes"):
        text = minutes_in_a_sentence(county(), "lean40", "en", key)
        assert "waiting for work −2.0; transferred to social organizations +1.5; pace (skill, fatigue) +0.5" in text
        assert "(–)" not in text and "%" not in text


def test_the_brief_holds_what_the_number_of_runs_is_chosen_by():
    assert set(HEADLINE) <= set(_ANSWERS) <= set(LABELS)


def test_outcomes_stand_under_headings():
    table = headline_table(county(), "lean40", "en")
    heads = [row.cells[0].text for row in table.rows if row.kind == "account"]
    assert heads[0] == say("group_requests", "en") and heads[-1] == say("group_money", "en") and len(heads) == 7
    assert all(len(row.cells) == (1 if row.kind else len(table.head)) for row in table.rows)
    assert not [row for row in headline_table(queue(), "six", "en").rows if row.kind]


def test_offered_load_is_a_row_and_its_parts_have_the_same_digits():
    table = offered_table(turn_of_year(), "en")
    assert table.rows[0].cells[0].text == "conventional100: offered load" and len(table.head) == 3
    for row in table.rows:
        for cell in row.cells[1:]:
            assert cell.text == "–" or re.fullmatch(r"−?\d+\.\d( … −?\d+\.\d)? %", cell.text), cell.text


# --- the page ---


@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_is_one_file_without_outside_requests(lang, tmp_path):
    path = write_page(county(), tmp_path, lang)
    text = path.read_text(encoding="utf-8")
    found = Page()
    found.feed(text)
    assert found.loads == [] and found.scripts == 0
    assert not re.search(r"url\((?!data:)[^#)]", text) and "@import" not in text
    assert ("font/woff2;base64," in text) == (lang == "zh")
    said = " ".join(found.text)
    assert say("cannot tell short", lang) in said or say("better", lang) in said
    for plan in county().plans.values():
        assert plan.digest in said
    assert "59" in said and "4,658" in said and "1,863" in said  # posts and all paid people, both named
    assert not re.search(r"\b(nan|inf|None)\b", said)
    assert [p.name for p in tmp_path.iterdir()] == ["report.html" if lang == "en" else "report.zh.html"]


def test_page_is_the_same_text_each_time():
    assert page(county()) == page(county())


def test_names_are_escaped():
    found = queue()
    evil = "<script>alert(1)</script>"
    rename = {"five": "five", "six": evil}
    tables = {name: frame.assign(option=frame["option"].map(rename)) for name, frame in found.tables().items()
              if len(frame)}  # fmt: skip
    text = page(replace(found, plans={"five": found.plans["five"], evil: found.plans["six"]}, **tables))
    assert "<script" not in text and "&lt;script&gt;" in text


def test_page_of_one_run_claims_no_interval():
    text = page(queue(1))
    assert "n = 1" in text
    assert 'class="better"' not in text and 'class="worse"' not in text


def test_page_says_when_the_budget_is_exhausted():
    text = page(replace(queue(2), asked="auto"))
    assert "The budget of 2 replications is exhausted" in text


def test_page_names_failed_runs():
    failed = pd.DataFrame([{"option": "six", "seed": 9, "reason": "MemoryError: <out>"}])
    text = page(replace(queue(2), failures=failed))
    assert "1 runs failed" in text and "MemoryError: &lt;out&gt;" in text


def test_page_of_a_textbook_queue():
    text = page(queue(), "zh")
    assert say("minutes", "zh") in text and say("pools", "zh") not in text
    assert say("service", "zh") not in text  # one month has no course


@pytest.mark.parametrize("lang", LANGUAGES)
def test_terminal_table(lang):
    console = Console(width=120, record=True, file=open("/dev/null", "w"))
    console.print(comparison_table(county(), lang))
    text = console.export_text()
    assert "lean40" in text and "4,658" in text and label("paid_people", lang) in text


def test_terminal_tells_the_accounts_by_year():
    console = Console(width=140, record=True, file=open("/dev/null", "w"))
    console.print(comparison_table(turn_of_year()))
    text = console.export_text()
    assert "2019 (23 days)" in text and "2020 (19 days)" in text and say("work_not_done", "en") in text


def test_experiment_files(tmp_path):
    frame = pd.DataFrame({"option": ["=a", "b"], "mean": [1.0, 2.0]})
    found = Found("what was done", {"levels": frame}, {"figure": figures.pools(county())}, "| a |", {"more": ""})
    files = experiment_files(found, "what it asks", "digest")
    names = ["about.txt", "answer.md", "figure.png", "figure.svg", "levels.csv", "levels.parquet"]
    assert sorted(files) == names
    assert pd.read_parquet(io.BytesIO(files["levels.parquet"]))["mean"].tolist() == [1.0, 2.0]
    assert files["about.txt"].decode().split("\n\n") == ["what was done", "what it asks\n"]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_opens_in_a_browser(lang, tmp_path):
    path = write_page(county(), tmp_path, lang)
    picture = tmp_path / "page.png"
    subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--window-size=400,3000", f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={picture}",
         path.as_uri()], check=True, capture_output=True, timeout=120)  # fmt: skip
    assert picture.stat().st_size > 50_000
