"""`docs/CATALOGUE.md`, written from the county's tables so that it cannot drift.

`python -m sim.scenario.catalogue_page docs/CATALOGUE.md` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.scenario import load
from sim.scenario.calendar import WORKING_DAY_MINUTES
from sim.scenario.catalogue import Catalogue, MatterFamily, read_catalogue
from sim.scenario.catalogue_rows import BLOCKS, GONE_REASONS, TOWNSHIP_WORK
from sim.scenario.county_network import county_network
from sim.scenario.county_township import township_families
from sim.scenario.county_work import expected_visits
from sim.scenario.generated import write_document
from sim.scenario.network import DONE, Network

BUILT_IN = {"conventional": "conventional100", "lean": "lean40"}
"""Scenario that shows each structure."""
BLOCK_TITLES = {
    "county": "Grows with the county", "liaison": "Grows with counterparts above",
    "tasking": "Grows with pairs of department and township", "unit_overhead": "Grows with units",
    "staff": "Grows with staff", "auxiliary": "Off-quota people's own work",
    "community": "Community workers' own work", "grid": "Grid workers' own work",
}  # fmt: skip
STREAM_TITLES = {
    "grid": "Grid events", "hotline": "Hotline calls dispatched to the county",
    "simple_residents": "Simple enforcement, people", "simple_businesses": "Simple enforcement, businesses",
    "general_residents": "General enforcement, people", "general_businesses": "General enforcement, businesses",
    "counter_local": "Personal matters at a counter nearby",
    "counter_county": "Personal matters at the county's counter",
    "business_registration": "Registration of businesses", "approval_businesses": "Licences and permits, businesses",
    "approval_residents": "Permits, people", "project": "Investment projects",
    "online_residents": "Small online items, people", "online_businesses": "Small online items, businesses",
    "social_service": "Social services and subsidies",
    "technical_residents": "Training, law, support, people", "technical_businesses": "Technical services, businesses",
    "enterprise": "Value-added services to enterprises", "petition": "Petitions",
    "one_thing_residents": "One thing, people", "one_thing_businesses": "One thing, businesses",
}  # fmt: skip
LISTS = (
    # column, sign in the tables, what is listed, evidence, id of the fact
    ("approval_items", "A", "approval items under one seal", "1,146", "A12"),
    ("enterprise_items", "E", "approval items at the enterprise service centre", "1,612", "D8"),
    ("value_added_items", "V", "value-added matters there", "229", "D8"),
    ("enforcement_items", "P", "enforcement items of one team", "3,043", "A13"),
    ("functions", "F", "transferable functions", "154, of them 27 in 2020-09 and 85 by 2025", "C1, C3, C4"),
    ("devolved_items", "D", "town functions devolved to communities", "95", "B18"),
    ("area_items_2020", "X", "extended service items of areas, 2020", "168", "B19"),
    ("centre_items", "Z", "items at one of the 26 service centres, 2021", "159", "B22"),
    ("one_things", "O", "one-things", "12", "D5"),
)
STREAMS_OF_EVIDENCE = (
    # what, evidence, id, streams
    ("hotline calls dispatched", "27,000", "2f, K4", ("hotline",)),
    ("grid events", "67,000 – 85,000", "2f, K2", ("grid",)),
    ("simple enforcement cases", "40,100", "D4, K5", ("simple_residents", "simple_businesses")),
    ("general enforcement cases", "775", "D4, K5", ("general_residents", "general_businesses")),
    ("small online items", "0.5 – 2.0 million", "2f", ("online_residents", "online_businesses")),
    ("one-things", "4,380 at least", "D5", ("one_thing_residents", "one_thing_businesses")),
)
HEAD = """# The catalogue of matters

Written by `python -m sim.scenario.catalogue_page docs/CATALOGUE.md` from `scenarios/longgang/matters.csv`; do not edit.

