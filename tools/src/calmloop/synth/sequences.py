"""A synthetic child that talks, turns, cries or laughs, frame by frame, with what it shows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from math import pi, sin
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calmloop.synth.expressions import BLINK, CRYING, LAUGHING, SPOKEN, Units, blend, varied
from calmloop.synth.geometry import Posture
from calmloop.synth.paint import SKIN_TONES
from calmloop.synth.person import Ancestry, Person, Sex
from calmloop.synth.plan import AGES_YEARS, looks_of
from calmloop.synth.scene import Shot, Studio
from calmloop.synth.writing import (
    Row,
    empty_folder,
    person_columns,
    square_columns,
    write_manifest,
    write_picture,
)


class Act(StrEnum):
    """What a child does."""

    TALKING = "talking"
    TURNING = "turning"
    CRYING = "crying"
    LAUGHING = "laughing"


EMOTIONS_SHOWN = {Act.CRYING: "sad", Act.LAUGHING: "happy"}
"""With talking and turning a child is neutral."""

ONSET_S, RISE_S = 1.0, 0.5
"""How long a face is at rest before it cries or laughs, and until it does so wholly."""
SYLLABLES_PER_S = 4.0
TURN_DEG, TURN_S = 55.0, 4.0
BLINK_EVERY_S, BLINK_S = 3.5, 0.25
SOBS_PER_S, LAUGHS_PER_S = 1.2, 4.5


@dataclass(frozen=True)
class ActFrame:
    """A face at a time.

    Attributes:
        at_s: In seconds after the first frame.
        units: Expression units, `*` for both sides.
        pose: How the head is held.
        emotion: What is shown.
        strength: How much of it, 0 to 1.
    """

    at_s: float
    units: Units
    pose: Posture
    emotion: str
    strength: float


def moments(act: Act, seconds: float, fps: float, rng: np.random.Generator) -> Iterator[ActFrame]:
    """The frames of an act, at a constant rate."""
    spoken = rng.integers(len(SPOKEN), size=int(seconds * SYLLABLES_PER_S) + 2)
    phase_s = rng.uniform(0, BLINK_EVERY_S)
    for frame in range(round(seconds * fps)):
        at_s = frame / fps
        risen = float(np.clip((at_s - ONSET_S) / RISE_S, 0, 1))
        strength = risen if act in EMOTIONS_SHOWN else 0.0
        blink = max(0.0, 1 - 2 * abs((at_s + phase_s) % BLINK_EVERY_S - BLINK_S / 2) / BLINK_S)
        face, pose = _face(act, at_s, risen, spoken)
        yield ActFrame(
            at_s=at_s,
            units=blend((face, 1.0), (BLINK, blink * (1 - strength))),
            pose=pose,
            emotion=EMOTIONS_SHOWN[act] if strength >= 0.5 else "neutral",
            strength=strength,
        )


def _face(
    act: Act, at_s: float, risen: float, spoken: npt.NDArray[np.int64]
) -> tuple[Units, Posture]:
    if act is Act.TALKING:
        syllable, share = divmod(at_s * SYLLABLES_PER_S, 1.0)
        now, then = (SPOKEN[int(spoken[int(syllable) + n])] for n in (0, 1))
        nod = Posture(3 * sin(pi * at_s), 2 * sin(2.3 * pi * at_s / 2), 2 * sin(1.7 * at_s))
        return blend((now, 1 - share), (then, share)), nod
    if act is Act.TURNING:
        return {}, Posture(yaw_deg=TURN_DEG * sin(2 * pi * at_s / TURN_S))
    if act is Act.CRYING:
        sob = risen * (0.8 + 0.2 * sin(2 * pi * SOBS_PER_S * at_s))
        return blend((CRYING, sob)), Posture(4 * sin(2.1 * at_s), 5 * sob, 3 * sin(1.3 * at_s))
    burst = risen * (0.8 + 0.2 * sin(2 * pi * LAUGHS_PER_S * at_s))
    return blend((LAUGHING, burst)), Posture(0.0, -5 * burst, 4 * sin(1.9 * at_s))


def write_sequences(
    count: int, seconds: float, fps: float, seed: int, studio: Studio, folder: Path
) -> Iterator[Row]:
    """Draws so many sequences into an empty folder; each frame's row as it is written.

    All acts of a child come one after another; children go through ancestry, sex and age.

    Raises:
        InputError: the folder is not empty.
        OutputError: something cannot be written.
    """
    empty_folder(folder)
    children = list(product(Ancestry, Sex, AGES_YEARS))
    rows = []
    for number in range(count):
        turn, n = divmod(number, len(Act))
        rng = np.random.default_rng((seed, turn))
        tone = int(rng.integers(len(SKIN_TONES))) + 1
        person = Person(*children[turn % len(children)], seed=int(rng.integers(2**31)))
        shot = Shot(person, looks_of(tone, rng), seed=int(rng.integers(2**31)))
        for row in _sequence(number, list(Act)[n], shot, (seconds, fps), studio, folder):
            rows.append(row)
            yield row
    write_manifest(rows, folder)


def _sequence(
    number: int,
    act: Act,
    shot: Shot,
    timing: tuple[float, float],
    studio: Studio,
    folder: Path,
) -> Iterator[Row]:
    rng = np.random.default_rng((shot.seed, number))
    for frame, moment in enumerate(moments(act, *timing, rng)):
        own = np.random.default_rng(shot.person.seed)
        units = varied(moment.units, own)
        picture, square = studio.draw(replace(shot, units=units, pose=moment.pose, frame=frame))
        path = Path(f"{number:03d}-{act}", f"{frame:05d}.jpg")
        write_picture(folder / path, picture)
        yield {
            "picture": path.as_posix(),
            "act": act.value,
            "at_s": round(moment.at_s, 3),
            "emotion": moment.emotion,
            "strength": round(moment.strength, 2),
            **person_columns(shot.person, shot.looks),
            "yaw_deg": round(moment.pose.yaw_deg, 1),
            "pitch_deg": round(moment.pose.pitch_deg, 1),
            "roll_deg": round(moment.pose.roll_deg, 1),
            **square_columns(square),
        }
