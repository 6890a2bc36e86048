"""What was compared, as Markdown and as plain values for a file."""

from statistics import mean, median
from typing import Any

from calmloop.papers.detectors.measure import Comparison, Count
from calmloop.papers.detectors.pictures import Row
from calmloop.simulate.intervals import Measured, share

TITLES = {
    "size": "frontal, face of",
    "yaw": "turned",
    "roll": "tilted",
    "empty": "no face",
    "clip": "clip",
}
TRUE_FACE = ("size", "yaw", "roll")
"""Series whose faces' places are known."""


def table(compared: Comparison) -> str:
    """Faces found, pictures in which one is seen where none is, and the CPU time of a picture."""
    names = list(compared.counts)
    lines = ["| | pictures | " + " | ".join(names) + " |", "| --- " * (2 + len(names)) + "|"]
    for row in next(iter(compared.counts.values())):
        counts = [compared.counts[name][row] for name in names]
        cells = (_percent(share_of(row, count)) for count in counts)
        told = " | ".join(cells)
        lines.append(f"| {TITLES[row[0]]} {row[1]} | {counts[0].pictures} | {told} |")
    overlaps = (_overlap(compared.counts[name].values()) for name in names)
    lines.append("| overlap of the found, mean | | " + " | ".join(overlaps) + " |")
    times = (f"{median(compared.times_ms[name]):.1f} ms" for name in names)
    pictures = len(compared.times_ms[names[0]])
    lines.append(f"| CPU time of a picture, median | {pictures} | " + " | ".join(times) + " |")
    return "\n".join(lines)


def as_plain(compared: Comparison) -> dict[str, Any]:
    """The same for a file."""
    return {
        name: {
            "rows": [
                {"series": row[0], "of": row[1], **_named(share_of(row, count))}
                for row, count in counts.items()
            ],
            "cpu_ms": median(compared.times_ms[name]),
        }
        for name, counts in compared.counts.items()
    }


def share_of(row: Row, count: Count) -> Measured:
    """Of faces those found; elsewhere of pictures those in which a face is seen."""
    hits = count.found if row[0] in TRUE_FACE else count.seen
    return share(hits, count.pictures)


def _named(measured: Measured) -> dict[str, float]:
    return {
        "pictures": measured.of,
        "share": measured.value,
        "low": measured.low,
        "high": measured.high,
    }


def _overlap(counts: Any) -> str:
    overlaps = [value for count in counts for value in count.overlaps]
    return f"{mean(overlaps):.2f}" if overlaps else ""


def _percent(measured: Measured) -> str:
    return f"{100 * measured.value:.0f} % ({100 * measured.low:.0f}–{100 * measured.high:.0f})"
