"""What the networks get of a sequence, five times a second: movement, small pictures, columns."""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from calmloop.cli.outputs import whole_file
from calmloop.contract import topics
from calmloop.face_detector import Movement, MovementReading, steadied
from calmloop.papers.restless.compose import (
    COLUMNS_HZ,
    RestlessSequence,
    SequenceRecipe,
    compose_sequences,
)
from calmloop.papers.restless.courses import STATES, Floats
from calmloop.training.data.faces import FloatArray, IntArray, UInt8Array

STEPS_HZ = topics.MOVEMENT_STATE.rate_hz or 5.0
ROWS, COLUMNS = 24, 32
"""Of a small picture."""
MOVEMENT, ACCELERATION = 4, 7
"""Numbers of a step."""
COMPRESSED_FROM_G = 0.002
"""The logarithm of an acceleration counts from it; about a sensor's noise."""


@dataclass(frozen=True)
class Examples:
    """Of N sequences, T steps each.

    Attributes:
        movement: Head's speed and whether it is known, log energy and the same: (N, T, MOVEMENT).
        pictures: The newest at each step, (N, T, ROWS, COLUMNS).
        acceleration: Whether there are columns; mean and deviation of each in a step's time, less
            the window's mean and as a logarithm: (N, T, ACCELERATION).
        state: Places in STATES, (N,).
    """

    movement: FloatArray
    pictures: UInt8Array
    acceleration: FloatArray
    state: IntArray

    def without_columns(self, chosen: IntArray | None = None) -> Self:
        """As if no accelerometer had been there, for all or for those that are chosen."""
        masked = self.acceleration.copy()
        masked[slice(None) if chosen is None else chosen] = 0
        return type(self)(self.movement, self.pictures, masked, self.state)

    def digest(self) -> str:
        """SHA-256 of it all."""
        told = hashlib.sha256()
        for one in astuple(self):
            told.update(np.ascontiguousarray(one).tobytes())
        return told.hexdigest()


def steps_of(recipe: SequenceRecipe) -> Floats:
    """When a window's steps are, in seconds of its sequence, (T,); the last is its end."""
    count = round(recipe.window_s * STEPS_HZ)
    return np.asarray(recipe.seconds - np.arange(count)[::-1] / STEPS_HZ, np.float64)


def movement_readings(sequence: RestlessSequence, steps: Iterable[float]) -> list[MovementReading]:
    """What face-detector would say at those times, by its own code."""
    movement, number, steady = Movement(), 0, None
    readings = []
    for step_s in steps:
        while number < len(sequence.at_s) and sequence.at_s[number] <= step_s:
            found = sequence.faces[number]
            steady = None if found is None else steadied(steady, found)
            at_s = float(sequence.at_s[number])
            movement.see(sequence.pictures[number], steady, at_s, sequence.vibration_pct)
            number += 1
        readings.append(movement.reading(step_s))
    return readings


def movement_features(readings: Iterable[MovementReading]) -> FloatArray:
    """(T, MOVEMENT); what is not known is 0, and said so."""
    rows = [
        (
            reading.head_speed or 0.0,
            reading.head_speed is not None,
            reading.log_energy or 0.0,
            reading.log_energy is not None,
        )
        for reading in readings
    ]
    return np.array(rows, np.float32)


def small_pictures(sequence: RestlessSequence, steps: Floats) -> UInt8Array:
    """The newest picture at each step, (T, ROWS, COLUMNS)."""
    newest = np.searchsorted(sequence.at_s, steps, side="right") - 1
    small = [
        cv2.resize(sequence.pictures[one], (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
        for one in newest
    ]
    return np.stack(small).astype(np.uint8)


def acceleration_features(acceleration: FloatArray, steps: Floats) -> FloatArray:
    """(T, ACCELERATION) of columns in g; without gravity, as far as the window's mean tells it."""
    each = round(COLUMNS_HZ / STEPS_HZ)
    ends = np.clip(np.round(steps * COLUMNS_HZ).astype(int), each, len(acceleration))
    parts = np.stack([acceleration[end - each : end] for end in ends])
    mean = parts.mean(axis=1)
    told = np.concatenate([mean - mean.mean(axis=0), parts.std(axis=1)], axis=1)
    small = np.sign(told) * np.log1p(np.abs(told) / COMPRESSED_FROM_G)
    return np.column_stack([np.ones(len(steps)), small]).astype(np.float32)


def examples_of(count: int, recipe: SequenceRecipe, seed: int, kept_in: Path) -> Examples:
    """So many sequences as the networks get them; those kept in a folder are not made again."""
    name = hashlib.sha256(f"{recipe.model_dump_json()} {count} {seed}".encode()).hexdigest()[:16]
    path = kept_in / f"sequences-{name}.npz"
    if not path.is_file():
        kept_in.mkdir(parents=True, exist_ok=True)
        made = compose_sequences(count, recipe, seed)
        parts = zip(*(_example(one, recipe) for one in made), strict=True)
        with whole_file(path) as file:
            np.savez(file, *(np.stack(part) for part in parts))
    with np.load(path) as kept:
        return Examples(*(kept[f"arr_{n}"] for n in range(4)))


def _example(
    sequence: RestlessSequence, recipe: SequenceRecipe
) -> tuple[FloatArray, UInt8Array, FloatArray, IntArray]:
    steps = steps_of(recipe)
    readings = movement_readings(sequence, steps.tolist())
    return (
        movement_features(readings),
        small_pictures(sequence, steps),
        acceleration_features(sequence.acceleration, steps),
        np.array(STATES.index(sequence.state), np.int64),
    )
