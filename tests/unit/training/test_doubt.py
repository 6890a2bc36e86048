"""What cannot be told: as a target, in the limits, and chosen so that labels give way."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from calmloop.training.learn.recipe import JointWeights, Recipe
from calmloop.training.learn.targets import DOUBT, doubting
from calmloop.training.measure import calling, choosing, metrics
from calmloop.training.measure.calling import EVEN, Limits
from calmloop.training.measure.choosing import Faded, Shown

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


FADED = Faded(
    together(shown(HAPPY, HAPPY, 6, 100), shown(HAPPY, HAPPY, 6, 100, -9.0)).logits,
    np.repeat([0.0, 1.0], 100),
)
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
    doubt = choosing.fit_doubt(np.concatenate([seen.logits, hidden.logits]), lost, 1.0)
    limits = Limits(0.5, 0.5, doubt)
    assert -3.0 < doubt < 5.0
    assert calling.readable(seen.logits, 1.0, limits).min() > 0.9
    assert calling.readable(hidden.logits, 1.0, limits).max() < 0.1
    assert (calling.readable(seen.logits, 1.0, EVEN) == 1.0).all()


def test_an_unreadable_face_gets_no_label_however_it_leans() -> None:
    limits = Limits(0.5, 0.5, 0.0)
    hidden = shown(HAPPY, HAPPY, 8, 10, -4.0)
    called, likeliest = calling.call(hidden.logits, 1.0, limits)
    assert not called.any()
    assert (likeliest == metrics.GROUP_ORDER.index("positive")).all()
    assert calling.call(hidden.logits, 1.0, Limits(0.5, 0.5))[0].all()


def test_positive_has_a_limit_of_its_own() -> None:
    limits = Limits(0.5, 0.9)
    assert [limits.of(group) for group in metrics.GROUP_ORDER] == [0.5, 0.5, 0.9]


def test_clean_faces_that_are_right_ask_for_no_more_than_half() -> None:
    limits = choosing.choose_doubting_limits(CLEAN, [CLEAN], FADED, 1.0)
    assert limits == Limits(0.5, 0.5, limits.doubt_logit)
    assert limits.neutral_prior == 0.0


def test_spoiled_positives_that_are_wrong_raise_the_limit_of_positive_alone() -> None:
    wrong = together(shown(SAD, HAPPY, 2.5, 60), shown(HAPPY, HAPPY, 6, 200))
    limits = choosing.choose_doubting_limits(CLEAN, [wrong], FADED, 1.0)
    share = calling.said(shown(SAD, HAPPY, 2.5, 1).logits, 1.0, limits).max()
    assert limits.min_confidence_positive == pytest.approx(np.ceil(100 * share) / 100)
    found = calling.operate(wrong.logits, wrong.truth, 1.0, limits)
    assert (found.positive_called, found.positive_wrong) == (200, 0.0)
    assert limits.min_confidence == 0.5


def test_neutral_faces_that_are_called_negative_ask_for_a_prior() -> None:
    wrong = shown(NEUTRAL, SAD, 2.5, 100)
    wrong.logits[:, NEUTRAL] += 1.5
    clean = together(CLEAN, wrong, shown(SAD, SAD, 6, 100))
    limits = choosing.choose_doubting_limits(clean, [CLEAN], FADED, 1.0)
    assert 0.8 < limits.neutral_prior < 1.3
    assert limits.min_confidence == 0.5
    found = calling.operate(clean.logits, clean.truth, 1.0, limits)
    assert found.neutral_as_negative <= 0.15


def test_a_prior_moves_no_face_away_from_neutral() -> None:
    logits = np.random.default_rng(1).normal(0, 3, (500, 7))
    before, after = (calling.call(logits, 1.0, replace(EVEN, neutral_prior=p))[1] for p in (0, 1))
    moved = after[before != after]
    assert len(moved)
    assert (moved == metrics.GROUP_ORDER.index("neutral")).all()


def test_what_has_no_face_raises_them_all() -> None:
    nothing = together(shown(NEUTRAL, NEUTRAL, 2.5, 40), has_face=False)
    limits = choosing.choose_doubting_limits(CLEAN, [nothing], FADED, 1.0)
    assert limits.min_confidence > 0.6
    assert not calling.call(nothing.logits, 1.0, limits)[0].any()
    assert limits.of(metrics.GROUP_ORDER[0]) >= limits.min_confidence
    assert limits.min_confidence_positive >= limits.min_confidence


def test_what_no_limit_holds_is_never_called() -> None:
    sure = together(shown(SAD, HAPPY, 30, 100))
    limits = choosing.choose_doubting_limits(CLEAN, [sure], FADED, 1.0)
    assert limits.min_confidence_positive == calling.NEVER
