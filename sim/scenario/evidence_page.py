"""`docs/EVIDENCE.md`, written from the county's evidence table so that it cannot drift.

`python -m sim.scenario.evidence_page docs/EVIDENCE.md` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.scenario.evidence import WORDS, Statement, conflicts, read_evidence
from sim.scenario.files import builtin_folder
from sim.scenario.generated import write_document

TITLES = {
    "A": "Staff, structure, posts", "B": "Areas, communities, grids", "C": "Transfer of functions",
    "D": "Service, approval, enforcement", "E": "Digital", "F": "Population, economy, finance",
    "G": "Demand, channels, repeats", "H": "Comparison with other counties, money", "L": "Load, pace, standards",
    "P": "Pooling, many skills", "R": "Residents' satisfaction", "S": "Set-up, learning, forgetting",
    "W": "Hours, exhaustion, absence, leaving", "X": "Contracting out",
}  # fmt: skip
HEAD = """# Evidence: what the sources say, and what uses it

Written by `python -m sim.scenario.evidence_page docs/EVIDENCE.md` from `scenarios/longgang/evidence.csv`; do not edit.
The county's events by date stand in `scenarios/longgang/timeline.csv`; numbers of the scenario language carry their
own source ([ODD.md](ODD.md), appendix; `leancounty check SCENARIO`).

Statements are told in the project's own words. Five documents on Longgang: the first party secretary's interview
(2020-09-16), the press conference of the party congress (2020-01-05), an op-ed of the party school (2020-09-28), a
press tour (2021-09), the city secretary's essay (2025). Four of them are official: what they claim is one-sided. From
G on: other places and the literature, of which often only abstracts were read. Trust:
*sourced* (stated by a document that was read), *derived* (arithmetic on such statements), *assumed* (no source), *from
memory* (known, not read again). *Used by*: places of numbers (`=`: takes the value as it is, and a test compares
them); *target*: compared with results, never an input; *part 2*: no mechanism yet; *context*: not simulated.
"""


def page(statements: Sequence[Statement]) -> str:
    """The document as Markdown."""
    parts = [HEAD, *_counts(statements), "## Where sources disagree\n", *_conflicts(statements), *_tables(statements)]
    return "\n".join(parts)


def _counts(statements: Sequence[Statement]) -> Iterator[str]:
    n_inputs = sum(bool(s.inputs) for s in statements)
    n_rests = sum(bool(s.places) for s in statements)
    others = ", ".join(f"{sum(s.used_by == (word,) for s in statements)} {word} only" for word in WORDS)
    yield f"{len(statements)} statements: {n_inputs} are inputs as they stand, numbers rest on {n_rests}; {others}.\n"


def _conflicts(statements: Sequence[Statement]) -> Iterator[str]:
    for group in conflicts(statements):
        yield "; ".join(f"{s.what}: **{_value(s)}** ({s.refers_to}; {s.source}) [{s.id}]" for s in group) + "."
        yield "*Read as*: " + "; ".join(dict.fromkeys(s.reading for s in group)) + ".\n"


def _tables(statements: Sequence[Statement]) -> Iterator[str]:
    for letter, title in TITLES.items():
        yield f"## {letter}. {title}\n"
        yield "| id | what | value | when | source | trust | used by |\n|---|---|---|---|---|---|---|"
        for s in statements:
            if s.id.startswith(letter):
                used = "; ".join(place if place in WORDS else f"`{place}`" for place in s.used_by)
                what = s.what + (f" (not with {', '.join(s.conflicts)})" if s.conflicts else "")
                if s.reading and not s.conflicts:
                    what += f" ({s.reading})"
                yield f"| {s.id} | {what} | {_value(s)} | {s.refers_to} | {s.source} | {s.trust} | {used} |"
        yield ""


def _value(s: Statement) -> str:
    try:
        return f"{float(s.value):,.10g} {s.unit}".strip()
    except ValueError:
        return f"{s.value} {s.unit}".strip()


def built_in_page() -> str:
    """The document of the built-in county."""
    return page(read_evidence(builtin_folder() / "longgang"))


if __name__ == "__main__":
    write_document(built_in_page)
