"""Time and memory over picture size, ours and each peer's, as a picture. Needs matplotlib, of the extra ``quality``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.bench.peers.figures import SIZE
from engine.bench.peers.table import OURS
from engine.errors import EngineError

# Okabe and Ito's colours, which everybody tells apart; ours is black and thick.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = "osD^vP"
PAPER = "#ffffff"  # of its own, so that ink is ink on a dark page too
PANELS = (("ms_min", 1e3, "seconds a step (the faster of two)"), ("peak_mb", 1e3, "GB at the peak, over the network"))


def require() -> None:
    """Raise EngineError where there is nothing to draw with."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise EngineError("The plot needs matplotlib: pip install 'oneiros[quality]'.") from error


def draw(rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Draw the rows on sizes into a PNG. Both axes are logarithmic: what grows with the pixels is a straight line."""
    from matplotlib.figure import Figure

    sized = [row for row in rows if row["what"] == SIZE]
    names = list(dict.fromkeys(row["programme"] for row in sized))
    others = [name for name in names if name != OURS.name]
    figure = Figure(figsize=(11, 4.8), dpi=130, facecolor=PAPER, layout="constrained")
    for axes, (key, unit, title) in zip(figure.subplots(1, 2), PANELS, strict=True):
        for name in [*others, OURS.name]:
            points = [(row["side"], row[key] / unit) for row in sized if row["programme"] == name]
            style: dict[str, Any] = {"color": "black", "linewidth": 3.2, "marker": "o", "markersize": 7}
            if name != OURS.name:
                at = others.index(name)
                style = {"color": COLOURS[at], "linewidth": 1.6, "marker": MARKERS[at], "markersize": 6}
            axes.plot(*zip(*points, strict=True), label=name, **style)
        sides = sorted({row["side"] for row in sized})
        axes.set(xscale="log", yscale="log", title=title, xlabel="side of the picture, pixels")
        axes.set_xticks(sides, [str(side) for side in sides])
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.grid(visible=True, color="#dddddd")
        axes.spines[["top", "right"]].set_visible(False)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(
        [handles[-1], *handles[:-1]],
        [labels[-1], *labels[:-1]],
        loc="outside lower center",
        ncols=len(names),
        frameon=False,
    )
    figure.savefig(file)
