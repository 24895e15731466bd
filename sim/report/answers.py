"""The answer in brief: posts, headline outcomes and minutes in sentences, and what must be warned of."""

from __future__ import annotations

import math

from sim.analysis.attribution import average_split, split_by_seed, staff_of
from sim.analysis.comparison import Comparison, not_precise
from sim.report import numbers
from sim.report.causes import cause_name, groups, rest_name
from sim.report.offered import offered_in_a_sentence
from sim.report.settings import different
from sim.report.trust import assumed_counts
from sim.report.verdicts import UNSURE, tell
from sim.report.words import label, say

_ANSWERS = ("on_time_share", "median_days", "p90_days", "satisfaction_end", "hazards_on_time_share",
            "inspection_cover_share", "superior_on_time_share", "elastic_undone_share",
            "overtime_hours_per_week")  # fmt: skip
"""Outcomes of the brief: residents, safety, standing work, officials; all that replications="auto" looks at."""
_PARTS_NAMED, _SHARE_NAMED = 4, 0.005
_IDLE_NAMED = 1.0 / 3.0
_SAME = 0.001
"""Below this share of its largest cause the difference in paid minutes counts as none."""


def warnings(c: Comparison, lang: str) -> list[str]:
    """What must be said before the answer: failed runs, precision not reached, one run only, another world."""
    found = []
    if c.n_failed:
        reasons = "; ".join(sorted(set(c.failures["reason"])))
        found.append(say("failed", lang, n=c.n_failed, reasons=reasons))
    if c.asked == "auto":
        unknown = not_precise(c)
        names = ", ".join(f"{label(x.split(' (')[0], lang)} ({x.split(' (')[1]}" for x in unknown)
        found.append(
            say("auto_exhausted" if unknown else "auto_reached", lang, n=len(c.seeds), unknown=names)
        )
    if len(c.seeds) == 1:
        found.append(say("headline_note_one", lang))
    outside = [path for path in different(c) if path.startswith(("world.", "behaviour."))]
    if outside:
        found.append(say("world_differs", lang, paths=", ".join(outside)))
    return found


def answers(c: Comparison, option: str, lang: str) -> list[dict[str, str]]:
    """Lines of the answer in brief for an option: text, verdict, and how the verdict is marked."""
    name = f"[{option}] " if len(c.options) > 1 else ""
    told = [tell(c, option, outcome, lang, short=False) for outcome in _ANSWERS if outcome in c.outcomes]
    lines = [
        {
            "text": name
            + say("answer_line", lang, label=x.label, base=x.base, option=x.option, difference=x.difference),
            "verdict": x.verdict,
            "mark": x.mark,
        }
        for x in told
    ]
    sure = say("answer_assumed", lang, option=option, **assumed_counts(c.plans[option])) if c.is_county else ""
    more = [offered_in_a_sentence(c, option, lang), minutes_in_a_sentence(c, option, lang, "answer_minutes"),
            idle_in_a_sentence(c, option, lang), sure]  # fmt: skip
    before = posts_sentence(c, option, lang, "answer_posts", "answer_same_posts")
    plain = [[{"text": x, "verdict": "", "mark": UNSURE} for x in some if x] for some in ([before], more)]
    return [*plain[0], *lines, *plain[1]]


def posts_sentence(c: Comparison, option: str, lang: str, key: str, same_key: str) -> str:
    """Posts and paid people of an option against the base; empty where a comparison has none."""
    if not {"officials", "paid_people"} <= set(c.outcomes):
        return ""
    posts, people = (
        {o: c.level(o, x)["mean"] for o in (c.base, option)} for x in ("officials", "paid_people")
    )
    values = {
        "option": option,
        "base": c.base,
        "posts": numbers.amount(posts[option]),
        "base_posts": numbers.amount(posts[c.base]),
        "people": numbers.amount(people[option]),
        "base_people": numbers.amount(people[c.base]),
    }
    if values["posts"] == values["base_posts"] and values["people"] == values["base_people"]:
        return say(same_key, lang, **values)
    return say(
        key,
        lang,
        posts_share=numbers.per_cent(posts[option] / posts[c.base], 0),
        people_share=numbers.per_cent(people[option] / people[c.base], 0),
        **values,
    )


def minutes_in_a_sentence(c: Comparison, option: str, lang: str, key: str) -> str:
    """The ledger's answer in one sentence: the difference in paid minutes, its largest causes, and the rest."""
    causes = average_split(split_by_seed(c, option, staff_of(c)), by=["cause"])
    if causes.empty or causes["minutes"].abs().max() < 1.0:
        return ""
    causes = causes.reindex(causes["minutes"].abs().sort_values(ascending=False, kind="stable").index)
    whole, largest_part = causes["minutes"].sum(), causes["minutes"].abs().max()
    is_same = abs(whole) < _SAME * largest_part          # a share of next to nothing says nothing
    sizes = causes["minutes"].abs() / largest_part if is_same else causes["share"].abs()
    named = min(_PARTS_NAMED, max(int((sizes >= _SHARE_NAMED).sum()), 1))
    largest, rest = causes.head(named), causes.iloc[named:]

    def part(name: str, minutes: float, share: float) -> str:
        if is_same:
            return say("part_of_nothing", lang, name=name, minutes=numbers.million(minutes))
        return say("part", lang, name=name, minutes=numbers.million(minutes), share=numbers.whole_per_cent(share))

    parts = [part(cause_name(x.cause, lang), x.minutes, x.share) for x in largest.itertuples()]
    if len(rest):
        parts.append(part(rest_name(list(rest["cause"]), lang), rest["minutes"].sum(), rest["share"].sum()))
    joined = ("；" if lang == "zh" else "; ").join(parts)
    who = say(next(iter(groups(c))), lang)
    if is_same:
        return say(f"{key}_same", lang, who=who, parts=joined)
    return say(key, lang, who=who, difference=numbers.million(whole), parts=joined)


def idle_in_a_sentence(c: Comparison, option: str, lang: str) -> str:
    """Whose waiting for work makes up more than a third of a county's difference in paid minutes; else empty."""
    if not c.is_county:
        return ""
    causes = average_split(split_by_seed(c, option, staff_of(c)), by=["cause"])
    idle = causes[causes["cause"] == "idle"]
    if idle.empty or not _IDLE_NAMED < idle["share"].iloc[0] < math.inf:
        return ""
    idler, other = (c.base, option) if idle["minutes"].iloc[0] < 0 else (option, c.base)
    share = numbers.whole_per_cent(idle["share"].iloc[0])
    return say("answer_idle", lang, share=share, idler=idler, other=other, who=say(next(iter(groups(c))), lang))
