"""What names the expression of each frame: the frame network, the engine's evidence, the LSTM."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np

from calmloop.contract.messages.emotion import GROUPS, EmotionState, Label
from calmloop.emotion_classifier import (
    EmotionClassifierSection,
    EmotionReader,
    EmotionReading,
    OverTime,
    Sighting,
    TemporalTflite,
    read,
)
from calmloop.papers.temporal.compose import LABELS, NO_GROUP, ComposedStream, groups_of
from calmloop.papers.temporal.features import AnsweredFaces
from calmloop.papers.temporal.network import AttendingLstm
from calmloop.papers.temporal.train import TemporalRecipe, attend, recipe_windows
from calmloop.papers.temporal.windows import WINDOW_S, padded
from calmloop.scenario_selector import EvidenceObserver, Tuning
from calmloop.training.data.faces import FloatArray, IntArray

SERVICE = "emotion-classifier with the file"
Method = Callable[[ComposedStream], IntArray]
"""What it says at each frame of a stream, (T,): places in LABELS, or NO_GROUP."""
ReadAt = Callable[[int, float], EmotionReading]
"""What is said of a face at a time in s."""


@dataclass(frozen=True)
class FaceReadings:
    """What emotion-classifier would publish of each face, and the probability of each group."""

    readings: tuple[EmotionReading, ...]
    likely: FloatArray
    """(N, 3)."""


def read_faces(logits: FloatArray) -> FaceReadings:
    """By the calibration and the limits of the network's card."""
    calibration = EmotionReader(EmotionClassifierSection()).calibration
    readings = tuple(read(row, calibration) for row in logits)
    likely = [[_group(one, label) for label in LABELS] for one in readings]
    return FaceReadings(readings, np.array(likely, np.float32))


def right_alone(known: AnsweredFaces) -> float:
    """Of single faces of a group: how often the frame network finds it the likeliest."""
    truth = groups_of(known.faces)
    said = read_faces(known.logits).likely.argmax(axis=1)
    return float((said == truth)[truth != NO_GROUP].mean())


def methods_of(logits: FloatArray) -> dict[str, Method]:
    """Those that learn nothing, by name."""
    known = read_faces(logits)

    def alone(face: int, _: float) -> EmotionReading:
        return known.readings[face]

    return {
        "frame network, as it says": lambda stream: _said(known, stream),
        "frame network, likeliest": lambda stream: _likeliest(known, stream),
        f"mean of its last {WINDOW_S:g} s": lambda stream: _averaged(known, stream),
        f"engine's evidence, {Tuning().cycle_s:g} s": lambda stream: _evidence(alone, stream),
    }


def lstm_method(recipe: TemporalRecipe, network: AttendingLstm, known: AnsweredFaces) -> Method:
    """The recurrent network, on the last two seconds before each frame."""

    def said(stream: ComposedStream) -> IntArray:
        windows = recipe_windows(recipe, stream, known, range(len(stream.at_s)))
        return attend(network, padded(windows))[0]

    return said


def file_method(recipe: TemporalRecipe, network: TemporalTflite, known: AnsweredFaces) -> Method:
    """The exported network, on the same windows."""

    def said(stream: ComposedStream) -> IntArray:
        windows = recipe_windows(recipe, stream, known, range(len(stream.at_s)))
        groups = [network.logits(one[:, :-1], one[:, -1]).argmax() for one, _ in windows]
        return np.array(groups, np.int64)

    return said


def over_time_methods(logits: FloatArray, network: TemporalTflite) -> dict[str, Method]:
    """What emotion-classifier publishes with the exported network in it, and what becomes of it."""
    known = read_faces(logits)
    calibration = EmotionReader(EmotionClassifierSection()).calibration

    def anew() -> ReadAt:
        over_time = OverTime(network, calibration, _refuse)

        def read_at(face: int, now_s: float) -> EmotionReading:
            sighting = Sighting("face", round(now_s * 1e9), "")
            return over_time.read(sighting, logits[face], known.readings[face])

        return read_at

    def said(stream: ComposedStream) -> IntArray:
        seen = zip(stream.face.tolist(), stream.at_s.tolist(), strict=True)
        read_at = anew()
        return np.array([_number(read_at(*one).label) for one in seen], np.int64)

    return {
        SERVICE: said,
        "engine's evidence of that": lambda stream: _evidence(anew(), stream),
    }


def _refuse(error: Exception) -> None:
    raise error


def _group(reading: EmotionReading, label: Label) -> float:
    return sum(reading.scores[name] for name in GROUPS[label])


def _number(label: Label) -> int:
    return LABELS.index(label) if label in LABELS else NO_GROUP


def _said(known: FaceReadings, stream: ComposedStream) -> IntArray:
    return np.array([_number(known.readings[face].label) for face in stream.face], np.int64)


def _likeliest(known: FaceReadings, stream: ComposedStream) -> IntArray:
    return np.asarray(known.likely[stream.face].argmax(axis=1), np.int64)


def _averaged(known: FaceReadings, stream: ComposedStream) -> IntArray:
    """The group whose probability is largest over the window, each frame alike."""
    said = []
    for now_s in stream.at_s:
        frames = (stream.at_s <= now_s) & (stream.at_s > now_s - WINDOW_S)
        said.append(int(known.likely[stream.face[frames]].mean(axis=0).argmax()))
    return np.array(said, np.int64)


def _evidence(read_at: ReadAt, stream: ComposedStream) -> IntArray:
    """The engine's verdict, once it has measured this child's rest as it does in a session."""
    observer, frames = EvidenceObserver(Tuning().cycle_s, 0.0), count()

    def assess(face: int, now_s: float) -> int:
        observer.add(_state(read_at(face, now_s), next(frames), now_s), now_s)
        return _number(observer.assess(now_s).label)

    observer.measure(0.0)
    step_s, rest_s = float(stream.at_s[1]), len(stream.rest)
    for now_s in np.arange(0, rest_s, step_s).tolist():
        assess(stream.rest[int(now_s)], now_s)
        observer.learn_calm(step_s)
    observer.settle()
    at_s = (rest_s + stream.at_s).tolist()
    return np.array([assess(*one) for one in zip(stream.face, at_s, strict=True)], np.int64)


def _state(reading: EmotionReading, frame: int, now_s: float) -> EmotionState:
    return EmotionState(
        frame_seq=frame,
        captured_ns=round(now_s * 1e9),
        label=reading.label,
        confidence=reading.confidence,
        valence=reading.valence,
        reason=reading.reason,
    )
