"""Sequences of a drawn child, labelled by how they are made, with an accelerometer on its chair."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from calmloop.face_detector import Square
from calmloop.papers.restless.courses import (
    FINE_HZ,
    STATES,
    BodyCourse,
    Floats,
    Restlessness,
    course_of,
)
from calmloop.papers.restless.scene import DrawnScene, Eye
from calmloop.training.data.faces import FloatArray, UInt8Array

COLUMNS_HZ = 50
"""Rows a second of a recording with columns of an accelerometer."""
HALF_FACE_M = 0.07
STANDARD_GRAVITY = 9.80665
STRONGEST_G = 0.1
"""Of the chair's vibration, rms at 100 %: 1.0 m/s2, which the firmware allows at most."""


class SequenceRecipe(BaseModel):
    """How sequences are made; the same for the same seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window_s: Annotated[float, Field(ge=2, le=60)] = 5.0
    """What is looked at; two and a half seconds are one swing at the slowest rocking."""
    lead_s: Annotated[float, Field(ge=1.2, le=10)] = 1.5
    """Before the window: the movement signals are of the last second."""
    slowest_hz: Annotated[float, Field(ge=3, le=60)] = 5.0
    fastest_hz: Annotated[float, Field(ge=3, le=60)] = 15.0
    vibrates: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Share of the sequences in which the chair vibrates."""

    @property
    def seconds(self) -> float:
        """Of one sequence."""
        return self.lead_s + self.window_s


@dataclass(frozen=True)
class RestlessSequence:
    """One child in one state.

    Attributes:
        state: What it does.
        at_s: When each picture was taken, (T,), evenly from 0.
        pictures: Gray, (T, height, width).
        faces: As a detector finds them; None where it does not.
        acceleration: Columns of the chair's accelerometer in g, COLUMNS_HZ rows a second from 0,
            (rows, 3); with gravity, in any orientation.
        vibration_pct: What the chair applies, 0 to 100.
    """

    state: Restlessness
    at_s: Floats
    pictures: UInt8Array
    faces: tuple[Square | None, ...]
    acceleration: FloatArray
    vibration_pct: float


def compose_sequences(count: int, recipe: SequenceRecipe, seed: int) -> Iterator[RestlessSequence]:
    """So many, the states by turns; each of its own child, light, camera and chair."""
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        yield _sequence(STATES[number % len(STATES)], recipe, rng)


def _sequence(
    state: Restlessness, recipe: SequenceRecipe, rng: np.random.Generator
) -> RestlessSequence:
    course = course_of(state, recipe.seconds, rng)
    hz = rng.uniform(recipe.slowest_hz, max(recipe.slowest_hz, recipe.fastest_hz))
    at_s = np.arange(0, recipe.seconds, 1 / hz)
    scene = DrawnScene(course, Eye.drawn(rng), rng)
    seen = [scene.look(float(now_s)) for now_s in at_s]
    vibration_pct = float(rng.uniform(5, 100)) if rng.random() < recipe.vibrates else 0.0
    return RestlessSequence(
        state,
        at_s,
        np.stack([picture for picture, _ in seen]),
        tuple(face for _, face in seen),
        measured_acceleration(course, vibration_pct, rng),
        vibration_pct,
    )


def measured_acceleration(
    course: BodyCourse, vibration_pct: float, rng: np.random.Generator
) -> FloatArray:
    """What an accelerometer on the chair reads of the body's movement, in g, (rows, 3).

    A chair takes a fifth to a half of its child's acceleration. The sensor's orientation is any,
    its gain wrong by up to 5 %, its noise 2 to 10 mg; vibration of 30 to 80 Hz is folded, as
    50 readings a second without a filter fold it.
    """
    metres = HALF_FACE_M * course.trunk.astype(np.float64)
    body = np.gradient(np.gradient(metres, 1 / FINE_HZ, axis=0), 1 / FINE_HZ, axis=0)
    rows = body[:: FINE_HZ // COLUMNS_HZ] / STANDARD_GRAVITY
    chair = rng.uniform(0.2, 0.5) * rows + (0.0, 1.0, 0.0)
    at_s = np.arange(len(chair)) / COLUMNS_HZ
    drive = np.sin(2 * np.pi * (rng.uniform(30, 80) * at_s + rng.uniform()))
    shaken = vibration_pct / 100 * STRONGEST_G * np.sqrt(2) * drive
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    noise = rng.uniform(0.002, 0.01) * rng.normal(size=chair.shape)
    turned = (chair + shaken[:, None] * (0.6, 0.0, 0.8)) @ axes
    return np.asarray(rng.uniform(0.95, 1.05) * turned + noise, np.float32)
