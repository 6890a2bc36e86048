"""Which pictures are taken, by the rules of the paper's Table 1, one for each of its three sets.

RAF-DB: clearly labelled, of diverse scenes. CK+: the peaks of sequences. NVIE: high resolution, no
occlusion. The paper gives the rules in words: every number here is ours.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from calmloop.base.errors import InputError
from calmloop.cli.tables import columns_of, read_table
from calmloop.training.data.traits import MANIFEST

CALM = "neutral"
Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class PictureCandidate:
    """A picture that might be taken; what is not known of it is None, and no rule asks for it.

    Attributes:
        item: Its name.
        emotion: One of the seven.
        agreement: Share of those who labelled it that say so.
        scene: Where it was taken.
        sequence: Which sequence it is a frame of.
        at_s: When in it.
        strength: How much of the emotion is shown, 0 to 1.
        face_px: Side of its face.
        occluded: Share of the face that is covered.
    """

    item: str
    emotion: str
    agreement: float | None = None
    scene: str | None = None
    sequence: str | None = None
    at_s: float | None = None
    strength: float | None = None
    face_px: float | None = None
    occluded: float | None = None


class SelectionRules(BaseModel):
    """The bounds; each rule can be left out by its mildest value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_agreement: Share = 0.7
    most_of_a_scene: Annotated[int, Field(ge=1)] = 20
    """Of one emotion."""
    peak: Share = 0.9
    """Of the strongest frame of the sequence; a calm frame is a peak where all of it is calm, or
    before anything is shown."""
    peaks_of_a_sequence: Annotated[int, Field(ge=1)] = 3
    min_face_px: Annotated[float, Field(ge=0)] = 64.0
    most_occluded: Share = 0.05


def select(
    candidates: Sequence[PictureCandidate], rules: SelectionRules
) -> tuple[list[PictureCandidate], Counter[str]]:
    """Those that are taken, in their order, and how many each rule left out."""
    left: Counter[str] = Counter()
    peaks = _peaks(candidates, rules)
    scenes: Counter[tuple[str, str]] = Counter()
    taken = []
    for one in candidates:
        rule = _broken(one, rules, peaks, scenes)
        if rule is None:
            taken.append(one)
            scenes[one.scene or one.item, one.emotion] += 1
        else:
            left[rule] += 1
    return taken, left


def _broken(
    one: PictureCandidate,
    rules: SelectionRules,
    peaks: frozenset[str],
    scenes: Mapping[tuple[str, str], int],
) -> str | None:
    checks = {
        "not clearly labelled": one.agreement is not None and one.agreement < rules.min_agreement,
        "no peak of its sequence": one.sequence is not None and one.item not in peaks,
        "low resolution": one.face_px is not None and one.face_px < rules.min_face_px,
        "occluded": one.occluded is not None and one.occluded > rules.most_occluded,
        "enough of its scene": one.scene is not None
        and scenes[one.scene, one.emotion] >= rules.most_of_a_scene,
    }
    return next((rule for rule, broken in checks.items() if broken), None)


def _peaks(candidates: Iterable[PictureCandidate], rules: SelectionRules) -> frozenset[str]:
    """The items that are peaks: of each sequence and emotion the strongest, the earliest first."""
    sequences: dict[tuple[str, str], list[PictureCandidate]] = {}
    for one in candidates:
        if one.sequence is not None:
            sequences.setdefault((one.sequence, one.emotion), []).append(one)
    peaks: set[str] = set()
    for (_, emotion), frames in sequences.items():
        shown = [_shown(one, emotion) for one in frames]
        strongest = max(shown)
        enough = [
            one
            for one, strength in zip(frames, shown, strict=True)
            if strength >= rules.peak * strongest and strength > 0
        ]
        enough.sort(key=lambda one: (-_shown(one, emotion), one.at_s or 0.0, one.item))
        peaks.update(one.item for one in enough[: rules.peaks_of_a_sequence])
    return frozenset(peaks)


def _shown(one: PictureCandidate, emotion: str) -> float:
    strength = 1.0 if one.strength is None else one.strength
    return 1 - strength if emotion == CALM else strength


_NUMBERS = {
    "agreement": "agreement",
    "at_s": "at_s",
    "strength": "strength",
    "face_px": "side_px",
    "occluded": "evidence_lost",
}
"""What is called how in a table."""


def read_candidates(folder: Path) -> list[PictureCandidate]:
    """The pictures of a folder's manifest.csv, as `calmloop synth` writes it or a person does.

    It has the columns picture and emotion, and any of agreement, scene, at_s, strength, side_px
    and evidence_lost; frames with a time are of one sequence where they are in one folder.

    Raises:
        InputError: there is none, it lacks a column, or a number is none.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"{path} is not there: a row a picture is expected in it")
    present = columns_of(path)
    known = [name for name in (*_NUMBERS.values(), "scene") if name in present]
    return [
        _candidate(row, f"{path} line {line}")
        for line, row in read_table(path, ("picture", "emotion", *known))
    ]


def _candidate(row: Mapping[str, str], place: str) -> PictureCandidate:
    numbers = {name: _number(row, column, place) for name, column in _NUMBERS.items()}
    in_time = numbers["at_s"] is not None
    return PictureCandidate(
        row["picture"],
        row["emotion"],
        scene=row.get("scene") or None,
        sequence=Path(row["picture"]).parent.as_posix() if in_time else None,
        **numbers,
    )


def _number(row: Mapping[str, str], column: str, place: str) -> float | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{place}: {column} is {text!r}, a number is expected") from None
