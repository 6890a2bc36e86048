"""Draws how long STATUS waited for its lease: a histogram as SVG, its counts logarithmic."""

import math

from tests.hardware.leases import Answers

WIDTH, ROW, TOP, LEFT, RIGHT = 760, 20, 34, 130, 90
DECADES = 5


def drawing(answers: Answers) -> str:
    """The whole SVG."""
    rows = [(label(low, high), count) for low, high, count in answers.counts()]
    rows.append(("not in time", answers.unanswered))
    bars = "".join(bar(row, text, count) for row, (text, count) in enumerate(rows))
    height = TOP + ROW * len(rows) + 10
    title = (
        f"STATUS to lease at the chip's line, {answers.count} nonces: "
        f"p50 {answers.quantile_ms(0.5):.1f} ms, p99.9 {answers.quantile_ms(0.999):.1f} ms"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">'
        "<style>svg{background:#fff}rect{fill:#176}</style>"
        f'<text x="{LEFT}" y="18">{title}</text>{bars}</svg>\n'
    )


def label(low_ms: float, high_ms: float) -> str:
    """The name of a bin."""
    return f"{low_ms:g} to {high_ms:g} ms" if high_ms < math.inf else f"{low_ms:g} ms or more"


def bar(row: int, text: str, count: int) -> str:
    """One bin: a bar for its count, from one to a hundred thousand."""
    top = TOP + ROW * row
    inner = WIDTH - LEFT - RIGHT
    length = inner * (math.log10(count) + 0.1) / (DECADES + 0.1) if count else 0
    return (
        f'<text x="{LEFT - 8}" y="{top + 13}" text-anchor="end">{text}</text>'
        f'<rect x="{LEFT}" y="{top + 3}" width="{length:.1f}" height="{ROW - 6}"/>'
        f'<text x="{LEFT + length + 6:.1f}" y="{top + 13}">{count}</text>'
    )
