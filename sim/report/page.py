"""The page of a comparison: one HTML file that needs nothing else, in English or Chinese."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from sim.analysis.attribution import split_by_seed, staff_of
from sim.analysis.comparison import Comparison
from sim.analysis.months import people_by_pool
from sim.report import figures, labour_figures
from sim.report.answers import answers, posts_sentence, warnings
from sim.report.budget import budget_tables
from sim.report.causes import block_table, cause_table, days_by_year, groups, quality_table, year_table
from sim.report.drawing import as_png, as_svg
from sim.report.headline import headline_note, headline_table
from sim.report.matters import matter_table
from sim.report.money import money_table
from sim.report.offered import offered_table
from sim.report.pools import pool_table
from sim.report.settings import not_in_all, reforms_of, same_until, settings_table
from sim.report.trust import trust
from sim.report.verdicts import n_of
from sim.report.words import LANGUAGES, option_title, say

FILE_NAME = "report.html"


def write_page(comparison: Comparison, folder: str | Path, lang: str = "en", command: str = "") -> Path:
    """Write the page of a comparison.

    Args:
        comparison: what to tell.
        folder: where to; made when it is not there.
        lang: "en" or "zh".
        command: the command that made it; by default the one that would.

    Returns:
        Path of the file, `report.html`, or `report.zh.html` in Chinese.
    """
    folder = Path(folder)
    text = page(comparison, lang, command)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / in_language(FILE_NAME, lang)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def page_files(comparison: Comparison, lang: str = "en") -> dict[str, bytes]:
    """What a result folder holds for people: the page first, and the figure of cost in both languages.

    Args:
        comparison: what to tell.
        lang: language of the page.

    Returns:
        File name -> bytes.
    """
    found = {in_language(FILE_NAME, lang): page(comparison, lang).encode()}
    for language in LANGUAGES:
        if (figure := figures.cost(comparison, language)) is not None:
            found[in_language("money.png", language)] = as_png(figure, 130)
            found[in_language("money.svg", language)] = as_svg(figure).encode()
    return found


def in_language(name: str, lang: str) -> str:
    """Name of a file in a language: `report.html`, `report.zh.html`."""
    return name if lang == "en" else name.replace(".", f".{lang}.", 1)


def page(comparison: Comparison, lang: str = "en", command: str = "") -> str:
    """The page as text; the same text for the same comparison."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    template = environment.from_string((files("sim.report") / "page.html.j2").read_text(encoding="utf-8"))
    font = ""
    if lang == "zh":
        font = base64.b64encode(
            (files("sim.report") / "fonts" / "NotoSansSC-subset.woff2").read_bytes()
        ).decode()
    return template.render(
        lang=lang,
        font=Markup(font),
        w=lambda key: say(key, lang),
        **_opening(comparison, lang),
        **_pictures(comparison, lang),
        **_details(comparison, lang),
        budget=budget_tables(comparison, lang),
        money=money_table(comparison, lang),
        **trust(comparison, lang, command),
    )


def _opening(c: Comparison, lang: str) -> dict[str, Any]:
    titles = {name: option_title(plan, name, lang) for name, plan in c.plans.items()}
    others = [say("quoted", lang, x=titles[o]) for o in c.options]
    asked = "question" if c.is_county else "queue question"
    own = not_in_all(c)
    return {
        "title": say("title", lang, base=c.base, options=", ".join(c.options)),
        "question": say(asked, lang, base=titles[c.base], options=", ".join(others)),
        "warnings": warnings(c, lang),
        "answers": [a for o in c.options for a in answers(c, o, lang)],
        "options": [{"name": n, "title": t, "is_base": n == c.base} for n, t in titles.items()],
        "settings": settings_table(c, lang),
        "same_until": same_until(c, lang),
        "reforms": [reforms_of(p, n, lang, own) for n, p in c.plans.items() if c.is_county or p.scenario.reforms],
        "reforms_bold": say("reforms_bold", lang) if own else "",
        "headlines": [{"title": f"{c.base} → {o}", "table": headline_table(c, o, lang)} for o in c.options],
        "headline_note": headline_note(c, lang),
    }


