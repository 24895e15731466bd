"""How figures look, and how they become bytes: the same each time, colours for the colour-blind too."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import as_file, files

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours, the base first."""
SAVES, COSTS, WHOLE = "#0072B2", "#D55E00", "#7A7A7A"
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), "-")

FAMILY = ["DejaVu Sans", "Noto Sans SC Subset"]


@cache
def _register_font() -> None:
    from matplotlib import font_manager

    with as_file(files("sim.report") / "fonts" / "NotoSansSC-subset.otf") as path:
        font_manager.fontManager.addfont(path)


def style() -> dict[str, object]:
    """Settings of every figure, to be used in `matplotlib.rc_context`."""
    _register_font()
    return {
        "font.family": FAMILY, "font.size": 10.5, "axes.spines.top": False, "axes.spines.right": False,
        "axes.grid": True, "grid.color": "#E3E3E3", "axes.axisbelow": True, "svg.hashsalt": "lean-county",
        "svg.fonttype": "path", "axes.unicode_minus": True, "legend.frameon": False, "lines.linewidth": 1.8,
        "figure.dpi": 110, "savefig.facecolor": "white", "axes.titlesize": 11, "hatch.linewidth": 0.6,
    }  # fmt: skip


def ink_on(colour: str) -> str:
    """Black or white, whichever has the greater contrast on a colour (relative luminance, WCAG 2)."""
    linear = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in to_rgb(colour))
    luminance = sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "black" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "white"


def as_svg(figure: Figure) -> str:
    """The figure as SVG text without dates, letters drawn as paths."""
    out = io.StringIO()
    with mpl.rc_context(style()):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
    text = out.getvalue()
    return text[text.index("<svg") :]


def as_png(figure: Figure, dpi: int = 110) -> bytes:
    """The figure as PNG bytes without dates."""
    out = io.BytesIO()
    with mpl.rc_context(style()):
        figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None}, bbox_inches="tight")
    return out.getvalue()


def in_lines(text: str, width: int) -> str:
    """Text on lines of at most so many characters, broken before a bracket if one stands within the first."""
    for bracket in (" (", "（"):
        head, found, tail = text.partition(bracket)
        if found and len(head) <= width < len(text):
            return f"{head}\n{textwrap.fill(found.strip() + tail, width)}"
    return textwrap.fill(text, width)


def stack(
    axis: Axes,
    left: dict[str, float],
    widths: Sequence[float],
    colour: str,
    label: str,
    text: Callable[[float], str],
    *,
    least: float,
    height: float,
    fontsize: float,
    is_hatched: bool = False,
    **edge: object,
) -> None:
    """Add a part to one horizontal bar an option, with its number where it is wide enough, and move `left` on.

    Args:
        axis: where to draw.
        left: option -> where its next part begins; changed.
        widths: of the part, by option.
        colour: of the part.
        label: of the part, for the legend.
        text: a width as a number.
        least: widths above this bear their number.
        height: of the bars.
        fontsize: of the numbers.
        is_hatched: whether the part is hatched.
        edge: what else bars are drawn with.
    """
    axis.barh(list(left), widths, left=list(left.values()), color=colour, label=label, height=height,
              hatch="////" if is_hatched else None, **edge)  # fmt: skip
    for y, (option, width) in enumerate(zip(list(left), widths, strict=True)):
        if width > least:
            box = {"facecolor": colour, "edgecolor": "none", "pad": 0.8} if is_hatched else None
            axis.text(left[option] + width / 2, y, text(width), ha="center", va="center", fontsize=fontsize,
                      color=ink_on(colour), bbox=box)  # fmt: skip
        left[option] += width
