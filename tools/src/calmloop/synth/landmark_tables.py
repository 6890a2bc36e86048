"""The tables of `calmloop synth landmarks`."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from rich.table import Table

from calmloop.contract.messages.face import HeadPose
from calmloop.synth.geometry import FRONTAL
from calmloop.synth.landmarks import Case, Look
from calmloop.synth.plan import UNCOVERED

Chosen = Callable[[Case], bool]


def tables(seen: Sequence[Look]) -> Iterator[Table]:
    """Eyes, mouth, pose, covers and cost."""
    yield eyes(seen)
    yield mouths(seen)
    yield poses(seen)
    yield covers(seen)
    yield cost(seen)


def eyes(seen: Sequence[Look]) -> Table:
    """What is said of the lids, by how far they were shut and the head was turned."""
    table = _table("Eyes", "drawn", "pictures", "closed", "open", "not told", "aspect ratio")
    for yaw_deg in (0, 15, 30, 45, 60):
        for closure in (0.0, 0.25, 0.5, 0.75, 1.0):
            asked = _chosen(seen, lambda case, y=yaw_deg, c=closure: _lids(case, y, c))  # type: ignore[misc]
            _add_eyes(table, f"turned {yaw_deg}°, {100 * closure:.0f} % shut", asked)
        table.add_section()
    for pitch_deg in (-20, 20):
        for closure in (0.0, 1.0):
            asked = [
                one
                for one in seen
                if (one.case.pose.pitch_deg, one.case.closure) == (pitch_deg, closure)
            ]
            _add_eyes(table, f"nodded {pitch_deg}°, {100 * closure:.0f} % shut", asked)
    table.add_section()
    for name in dict.fromkeys(one.case.expression for one in seen if one.case.expression):
        _add_eyes(table, name, _chosen(seen, lambda case, name=name: case.expression == name))  # type: ignore[misc]
    return table


def mouths(seen: Sequence[Look]) -> Table:
    """The mouth's aspect ratio, by how far the jaw was down."""
    table = _table("Mouth", "drawn", "pictures", "aspect ratio", "10 to 90 %")
    plain = [
        one
        for one in seen
        if (one.case.pose, one.case.closure, one.case.cover) == (FRONTAL, 0.0, UNCOVERED)
        and not one.case.expression
    ]
    for mouth in sorted({one.case.mouth for one in plain}):
        ratios = [
            one.shape.mouth_aspect_ratio for one in plain if one.case.mouth == mouth and one.shape
        ]
        low, middle, high = np.quantile(ratios or [np.nan], (0.1, 0.5, 0.9))
        cells = (str(len(ratios)), f"{middle:.2f}", f"{low:.2f}–{high:.2f}")
        table.add_row(f"jaw {100 * mouth:.0f} % down", *cells)
    return table


def poses(seen: Sequence[Look]) -> Table:
    """Mean absolute errors of yaw, pitch and roll, by the mesh and by five landmarks."""
    table = _table("Pose: mean absolute error", "drawn", "mesh: of", "yaw", "pitch", "roll")
    for name in ("five: of", "yaw", "pitch", "roll"):
        table.add_column(name, justify="right")
    bare = [one for one in seen if one.case.cover == UNCOVERED and not one.case.expression]
    for name in ("yaw", "pitch", "roll"):
        angles = sorted({abs(getattr(one.case.pose, f"{name}_deg")) for one in bare})
        for angle_deg in angles if name == "yaw" else angles[1:]:
            asked = [one for one in bare if _is_turned(one.case, name, angle_deg)]
            by_mesh = [(one.case, one.shape.pose) for one in asked if one.shape]
            by_five = [(one.case, one.five) for one in asked if one.five]
            cells = (*_errors(by_mesh, len(asked)), *_errors(by_five, len(asked)))
            table.add_row(f"{name} {angle_deg:g}°", *cells)
    return table


def covers(seen: Sequence[Look]) -> Table:
    """What a cover does to the mesh's trust in the face, and what is said of the eyes, open all."""
    table = _table(
        "Covers, eyes open", "drawn", "found", "presence", "AUC", "closed", "open", "not told"
    )
    bare = [one.presence for one in seen if one.case == Case() and one.found]
    for name in dict.fromkeys((UNCOVERED, *(one.case.cover for one in seen))):
        asked = _chosen(seen, lambda case, name=name: case == Case(cover=name))  # type: ignore[misc]
        logits = [one.presence for one in asked if one.found]
        if not logits:
            continue
        above = np.subtract.outer(bare, logits)
        auc = float(np.mean((above > 0) + 0.5 * (above == 0)))
        told = (f"{len(logits)} of {len(asked)}", f"{np.median(logits):.1f}", f"{auc:.2f}")
        table.add_row(name, *told, *_said([one for one in asked if one.found]))
    return table


def cost(seen: Sequence[Look]) -> Table:
    """Milliseconds a face, decoding and both looks of the mesh."""
    table = _table("Cost", "", "faces", "median", "95 %")
    took = [one.ms for one in seen if one.found]
    middle, high = np.quantile(took or [np.nan], (0.5, 0.95))
    table.add_row("ms a face", str(len(took)), f"{middle:.1f}", f"{high:.1f}")
    return table


def _lids(case: Case, yaw_deg: float, closure: float) -> bool:
    plain = Case(case.pose, closure) == case and not case.pose.pitch_deg and not case.pose.roll_deg
    return plain and abs(case.pose.yaw_deg) == yaw_deg


def _is_turned(case: Case, name: str, angle_deg: float) -> bool:
    others = {"yaw", "pitch", "roll"} - {name}
    alone = not any(getattr(case.pose, f"{other}_deg") for other in others)
    return alone and abs(getattr(case.pose, f"{name}_deg")) == angle_deg


def _chosen(seen: Sequence[Look], wanted: Chosen) -> list[Look]:
    return [one for one in seen if wanted(one.case)]


def _said(asked: Sequence[Look]) -> tuple[str, str, str]:
    said = [one.eyes_closed for one in asked]
    return str(said.count(True)), str(said.count(False)), str(said.count(None))


def _add_eyes(table: Table, name: str, asked: Sequence[Look]) -> None:
    if not asked:
        return
    ratios = [one.shape.eye_aspect_ratio for one in asked if one.shape]
    ratio = f"{np.median(ratios):.2f}" if ratios else "–"
    table.add_row(name, str(len(asked)), *_said(asked), ratio)


def _errors(told: Sequence[tuple[Case, HeadPose]], of: int) -> tuple[str, ...]:
    if not told:
        return (f"0 of {of}", "–", "–", "–")
    off = [
        [
            abs(getattr(pose, name) - getattr(case.pose, name))
            for name in ("yaw_deg", "pitch_deg", "roll_deg")
        ]
        for case, pose in told
    ]
    return (f"{len(told)} of {of}", *(f"{error:.1f}" for error in np.mean(off, axis=0)))


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
