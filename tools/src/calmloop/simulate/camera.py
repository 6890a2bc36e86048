"""What reaches the engine of a child's face: an answer of the network, or the reason for none."""

import random
from typing import NamedTuple

from calmloop.contract.messages.face import NoFaceReason
from calmloop.simulate.answers import Answer, Answers
from calmloop.simulate.children import Child, Kind
from calmloop.simulate.streams import (
    FaceStream,
    Indices,
    Stream,
    faint_smile,
    near_valence,
    sad_at_rest,
)
from calmloop.simulate.truth import FacePresence, Truth

ARRIVAL_VALENCE = -0.7
"""What the face of a child who arrives upset is read as."""
FOUND_WHEN_COVERED = 0.3
"""Share of stretches in which the detector takes hands and half a face for a face: assumption."""
STRETCH_S = 0.5


class Seen(NamedTuple):
    """One frame: an answer, or why there is none."""

    answer: Answer | None
    reason: NoFaceReason | None = None


class Camera:
    """Watches one child in one session.

    Args:
        child: Whom it watches.
        answers: Measured ones to draw from.
        stream: How they follow one another.
        seed: Of the session; which faces are the child's does not depend on it.
    """

    def __init__(self, child: Child, answers: Answers, stream: Stream, seed: int) -> None:
        whose = random.Random(f"faces {child.seed}")
        pools = _pools(child.kind, answers, whose)
        self._child = FaceStream(answers, stream, whose, pools)
        self._other = FaceStream(answers, stream, random.Random(f"other {child.seed} {seed}"))
        self._answers = answers
        self._rng = random.Random(f"camera {child.seed} {seed}")
        self._covered = Seen(None, NoFaceReason.NO_FACE)
        self._covered_until_s = float("-inf")

    def look(self, truth: Truth, now_s: float) -> Seen:
        """The frame of this moment."""
        match truth.presence:
            case FacePresence.IN_VIEW | FacePresence.ASLEEP:
                return Seen(self._child.answer(truth.expression, now_s))
            case FacePresence.REPLACED:
                return Seen(self._other.answer(truth.expression, now_s))
            case FacePresence.AWAY:
                return Seen(None, NoFaceReason.NOT_FRONTAL)
            case FacePresence.COVERED:
                return self._look_at_hands(now_s)
            case FacePresence.ABSENT:
                return Seen(None, NoFaceReason.NO_FACE)

    def _look_at_hands(self, now_s: float) -> Seen:
        if now_s >= self._covered_until_s:
            self._covered_until_s = now_s + STRETCH_S
            found = self._rng.random() < FOUND_WHEN_COVERED
            self._covered = (
                Seen(self._rng.choice(self._answers.readings))
                if found
                else Seen(None, NoFaceReason.NO_FACE)
            )
        return self._covered


def _pools(kind: Kind, answers: Answers, rng: random.Random) -> dict[str, Indices]:
    """Faces to draw from in place of those of a class; one face alone is held for ever."""
    if kind is Kind.SAD_AT_REST:
        return sad_at_rest(answers)
    if kind is Kind.FAINT_SMILE:
        return _one_of(faint_smile(answers), rng)
    if kind is Kind.ARRIVES_UPSET:
        return _one_of(near_valence(answers, ARRIVAL_VALENCE), rng)
    return {}


def _one_of(pools: dict[str, Indices], rng: random.Random) -> dict[str, Indices]:
    return {name: pool[[rng.randrange(len(pool))]] for name, pool in pools.items()}