A *family* stands for a stated number of listed matters (事项). How many it stands for says nothing about how often it
is asked for: no formula turns counts into volumes. Families of one *stream* arise in one Poisson process per
community, or share one block of minutes of a unit, and split it. Volumes hold for 464,700 residents a year, at the
province's online share of 0.70. Minutes are means of log-normal work: first contact / in the community / the case.
Most splits and all minutes are assumed; `scenarios/longgang/matters.csv` has range, source and status of every row.
"""


def page(catalogue: Catalogue, networks: dict[str, Network]) -> str:
    """The whole document.

    Args:
        catalogue: the county's tables.
        networks: the county under each structure, for where requests are solved.
    """
    requests = [m for m in catalogue.matters if m.block == "requests"]
    standing = [m for m in catalogue.matters if m.block != "requests"]
    counts = f"{len(requests)} of requests, {len(standing)} of standing work"
    parts = [HEAD, f"{len(catalogue.matters)} families: {counts}.\n"]
    parts += ["## Totals against the evidence\n", *_totals(catalogue), "## Where requests are solved\n"]
    parts += [*_solved(catalogue, networks), "## Requests of residents and businesses\n"]
    parts.append(
        "Signs of listed matters: "
        + ", ".join(f"{sign} {what}" for _, sign, what, _, _ in LISTS)
        + ". *New* marks a transferable service that government did not do before: its transfer relieves nobody.\n"
    )
    for stream, families in catalogue.streams("requests").items():
        parts += [f"### {_title(stream)}\n", *_requests(families)]
    parts += [
        "## Standing work\n",
        "Asked for by no resident. A block's minutes at a unit go to the families whose field fits, by weight; "
        "`docs/DATA.md` has the minutes of the blocks.\n",
    ]
    for stream, families in catalogue.streams(*BLOCKS[1:]).items():
        title = BLOCK_TITLES.get(families[0].block, families[0].block)
        rows = _township(catalogue) if families[0].block == TOWNSHIP_WORK else _standing(families)
        parts += [f"### {title} ({stream.replace('_', ' ')})\n", *rows]
    return "\n".join(parts)


def _totals(catalogue: Catalogue) -> Iterator[str]:
    yield "| listed | evidence | catalogue | fact |\n|---|---|---|---|"
    for column, sign, what, evidence, fact in LISTS:
        yield f"| {what} ({sign}) | {evidence} | {sum(getattr(m, column) for m in catalogue.matters):,} | {fact} |"
    fields = {field for m in catalogue.matters for field in m.enforcement_fields}
    leads = {m.conventional_units[0] for m in catalogue.matters if m.enforcement_items}
    yield f"| fields, departments of enforcement | 29, 9 | {len(fields)}, {len(leads)} | A13 |\n"
    yield "| a year | evidence | catalogue | fact |\n|---|---|---|---|"
    streams = catalogue.streams("requests")
    for what, evidence, fact, names in STREAMS_OF_EVIDENCE:
        volume = sum(m.volume for name in names for m in streams[name])
        yield f"| {what} | {evidence} | {volume:,.0f} | {fact} |"
    first = sorted((m.volume for m in streams["hotline"]), reverse=True)
    share = sum(first[:10]) / sum(first)
    yield f"| ten largest of {len(first)} kinds of hotline calls | 55.3 % | {share:.1%} | 2f, K15 |"
    works = [m for m in streams["grid"] if m.domain[0] in ("enforcement", "agriculture")]
    first = sorted((m.volume for m in works), reverse=True)
    shares = f"{first[0] / sum(first):.1%}, {sum(first[:3]) / sum(first):.1%}"
    yield f"| largest, three largest kinds of city-management events | 48.8 %, 77.1 % | {shares} | 2f |\n"


def _solved(catalogue: Catalogue, networks: dict[str, Network]) -> Iterator[str]:
    """Share of a stream's requests that end at each level, nothing being transferred."""
    places = ("grid", "community", "township or joint committee", "counter, hall or team", "department")
    yield "Percent of the requests that end at each place, without transfers: conventional / lean.\n"
    yield f"| stream | {' | '.join(places)} |\n|---|{'---|' * len(places)}"
    front = {u.unit for u in catalogue.units if u.is_front_line}
    ends: dict[str, dict[tuple[str, str], float]] = {}
    for structure, network in networks.items():
        level = {p.group: p.level for p in network.posts}
        place = {
            g: {"grid": "grid", "community": "community", "middle": places[2]}.get(x)
            or (places[3] if g in front else places[4])
            for g, x in level.items()
        }
        matters = {m.id: m for m in network.matters}
        for stream, families in catalogue.streams("requests").items():
            families = [m for m in families if m.relieves]
            total = sum(m.volume for m in families)
            for m in families:
                matter = matters[m.matter]
                for step, visits in zip(matter.steps, expected_visits(matter), strict=True):
                    share = sum(n.probability for n in step.next if n.step == DONE) * visits * m.volume / total
                    row = ends.setdefault(stream, {})
                    key = structure, place[step.group]
                    row[key] = row.get(key, 0.0) + share
    for stream, row in ends.items():
        cells = (" / ".join(f"{100 * row.get((s, p), 0):.0f}" for s in networks) for p in places)
        yield f"| {_title(stream)} | {' | '.join('' if c == '0 / 0' else c for c in cells)} |"
    yield ""


