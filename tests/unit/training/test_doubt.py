"""What cannot be told: as a target, in the limits, and chosen so that labels give way."""

import numpy as np
import pytest
from pydantic import ValidationError

from calmloop.training.learn.recipe import JointWeights, Recipe
from calmloop.training.learn.targets import DOUBT, doubting
from calmloop.training.measure import calling, metrics
from calmloop.training.measure.calling import Limits, Shown

HAPPY, SAD, NEUTRAL = 3, 4, 6


def shown(label: int, said: int, margin: float, count: int, evidence: float = 9.0) -> Shown:
    """Faces of one label that are taken for something with a margin, and so much evidence."""
    logits = np.zeros((count, 7), np.float32)
    logits[:, said] = margin
    logits += evidence - np.logaddexp.reduce(logits, axis=1)[:, None]
    return Shown(logits, np.full(count, label))


def together(*parts: Shown, has_face: bool = True) -> Shown:
    logits = np.concatenate([part.logits for part in parts])
    return Shown(logits, np.concatenate([part.truth for part in parts]), has_face)


CLEAN = together(shown(HAPPY, HAPPY, 6, 300), shown(NEUTRAL, NEUTRAL, 6, 300))


def test_what_is_lost_goes_from_the_label_to_doubt() -> None:
    targets = np.eye(7, dtype=np.float32)[[HAPPY, SAD]]
    mixed = doubting(targets, np.array([0.25, 1.0], np.float32))
    assert mixed.shape == (2, 8)
    assert mixed.sum(axis=1) == pytest.approx([1, 1])
    assert mixed[0, [HAPPY, DOUBT]] == pytest.approx([0.75, 0.25])
    assert mixed[1, DOUBT] == 1.0


@pytest.mark.parametrize(
    "wrong",
    [{"class_weights": True}, {"joint": JointWeights()}, {"no_face_p": 0.8}],
)
def test_doubt_goes_alone(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="spoil_p and no_face_p"):
        Recipe.model_validate({"spoil_p": 0.3, **wrong})
    assert Recipe(spoil_p=0.3, no_face_p=0.1).learns_doubt
    assert not Recipe().learns_doubt


def test_the_logit_of_doubt_lies_between_what_is_seen_and_what_is_not() -> None:
    seen, hidden = shown(HAPPY, HAPPY, 4, 50, 5.0), shown(HAPPY, HAPPY, 4, 50, -3.0)
    lost = np.repeat([0.0, 1.0], 50)
    doubt = calling.fit_doubt(np.concatenate([seen.logits, hidden.logits]), lost, 1.0)
    assert -3.0 < doubt < 5.0
    assert calling.readable(seen.logits, 1.0, doubt).min() > 0.9
    assert calling.readable(hidden.logits, 1.0, doubt).max() < 0.1
    assert (calling.readable(seen.logits, 1.0, None) == 1.0).all()


def test_an_unreadable_face_gets_no_label_however_it_leans() -> None:
    limits = Limits(0.5, 0.5, None, 0.0)
    hidden = shown(HAPPY, HAPPY, 8, 10, -4.0)
    called, likeliest = calling.call(hidden.logits, 1.0, limits)
    assert not called.any()
    assert (likeliest == metrics.GROUP_ORDER.index("positive")).all()
    assert calling.call(hidden.logits, 1.0, Limits(0.5, 0.5))[0].all()


def test_each_group_has_its_own_limit() -> None:
    limits = Limits(0.5, 0.9, 0.7)
    assert [limits.of(group) for group in metrics.GROUP_ORDER] == [0.7, 0.5, 0.9]
    assert Limits(0.5, 0.9).of(metrics.GROUP_ORDER[0]) == 0.5


def test_clean_faces_that_are_right_ask_for_no_more_than_half() -> None:
    limits = calling.choose_doubting_limits(CLEAN, [CLEAN], 1.0, 0.0)
    assert limits == Limits(0.5, 0.5, 0.5, 0.0)


def test_spoiled_positives_that_are_wrong_raise_the_limit_of_positive_alone() -> None:
    wrong = together(shown(SAD, HAPPY, 2.5, 60), shown(HAPPY, HAPPY, 6, 200))
    limits = calling.choose_doubting_limits(CLEAN, [wrong], 1.0, 0.0)
    share = calling.said(shown(SAD, HAPPY, 2.5, 1).logits, 1.0, 0.0).max()
    assert limits.min_confidence_positive == pytest.approx(np.ceil(100 * share) / 100)
    found = calling.operate(wrong.logits, wrong.truth, 1.0, limits)
    assert (found.positive_called, found.positive_wrong) == (200, 0.0)
    assert limits.min_confidence == 0.5


def test_neutral_faces_that_are_called_negative_raise_the_limit_of_negative() -> None:
    clean = together(CLEAN, shown(NEUTRAL, SAD, 2.5, 100), shown(SAD, SAD, 6, 100))
    limits = calling.choose_doubting_limits(clean, [CLEAN], 1.0, 0.0)
    assert limits.min_confidence_negative is not None
    assert limits.min_confidence_negative > 0.6
    assert limits.min_confidence == 0.5
    assert calling.operate(clean.logits, clean.truth, 1.0, limits).neutral_as_negative <= 0.15


def test_what_has_no_face_raises_them_all() -> None:
    nothing = together(shown(NEUTRAL, NEUTRAL, 2.5, 40), has_face=False)
    limits = calling.choose_doubting_limits(CLEAN, [nothing], 1.0, 0.0)
    assert limits.min_confidence > 0.6
    assert not calling.call(nothing.logits, 1.0, limits)[0].any()
    assert limits.of(metrics.GROUP_ORDER[0]) >= limits.min_confidence
    assert limits.min_confidence_positive >= limits.min_confidence


def test_what_no_limit_holds_is_never_called() -> None:
    sure = together(shown(SAD, HAPPY, 30, 100))
    limits = calling.choose_doubting_limits(CLEAN, [sure], 1.0, 0.0)
    assert limits.min_confidence_positive == calling.NEVER
