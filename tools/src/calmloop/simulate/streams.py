"""How the network's answers follow one another while a child's expression stays the same.

Consecutive pictures of one face are not independent: a face that is read wrongly is read wrongly
for as long as it is held. How long is not known, so five models span what is likely.
"""

import random
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from calmloop.simulate.answers import Answer, Answers

Indices = npt.NDArray[np.int64]


class Stream(StrEnum):
    """The five models, from the most forgiving to the least."""

    NEW_EACH_FRAME = "new-each-frame"
    """Any face of the class, in each frame anew: errors average out within a second."""
    STRANGER_2S = "stranger-2s"
    """Any face of the class, held for 2 s."""
    FOUR_HALF_S = "four-0.5s"
    """One of four faces of the class that are this child's, held for 0.5 s."""
    FOUR_2S = "four-2s"
    """One of four faces of the class that are this child's, held for 2 s."""
    ONE = "one"
    """The child has one face a class: what is read wrongly is read wrongly for ever."""


class _Shape(NamedTuple):
    faces: int | None
    """Faces a class that a child has; None for all there are."""
    held_s: float
    """How long one is held."""


SHAPES = {
    Stream.NEW_EACH_FRAME: _Shape(None, 0.0),
    Stream.STRANGER_2S: _Shape(None, 2.0),
    Stream.FOUR_HALF_S: _Shape(4, 0.5),
    Stream.FOUR_2S: _Shape(4, 2.0),
    Stream.ONE: _Shape(1, float("inf")),
}


class FaceStream:
    """The faces of one person: which of the measured ones stand for each expression.

    Args:
        answers: The measured ones.
        stream: How they follow one another.
        rng: Draws which faces are this person's, and which comes next.
        pools: For an expression, the faces to draw this person's from instead of all of its class:
            a resting face that reads sad, a faint smile.
    """

    def __init__(
        self,
        answers: Answers,
        stream: Stream,
        rng: random.Random,
        pools: dict[str, Indices] | None = None,
    ) -> None:
        self._answers = answers
        self._shape = SHAPES[stream]
        self._rng = rng
        self._pools = pools or {}
        self._own: dict[str, list[Answer]] = {}
        self._expression = ""
        self._until_s = float("-inf")
        self._shown: Answer = answers.readings[0]

    def answer(self, expression: str, now_s: float) -> Answer:
        """What the network says of the frame of this moment.

        Args:
            expression: The face's true class.
            now_s: Never earlier than at the last call.
        """
        if expression != self._expression or now_s >= self._until_s:
            self._shown = self._rng.choice(self._of(expression))
            self._expression = expression
            self._until_s = now_s + self._shape.held_s
        return self._shown

    def _of(self, expression: str) -> list[Answer]:
        if expression not in self._own:
            pool = self._pools.get(expression, self._answers.showing(expression)).tolist()
            count = self._shape.faces
            if count is not None and count < len(pool):
                pool = self._rng.sample(pool, count)
            self._own[expression] = [self._answers.readings[index] for index in pool]
        return self._own[expression]


def sad_at_rest(answers: Answers) -> dict[str, Indices]:
    """Neutral faces of the quarter that the network reads as most negative."""
    neutral = answers.showing("neutral")
    valence = answers.valence[neutral]
    return {"neutral": neutral[valence <= np.quantile(valence, 0.25)]}


def faint_smile(answers: Answers, around: float = 0.55) -> dict[str, Indices]:
    """Happy faces whose probability of happy is within 0.05 of `around`."""
    happy = answers.showing("happy")
    smile = np.array([answers.readings[index].p_positive for index in happy])
    return {"happy": happy[np.abs(smile - around) <= 0.05]}


def near_valence(answers: Answers, valence: float) -> dict[str, Indices]:
    """Sad faces that the network reads as negative, within 0.05 of a valence."""
    sad = answers.showing("sad", "fear", "angry")
    near = np.abs(answers.valence[sad] - valence) <= 0.05
    surely = np.array([answers.readings[index].confidence >= 0.7 for index in sad])
    return {"sad": sad[near & surely]}