def _requests(families: Sequence[MatterFamily]) -> Iterator[str]:
    first = families[0]
    volume = sum(m.volume for m in families)
    yield f"{volume:,.0f} a year, grows with {first.driver}.\n"
    yield (
        "| family | a year (range) | minutes (cv) | due | online | conventional units | lean units | listed | route |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    for m in families:
        listed = [f"{sign} {getattr(m, column)}" for column, sign, *_ in LISTS if getattr(m, column)]
        if m.functions:
            listed.append(f"no. {m.function_order} in the list{'' if m.relieves else ', *new*'}")
        minutes = f"{m.contact_minutes:g} / {m.field_minutes:g} / {m.case_minutes:g} ({m.cv:g})"
        yield (
            f"| {m.name_en} {m.name_zh} | {m.volume:,.0f} ({m.volume_low:,.0f} – {m.volume_high:,.0f}) | {minutes} "
            f"| {_due(m)} | {f'{m.digital_share:.0%}' if m.digital_share else ''} | {_units(m, 'conventional')} "
            f"| {_units(m, 'lean')} | {', '.join(listed)} | {m.route} |"
        )
    yield from _sources(families)


def _standing(families: Sequence[MatterFamily]) -> Iterator[str]:
    head = ("family", "fields", "weight", "minutes a task (cv)", "due", "least share", "transferable")
    yield f"| {' | '.join(head)} |\n|{'---|' * len(head)}"
    for m in families:
        transferable = f"F {m.functions}, no. {m.function_order} in the list" if m.functions else ""
        yield (
            f"| {m.name_en} {m.name_zh} | {', '.join(m.domain).replace('_', ' ')} | {m.block_share:g} "
            f"| {m.case_minutes:g} ({m.cv:g}) | {_due(m)} | {m.least_share:g} | {transferable} |"
        )
    yield from _sources(families)


def _township(catalogue: Catalogue) -> Iterator[str]:
    """Township work by family: its share of the block, and where it goes without townships."""
    families = township_families(catalogue)
    parts = ("up", "down", "gone")
    all_of_it = {name: sum(f.share * getattr(f, name) for f in families) for name in parts}
    yield (
        "Departments and townships do half each, family by family. Without townships a part of each family moves *up* "
        "to departments, a part *down* to communities, and the rest is *gone*: nobody does it any more "
        "(`world.township_work_gone` scales that). In all "
        + ", ".join(f"{x:.1%} {name}" for name, x in all_of_it.items())
        + ". Why gone: " + "; ".join(f"*{reason}*, {why}" for reason, why in GONE_REASONS.items())
        + ": " + ", ".join(
            f"{sum(f.share * f.gone for f in families if f.family.gone_reason == reason):.1%} {reason}"
            for reason in GONE_REASONS
        ) + " of the block.\n"
    )  # fmt: skip
    yield (
        "| family | fields of departments | weight | of the block | up | down | gone | minutes a task (cv) | due "
        "| least share | what goes where |\n|---|---|---|---|---|---|---|---|---|---|---|"
    )
    of_townships = {u.domain for u in catalogue.units if u.tasking_share and u.kind != "department"}
    for f in families:
        m = f.family
        fields = ", ".join(name for name in m.domain if name not in of_townships).replace("_", " ")
        yield (
            f"| {m.name_en} {m.name_zh} | {fields} | {m.block_share:g} | {f.share:.1%} | {f.up:.0%} | {f.down:.0%} "
            f"| {f.gone:.0%}, {m.gone_reason} | {m.case_minutes:g} ({m.cv:g}) | {_due(m)} | {m.least_share:g} "
            f"| {m.source} ({m.status}) |"
        )
    yield ""


def _title(stream: str) -> str:
    return STREAM_TITLES.get(stream, stream.replace("_", " ").capitalize())


def _due(m: MatterFamily) -> str:
    """Deadline on the common yardstick, in working days of eight hours."""
    days = m.deadline_minutes / WORKING_DAY_MINUTES
    return f"{m.deadline_minutes:g} min" if days < 1 else f"{days:g} d"


def _units(m: MatterFamily, structure: str) -> str:
    return " → ".join(m.units(structure)).replace("_", " ")


def _sources(families: Sequence[MatterFamily]) -> Iterator[str]:
    """What the rows rest on, each source once."""
    found = dict.fromkeys((m.source, m.status) for m in families)
    yield "\nRests on: " + " ".join(f"{source} ({status})." for source, status in found) + "\n"


def built_in_page() -> str:
    """The document of the built-in county."""
    networks = {}
    for structure, name in BUILT_IN.items():
        plan = load(name)
        settings = plan.settings(plan.scenario.run.last_day)
        catalogue = read_catalogue(settings.data_folder)
        networks[structure] = county_network(settings, catalogue)
    return page(catalogue, networks)


if __name__ == "__main__":
    write_document(built_in_page)
