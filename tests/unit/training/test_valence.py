"""The valence that a network gives, against what people voted."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import Faces, Usage
from calmloop.training.data.labels import FER_PLUS_COLUMNS
from calmloop.training.measure.candidate import Candidate, CandidateAnswers
from calmloop.training.measure.valence import fit_of, valence_agreement
from tests.unit.training.test_evaluate_command import MODEL

NAMES = ("happy", "neutral", "sad")
VOTED = tuple(FER_PLUS_COLUMNS.index(name) for name in ("happiness", "neutral", "sadness"))
COUNT = 60


class Sure:
    """Says of the n-th face the n-th of a list of emotions, all but certain."""

    def __init__(self, named: list[str]) -> None:
        self._columns = [EMOTIONS.index(name) for name in named]

    def logits(self, _images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        return np.eye(len(EMOTIONS), dtype=np.float32)[self._columns] * 30


def voted(votes: npt.NDArray[np.int64]) -> Faces:
    count = len(votes)
    images = np.zeros((count, 48, 48), np.uint8)
    usage = np.array([Usage.PUBLIC_TEST.value] * count)
    return Faces(images, np.zeros(count, np.int64), usage, votes)


def ten_alike() -> npt.NDArray[np.int64]:
    votes = np.zeros((COUNT, len(FER_PLUS_COLUMNS)), np.int64)
    votes[np.arange(COUNT), [VOTED[n % 3] for n in range(COUNT)]] = 10
    return votes


def answers_of(named: list[str], votes: npt.NDArray[np.int64]) -> CandidateAnswers:
    return CandidateAnswers(Candidate("sure", MODEL, Sure(named)), voted(votes))


def test_who_says_what_all_voted_is_right_and_who_says_the_opposite_is_turned_round() -> None:
    votes = ten_alike()
    right = valence_agreement(answers_of([NAMES[n % 3] for n in range(COUNT)], votes))
    assert right is not None
    assert (right["faces"], right["r"], right["rmse"]) == (COUNT, 1.0, 0.0)
    assert right["people_r"] == 1.0
    wrong = valence_agreement(answers_of([NAMES[2 - n % 3] for n in range(COUNT)], votes))
    assert wrong is not None
    assert wrong["r"] == -1.0
    assert wrong["rmse"] == pytest.approx(np.sqrt(8 / 3), abs=1e-4)
    # An output of its own could learn that.
    assert (wrong["fitted_r"], wrong["fitted_rmse"]) == (1.0, 0.0)


def test_votes_that_name_no_emotion_do_not_count_and_faces_with_few_others_are_left_out() -> None:
    votes = ten_alike()
    votes[:, FER_PLUS_COLUMNS.index("unknown")] = 4
    votes[:6] = 0
    votes[:6, VOTED[0]], votes[:6, FER_PLUS_COLUMNS.index("NF")] = 4, 6
    named = ["sad"] * 6 + [NAMES[n % 3] for n in range(6, COUNT)]
    told = valence_agreement(answers_of(named, votes))
    assert told is not None
    assert (told["faces"], told["r"], told["rmse"]) == (COUNT - 6, 1.0, 0.0)


def test_faces_without_votes_have_no_such_table() -> None:
    answers = answers_of(["happy"] * COUNT, ten_alike())
    answers.faces = replace(answers.faces, votes=None)
    assert valence_agreement(answers) is None


def test_mean_square_and_correlation_are_those_of_the_textbook() -> None:
    fit = fit_of(np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 4.0]))
    assert fit.r == pytest.approx(np.sqrt(3) / 2)
    assert fit.rmse == pytest.approx(np.sqrt(5 / 3))
