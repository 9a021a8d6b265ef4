"""How all plots look: read on white and on black alike, and the same bytes whenever drawn.

Only the standard library and matplotlib are needed, which lives in `.venv-bench` only.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib as mpl  # type: ignore[import-not-found]

mpl.use("agg")

import matplotlib.pyplot as plt  # type: ignore[import-not-found]

GREY = "#848d97"
"""Of all that is no curve."""


def style(salt: str) -> AbstractContextManager[None]:
    """Within it everything drawn looks so.

    Args:
        salt: makes the identifiers within an SVG, which would else differ each time.
    """
    look = {
        "font.family": "sans-serif",
        "font.size": 9,
        "svg.fonttype": "none",
        "text.color": GREY,
        "axes.edgecolor": GREY,
        "axes.labelcolor": GREY,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.hashsalt": salt,
    }
    context: AbstractContextManager[None] = mpl.rc_context(look)
    return context


def save(figure: Any, path: Path) -> None:
    """Write a figure as what its file's name says; an SVG without the date."""
    metadata = {"Date": None} if path.suffix == ".svg" else None
    figure.savefig(path, transparent=True, metadata=metadata, dpi=110)
    plt.close(figure)
