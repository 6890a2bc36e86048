"""How answers follow one another, and that they are the shipped network's own."""

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.emotion_classifier import EmotionClassifierSection, read_card
from calmloop.simulate.answers import Answer, AnswersError, load, pack
from calmloop.simulate.streams import FaceStream, Stream, faint_smile, near_valence, sad_at_rest

ANSWERS = load()
STEP_S = 0.1


def shown(stream: Stream, seconds: float, seed: int = 1) -> list[Answer]:
    """What is read of a neutral face, ten times a second."""
    faces = FaceStream(ANSWERS, stream, random.Random(seed))
    return [faces.answer("neutral", n * STEP_S) for n in range(round(seconds / STEP_S))]


def changes(answers: list[Answer]) -> int:
    return sum(one is not other for one, other in pairwise(answers))


def test_the_answers_are_those_of_the_network_that_ships() -> None:
    card = read_card(EmotionClassifierSection().model)
    assert ANSWERS.provenance["model_sha256"] == card.sha256, (
        "another network ships: measure its answers with"
        " `calmloop measure-answers --out tools/src/calmloop/simulate/answers.npz`"
    )
    limits = ANSWERS.provenance["calibration"]
    assert limits["temperature"] == card.temperature
    assert limits["min_confidence_positive"] == card.thresholds.min_confidence_positive


def test_a_good_part_of_calm_faces_is_read_as_negative() -> None:
    def called(emotion: str, label: Label) -> float:
        labels = [ANSWERS.readings[n].label for n in ANSWERS.showing(emotion)]
        return labels.count(label) / len(labels)

    assert called("happy", Label.POSITIVE) == pytest.approx(0.64, abs=0.01)
    assert called("neutral", Label.NEGATIVE) == pytest.approx(0.13, abs=0.01)


def test_a_new_face_comes_each_frame() -> None:
    assert changes(shown(Stream.NEW_EACH_FRAME, 20.0)) > 190


def test_a_strangers_face_is_held_for_two_seconds() -> None:
    answers = shown(Stream.STRANGER_2S, 60.0)
    assert all(changes(answers[n : n + 20]) == 0 for n in range(0, 600, 20))
    assert len({id(one) for one in answers}) > 20


@pytest.mark.parametrize(
    ("stream", "faces"), [(Stream.FOUR_2S, 4), (Stream.FOUR_HALF_S, 4), (Stream.ONE, 1)]
)
def test_a_child_has_its_own_few_faces(stream: Stream, faces: int) -> None:
    assert len({id(one) for one in shown(stream, 120.0)}) == faces
    assert {id(one) for one in shown(stream, 120.0)} != {id(one) for one in shown(stream, 120.0, 2)}


def test_another_expression_shows_at_once() -> None:
    faces = FaceStream(ANSWERS, Stream.ONE, random.Random(1))
    calm = faces.answer("neutral", 0.0)
    assert faces.answer("angry", 0.1) is not calm
    assert faces.answer("neutral", 0.2) is calm


def test_special_faces_are_what_they_are_called() -> None:
    faint = [ANSWERS.readings[n] for n in faint_smile(ANSWERS)["happy"]]
    assert faint
    assert all(0.5 <= one.p_positive <= 0.6 and one.label is not Label.POSITIVE for one in faint)
    sad = [ANSWERS.readings[n] for n in sad_at_rest(ANSWERS)["neutral"]]
    assert max(one.valence for one in sad) < -0.3
    upset = [ANSWERS.readings[n] for n in near_valence(ANSWERS, -0.7)["sad"]]
    assert upset
    assert all(one.label is Label.NEGATIVE and abs(one.valence + 0.7) <= 0.05 for one in upset)


def test_packed_answers_are_read_back_as_the_service_reads_them(tmp_path: Path) -> None:
    logits = np.array([[0.0, 0, 0, 5.0, 0, 0, 0], [5.0, 0, 0, 0, 0, 0, 0]], np.float32)
    calibration = {"temperature": 1.0, "min_confidence": 0.5, "min_confidence_positive": 0.9}
    provenance = {"output_scale": 0.05, "output_zero_point": 0, "calibration": calibration}
    path = tmp_path / "answers.npz"
    path.write_bytes(pack(logits, np.array([3, 0]), provenance))
    happy, angry = load(path).readings
    assert (happy.label, angry.label) == (Label.POSITIVE, Label.NEGATIVE)
    assert happy.p_positive == pytest.approx(0.961, abs=0.001)
    assert angry.valence == pytest.approx(-0.974, abs=0.001)


def test_a_file_that_holds_no_answers_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(AnswersError, match=r"other\.npz is no file of answers .*measure-answers"):
        load(path)