def _pictures(c: Comparison, lang: str) -> dict[str, Any]:
    n = n_of(c)
    band = say("band_one", lang) if len(c.seeds) == 1 else say("band", lang, n=n)
    bars = say("bars", lang, n=n)

    def picture(figure: Figure, *caption: str) -> dict[str, Any]:
        return _captioned(figure, ". ".join(caption) + ".", lang)

    told = say("by_month" if c.is_county else "queue by_month", lang)
    has_course = c.months["date"].nunique() > 1
    marks = [say("reform_marks", lang)] * bool(figures.reform_dates(c))
    found = {
        "service": picture(figures.service(c, lang), told, *marks, band) if has_course else None,
        "minutes": picture(labour_figures.minutes(c, lang, staff_of(c)[0]), bars),
        **dict.fromkeys(("people", "organizations", "pools", "pool_table", "pool_notes", "money_figure", "offered")),
        "offered_table": offered_table(c, lang),
    }
    if found["offered_table"]:
        found["offered"] = picture(labour_figures.offered(c, lang), say("offered_caption", lang))
    if (cost := figures.cost(c, lang)) is not None:
        found["money_figure"] = picture(cost, say("money_bars_one" if len(c.seeds) == 1 else "money_bars", lang, n=n))
    if c.is_county:
        found |= {
            "people": picture(figures.people(c, lang), say("people_by_month", lang), *marks, band),
            "pools": picture(figures.pools(c, lang), bars),
            "pool_table": pool_table(c, people_by_pool(c.months), lang),
            "pool_notes": [posts_sentence(c, o, lang, "pools_note", "pools_note_same") for o in c.options],
        }
    if "organizations_alive" in c.society:
        found["organizations"] = picture(figures.organizations(c, lang), say("org_by_month", lang), band)
    return found


def _captioned(figure: Figure, caption: str, lang: str) -> dict[str, Any]:
    if lang == "zh":
        caption = caption.replace(". ", "。").removesuffix(".") + "。"
    return {"svg": Markup(as_svg(figure)), "caption": caption}


def _years(
    c: Comparison, option: str, who: str, splits: Mapping[str, pd.DataFrame], lang: str
) -> dict[str, Any] | None:
    """The split by calendar year, of the first group of people; None for runs within one year."""
    if splits[who]["year"].nunique() < 2:
        return None
    picture = labour_figures.years(c, option, groups(c)[who], who, lang)
    return {
        "figure": _captioned(picture, f"{say('years_caption', lang)}.", lang),
        "table": year_table(splits[who], days_by_year(c), lang),
    }


def _details(c: Comparison, lang: str) -> dict[str, Any]:
    whisker = say("bars" if len(c.seeds) == 1 else "whisker", lang, n=n_of(c))
    falls, matters = [], []
    people = groups(c)
    for option in c.options:
        splits = {who: split_by_seed(c, option, kinds) for who, kinds in people.items()}
        title = f"{c.base} → {option}"
        matters.append({"title": title, "table": matter_table(c, option, lang)})
        if any(split.empty for split in splits.values()):
            continue
        pictures = [
            _captioned(labour_figures.fall(c, option, kinds, who, lang), f"{whisker}.", lang)
            for who, kinds in people.items()
        ]
        falls.append(
            {
                "title": title,
                "figures": pictures,
                "table": cause_table(splits, lang),
                "years": _years(c, option, next(iter(people)), splits, lang),
                "quality": quality_table(c, option, lang) if c.is_county else None,
                "blocks": block_table(splits[next(iter(people))], lang) if c.is_county else None,
            }
        )
    return {"falls": falls, "matters": [part for part in matters if part["table"].rows]}
