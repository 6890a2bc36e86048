"""The tables of `calmloop synth landmarks`."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from rich.table import Table

from calmloop.contract.messages.face import HeadPose
from calmloop.synth.landmarks import Case, Look
from calmloop.synth.plan import UNCOVERED
from calmloop.synth.showing import empty_table


def tables(seen: Sequence[Look]) -> Iterator[Table]:
    """Eyes, mouth, pose, covers and cost."""
    yield eyes(seen)
    yield mouths(seen)
    yield poses(seen)
    yield covers(seen)
    yield cost(seen)


def eyes(seen: Sequence[Look]) -> Table:
    """What is said of the lids, by how far they were shut and the head was turned."""
    table = empty_table(
        "Eyes", "drawn", "pictures", "closed", "open", "not told", "aspect ratio", "presence"
    )
    for name, asked in _grouped(seen, _lids).items():
        ratios = [one.shape.eye_aspect_ratio for one in asked if one.shape]
        logits = [one.presence for one in asked if one.found]
        cells = (*_said(asked), _median(ratios, 2), _median(logits, 1))
        table.add_row(name, str(len(asked)), *cells)
    return table


def mouths(seen: Sequence[Look]) -> Table:
    """The mouth's aspect ratio, by how far the jaw was down."""
    table = empty_table("Mouth", "drawn", "pictures", "aspect ratio", "10 to 90 %")
    for name, asked in _grouped(seen, _jaw).items():
        ratios = [one.shape.mouth_aspect_ratio for one in asked if one.shape]
        low, high = np.quantile(ratios or [np.nan], (0.1, 0.9))
        table.add_row(name, str(len(ratios)), _median(ratios, 2), f"{low:.2f}–{high:.2f}")
    return table


def poses(seen: Sequence[Look]) -> Table:
    """Mean absolute errors of yaw, pitch and roll, by the mesh and by five landmarks."""
    table = empty_table("Pose: mean absolute error", "drawn", "mesh: of", "yaw", "pitch", "roll")
    for name in ("five: of", "yaw", "pitch", "roll"):
        table.add_column(name, justify="right")
    for name, asked in _grouped(seen, _turn).items():
        by_mesh = [(one.case, one.shape.pose) for one in asked if one.shape]
        by_five = [(one.case, one.five) for one in asked if one.five]
        table.add_row(name, *_errors(by_mesh, len(asked)), *_errors(by_five, len(asked)))
    return table


def covers(seen: Sequence[Look]) -> Table:
    """What a cover does to the mesh's trust in the face, and what is said of the eyes, open all."""
    table = empty_table(
        "Covers, eyes open", "drawn", "found", "presence", "AUC", "closed", "open", "not told"
    )
    bare = [one.presence for one in seen if one.case == Case() and one.found]
    for name, asked in _grouped(seen, _cover).items():
        found = [one for one in asked if one.found]
        logits = [one.presence for one in found]
        told = (f"{len(found)} of {len(asked)}", _median(logits, 1), _auc(bare, logits))
        table.add_row(name, *told, *_said(found))
    return table


def cost(seen: Sequence[Look]) -> Table:
    """Milliseconds a face, decoding and both looks of the mesh."""
    table = empty_table("Cost", "", "faces", "median", "95 %")
    took = [one.ms for one in seen if one.found]
    high = np.quantile(took or [np.nan], 0.95)
    table.add_row("ms a face", str(len(took)), _median(took, 1), f"{high:.1f}")
    return table


def _lids(case: Case) -> str | None:
    """The row of lids that a case belongs to; none for another one's."""
    pose = case.pose
    if case.expression:
        return case.expression
    if case != Case(pose, case.closure) or pose.roll_deg:
        return None
    turn = f"pitch {pose.pitch_deg:g}°" if pose.pitch_deg else f"yaw {abs(pose.yaw_deg):g}°"
    return f"{turn}, {100 * case.closure:.0f} % shut"


def _jaw(case: Case) -> str | None:
    return f"jaw {100 * case.mouth:.0f} % down" if case == Case(mouth=case.mouth) else None


def _turn(case: Case) -> str | None:
    """The row of a pose: lids and mouth may be as they like."""
    pose = case.pose
    if case.expression or case.cover != UNCOVERED:
        return None
    for name, angle_deg in (("pitch", pose.pitch_deg), ("roll", pose.roll_deg)):
        if angle_deg:
            return f"{name} {abs(angle_deg):g}°"
    return f"yaw {abs(pose.yaw_deg):g}°"


def _cover(case: Case) -> str | None:
    return case.cover if case == Case(cover=case.cover) else None


def _grouped(seen: Sequence[Look], row: Callable[[Case], str | None]) -> dict[str, list[Look]]:
    groups = dict[str, list[Look]]()
    for one in seen:
        if name := row(one.case):
            groups.setdefault(name, []).append(one)
    return groups


def _median(values: Sequence[float], digits: int) -> str:
    return f"{np.median(values):.{digits}f}" if values else "–"


def _auc(higher: Sequence[float], lower: Sequence[float]) -> str:
    """How surely one of the first is above one of the second; 0.5 is chance."""
    if not higher or not lower:
        return "–"
    above = np.subtract.outer(higher, lower)
    return f"{np.mean((above > 0) + 0.5 * (above == 0)):.2f}"


def _said(asked: Sequence[Look]) -> tuple[str, str, str]:
    said = [one.eyes_closed for one in asked]
    return str(said.count(True)), str(said.count(False)), str(said.count(None))


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
