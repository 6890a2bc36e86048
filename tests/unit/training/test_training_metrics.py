from math import isnan, sqrt

import numpy as np
import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.training.measure import calling, choosing, metrics
from calmloop.training.measure.selective import reliability, risk_curve

ANGRY, DISGUST, FEAR, HAPPY, SAD, SURPRISE, NEUTRAL = range(7)


def logits_for(*probabilities: list[float]) -> metrics.Floats:
    logits: metrics.Floats = np.log(np.maximum(np.array(probabilities), 1e-9))
    return logits


def drawn(count: int, sharpness: float, seed: int = 5) -> tuple[metrics.Floats, metrics.Labels]:
    """Logits whose softmax is exactly how often each label comes, times ``sharpness``."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 1.5, (count, 7))
    cumulative = metrics.softmax(honest).cumsum(axis=1)
    truth = (rng.random((count, 1)) > cumulative).sum(axis=1)
    return honest * sharpness, np.minimum(truth, 6)


def test_groups_add_up_their_classes_and_leave_surprise_out() -> None:
    sums = metrics.group_sums(np.array([[0.1, 0.05, 0.1, 0.2, 0.05, 0.3, 0.2]]))
    assert sums[0].tolist() == pytest.approx([0.3, 0.2, 0.2])


def test_group_accuracy_takes_the_largest_sum_and_skips_faces_labelled_surprise() -> None:
    split_anger = [0.2, 0.1, 0.15, 0.3, 0.1, 0.05, 0.1]
    logits = logits_for(split_anger, split_anger, split_anger)
    truth = np.array([SAD, HAPPY, SURPRISE])
    assert metrics.group_accuracy(logits, truth) == pytest.approx(0.5)
    assert metrics.accuracy(logits, truth) == pytest.approx(1 / 3)


def test_confusion_and_macro_f1_agree_with_hand_counts() -> None:
    truth = np.array([HAPPY, HAPPY, SAD])
    logits = logits_for(*np.eye(7)[[HAPPY, SAD, SAD]].tolist())
    counts = metrics.confusion(logits, truth)
    assert (counts[HAPPY, HAPPY], counts[HAPPY, SAD], counts[SAD, SAD]) == (1, 1, 1)
    assert counts.sum() == 3
    assert metrics.macro_f1(counts) == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_a_class_that_no_face_shows_is_in_no_mean() -> None:
    counts = np.zeros((7, 7), np.int64)
    counts[HAPPY, HAPPY], counts[SAD, SAD], counts[SAD, 0] = 4, 3, 1
    # Taken for angry once, which nobody was: that counts against sad alone.
    assert metrics.macro_f1(counts) == pytest.approx((1 + 6 / 7) / 2)


def test_a_sharpened_network_gets_its_temperature_back() -> None:
    logits, truth = drawn(6_000, sharpness=2.0)
    temperature = metrics.fit_temperature(logits, truth)
    assert temperature == pytest.approx(2.0, rel=0.05)
    assert metrics.calibration_error(logits, truth) > 0.1
    assert metrics.calibration_error(logits, truth, temperature) < 0.03


def test_a_network_that_favours_a_class_gets_its_offsets_back() -> None:
    logits, truth = drawn(6_000, sharpness=2.0)
    favour = np.array([0, 0, -1.0, 0, 0, 0, 2.0])
    offsets = metrics.fit_class_bias(logits + favour, truth)
    assert offsets == pytest.approx(favour.mean() - favour, abs=0.2)
    balanced = logits + favour + offsets
    assert metrics.accuracy(balanced, truth) > metrics.accuracy(logits + favour, truth)


def test_calibration_error_of_a_sure_network_is_its_error_rate() -> None:
    logits = logits_for(*np.eye(7)[[HAPPY] * 10].tolist())
    truth = np.array([HAPPY] * 6 + [SAD] * 4)
    assert metrics.calibration_error(logits, truth) == pytest.approx(0.4, abs=1e-6)


def test_a_surprise_called_positive_is_wrong_and_doubt_is_not_called() -> None:
    happy, unsure = [0.01] * 3 + [0.94] + [0.01] * 3, [1 / 7] * 7
    operating = calling.operate(
        logits_for(happy, happy, unsure, unsure),
        np.array([HAPPY, SURPRISE, HAPPY, SAD]),
        temperature=1.0,
        limits=calling.Limits(0.6, 0.6),
    )
    assert operating.coverage == pytest.approx(0.5)
    assert operating.positive_called == 2
    assert operating.positive_wrong == pytest.approx(0.5)


def test_the_chosen_limit_is_the_lowest_that_surely_holds_wrong_positives_down() -> None:
    def is_sure(limits: calling.Limits) -> bool:
        """Were 10 % the truth, so few errors would be a standard error or more from it."""
        found = calling.operate(logits, truth, 1.0, limits)
        return 0.1 - found.positive_wrong >= sqrt(0.1 * 0.9 / found.positive_called)

    logits, truth = drawn(6_000, sharpness=1.0)
    limits = choosing.choose_limits(logits, truth, 1.0, max_wrong=0.1)
    assert limits.min_confidence == calling.MIN_LIMIT
    assert is_sure(limits)
    assert not is_sure(calling.Limits(0.5, limits.min_confidence_positive - 0.01))


def test_too_few_calls_prove_nothing_and_positive_is_never_called() -> None:
    happy, sad = [0.01] * 3 + [0.94] + [0.01] * 3, [0.01] * 4 + [0.94] + [0.01] * 2
    for calls, limit in ((18, calling.NEVER), (19, calling.MIN_LIMIT)):
        logits = logits_for(*[happy] * calls, sad)
        truth = np.array([HAPPY] * calls + [SAD])
        chosen = choosing.choose_limits(logits, truth, 1.0)
        assert chosen.min_confidence_positive == limit
        called = calling.operate(logits, truth, 1.0, chosen).positive_called
        assert called == (0 if limit == calling.NEVER else calls)


def test_risk_starts_with_the_surest_calls_and_ends_at_the_error_rate() -> None:
    sure, less = [0.01] * 3 + [0.94] + [0.01] * 3, [0.05] * 3 + [0.7] + [0.05] * 3
    sad = [0.02] * 4 + [0.88] + [0.02] * 2
    logits = logits_for(less, sure, sad, less)
    truth = np.array([SURPRISE, HAPPY, ANGRY, HAPPY])
    every = risk_curve(logits, truth)
    assert every.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert every.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 4])
    assert every.area == pytest.approx(7 / 48)
    assert (every.low <= every.risk).all() and (every.risk <= every.high).all()
    positive = risk_curve(logits, truth, only=Label.POSITIVE)
    assert positive.coverage.tolist() == [0.25, 0.5, 0.75]
    assert positive.risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3])
    assert isnan(risk_curve(logits[2:3], truth[2:3], only=Label.POSITIVE).area)


def test_what_cannot_be_read_lowers_the_odds_that_are_held_against_the_truth() -> None:
    happy = [0.01] * 3 + [0.94] + [0.01] * 3
    logits, truth = logits_for(*[happy] * 4), np.array([HAPPY, HAPPY, HAPPY, SAD])
    sure = reliability(logits, truth, 1.0)
    assert sure.count.tolist() == [4]
    assert sure.right == pytest.approx([0.75])
    assert sure.confidence == pytest.approx([0.94])
    assert sure.error == pytest.approx(0.19)
    doubted = reliability(
        logits, truth, 1.0, calling.Limits(0.5, 0.5, float(np.logaddexp.reduce(logits[0])))
    )
    assert doubted.confidence == pytest.approx([0.47]), "half of it cannot be read"
