"""The one typeface of text and plots, from a package: the system's fonts play no part."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

from calmloop.report.libraries import library

FAMILY = "Source Sans Pro"
PACKAGE = "font_source_sans_pro"
FACES = {
    ("normal", 400): "SourceSansPro-Regular.ttf",
    ("italic", 400): "SourceSansPro-It.ttf",
    ("normal", 600): "SourceSansPro-Semibold.ttf",
    ("normal", 700): "SourceSansPro-Bold.ttf",
}
Given = ParamSpec("Given")


def face_files() -> dict[tuple[str, int], Path]:
    """The font's files by style and weight.

    Raises:
        RendererError: its package is not installed.
    """
    folder = Path(library(PACKAGE).__file__).parent / "files"
    return {face: folder / name for face, name in FACES.items()}


def font_faces() -> str:
    """The same as CSS."""
    return "\n".join(
        f'@font-face {{ font-family: "{FAMILY}"; font-style: {style}; font-weight: {weight};'
        f' src: url("{path.as_uri()}"); }}'
        for (style, weight), path in face_files().items()
    )


def styled(draw: Callable[Given, bytes]) -> Callable[Given, bytes]:
    """As a decorator: what it draws has the style of all plots."""

    @wraps(draw)
    def drawn(*args: Given.args, **kwargs: Given.kwargs) -> bytes:
        with plot_style():
            return draw(*args, **kwargs)

    return drawn


@contextmanager
def plot_style() -> Iterator[None]:
    """How all plots look, while they are made.

    Raises:
        RendererError: matplotlib is not installed.
    """
    matplotlib, font_manager = library("matplotlib"), library("matplotlib.font_manager")
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in face_files().values():
        if str(path) not in known:
            font_manager.fontManager.addfont(str(path))
    style: dict[str, Any] = {
        "font.family": FAMILY,
        "font.size": 7.5,
        "axes.edgecolor": "#8a97a1",
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.color": "#5b6b77",
        "ytick.color": "#5b6b77",
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "hatch.linewidth": 0.6,
        "svg.fonttype": "path",
        "path.simplify_threshold": 0.4,
        "svg.hashsalt": "calmloop",
    }
    with matplotlib.rc_context(style):
        yield


def svg_bytes(figure: Any) -> bytes:
    """The figure as SVG, the same each time."""
    held = io.BytesIO()
    figure.tight_layout(pad=0.3, h_pad=0.5)
    figure.savefig(held, format="svg", metadata={"Date": None}, transparent=True)
    return held.getvalue()
