"""The simulated child: its mood follows the chair, its picture follows its mood."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.camera.arrays import Picture
from calmloop.contract.messages.chair import Applied
from calmloop.contract.messages.stimulus import Light
from calmloop.simulated_child import MoodPin, SimulatedChild
from calmloop.simulated_child.expression import NEGATIVE, NEUTRAL, POSITIVE, expression_of
from calmloop.simulated_child.mood import PINNED_VALENCE, MoodModel
from calmloop.simulated_child.motion import Motion

SILENT = Applied()
SEEDS = range(20)


def model_of(seed: int, pin: MoodPin = MoodPin.AUTO) -> MoodModel:
    return MoodModel(np.random.default_rng(seed), pin)


def times_liked(model: MoodModel, share: float) -> Applied:
    """Outputs at a multiple of what this child likes."""
    liked = model.preference
    levels = np.array(liked.light_rgb) * liked.light_pct * 3**0.5 * share
    red, green, blue = (min(100.0, float(level)) for level in levels)
    return Applied(
        vibration_pct=min(100.0, share * liked.vibration_pct),
        sound_pct=min(100.0, share * liked.sound_pct),
        light=Light(red_pct=red, green_pct=green, blue_pct=blue),
    )


def mean_valence(model: MoodModel, applied: Applied, seconds: int = 60) -> float:
    """Mean over the last half of the time, on frames of a fifteenth of a second."""
    course = [model.live_until(100.0 + n / 15, applied).valence for n in range(round(15 * seconds))]
    return float(np.mean(course[len(course) // 2 :]))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_child_is_happy_with_what_it_likes_dull_with_nothing_upset_by_too_much(
    seed: int,
) -> None:
    liked = mean_valence(model_of(seed), times_liked(model_of(seed), 1.0))
    nothing = mean_valence(model_of(seed), SILENT)
    too_much = mean_valence(model_of(seed), times_liked(model_of(seed), 2.8))
    assert liked > 0.6
    assert -0.4 < nothing < 0.2
    assert too_much < -0.6


def test_children_like_different_things() -> None:
    liked = [model_of(seed).preference.vibration_pct for seed in SEEDS]
    assert max(liked) - min(liked) > 10.0


def test_a_mood_takes_its_time() -> None:
    model = model_of(1)
    applied = times_liked(model, 1.0)
    before = model.live_until(10.0, applied).valence
    for n in range(1, 16):
        model.live_until(10.0 + n / 15, applied)
    assert abs(model.mood.valence - before) < 0.35


def test_the_course_does_not_depend_on_the_frame_rate() -> None:
    slow, fast = model_of(3), model_of(3)
    for n in range(51):
        slow.live_until(n / 5, SILENT)
    for n in range(301):
        fast.live_until(n / 30, SILENT)
    assert slow.mood == fast.mood


def test_a_long_pause_is_not_lived_through() -> None:
    model = model_of(1)
    model.live_until(10.0, SILENT)
    before = model.mood
    assert model.live_until(1000.0, times_liked(model, 1.0)) == before


@pytest.mark.parametrize("pin", [MoodPin.NEGATIVE, MoodPin.NEUTRAL, MoodPin.POSITIVE])
def test_a_pinned_mood_stays_whatever_the_chair_does(pin: MoodPin) -> None:
    model = model_of(2, pin)
    applied = times_liked(model, 1.0)
    course = [model.live_until(n / 15, applied).valence for n in range(900)]
    assert np.abs(np.array(course) - PINNED_VALENCE[pin]).max() < 0.25


def test_the_face_goes_from_crying_over_rest_to_a_laugh() -> None:
    assert expression_of(-1.0) == NEGATIVE
    assert expression_of(0.0) == NEUTRAL
    assert expression_of(1.0) == POSITIVE
    corners = [expression_of(v).corner_up for v in np.linspace(-1, 1, 41)]
    assert corners == sorted(corners)


def test_an_excited_child_moves_more_and_every_child_blinks() -> None:
    def course(arousal: float) -> list[tuple[float, float]]:
        motion = Motion(np.random.default_rng(4))
        poses = [motion.pose(n / 15, arousal) for n in range(600)]
        return [(pose.x, pose.eyelids) for pose in poses]

    calm, excited = course(0.1), course(0.9)
    assert np.ptp([x for x, _ in excited]) > 1.5 * np.ptp([x for x, _ in calm])
    assert min(lids for _, lids in calm) < 0.5
    assert np.mean([lids > 0.9 for _, lids in calm]) > 0.9


def test_an_excited_child_does_not_sit_still_and_a_calm_one_breathes() -> None:
    def course(arousal: float) -> list[tuple[float, float]]:
        motion = Motion(np.random.default_rng(4))
        return [motion.pose(n / 15, arousal).body for n in range(600)]

    calm, excited = np.array(course(0.1)), np.array(course(0.9))
    assert np.ptp(excited[:, 0]) > 5 * np.ptp(calm[:, 0])
    beats = np.abs(np.fft.rfft(calm[:, 1] - calm[:, 1].mean()))
    assert 15 * 60 * np.argmax(beats) / 600 == pytest.approx(18, abs=1.5)


def pictures(count: int, *, seed: int = 1, applied: Applied = SILENT) -> list[Picture]:
    child = SimulatedChild(seed=seed)
    drawn = []
    for n in range(count):
        child.live_until(n / 15, applied)
        drawn.append(child.draw())
    return drawn


def test_the_same_seed_gives_the_same_pictures_another_seed_others() -> None:
    first, again, other = pictures(5), pictures(5), pictures(5, seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[-1], other[-1])


def test_a_picture_is_bgr_of_the_asked_size_and_each_has_its_own_noise() -> None:
    one, two = pictures(2)
    assert one.shape == (480, 640, 3)
    assert one.dtype == np.uint8
    corner = (slice(0, 40), slice(600, 640))
    assert 1.0 < np.std(one[corner].astype(int) - two[corner]) < 8.0


@pytest.mark.parametrize(
    ("light", "channel"),
    [(Light(blue_pct=80), 0), (Light(green_pct=80), 1), (Light(red_pct=80), 2)],
)
def test_the_chairs_light_tints_the_room(light: Light, channel: int) -> None:
    dark = pictures(1)[0].reshape(-1, 3).mean(axis=0)
    lit = pictures(1, applied=Applied(light=light))[0].reshape(-1, 3).mean(axis=0)
    gain = lit / dark
    assert gain[channel] > 1.1
    assert np.delete(gain, channel) == pytest.approx([1.0, 1.0], abs=0.02)


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (480, 640), (1280, 720), (160, 120)])
def test_the_face_is_there_at_every_size(size: tuple[int, int]) -> None:
    child = SimulatedChild(width_px=size[0], height_px=size[1])
    child.live_until(5.0, SILENT)
    gray = cv2.cvtColor(child.draw(), cv2.COLOR_BGR2GRAY)
    assert gray.shape == size[::-1]
    path = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
    found = cv2.CascadeClassifier(str(path)).detectMultiScale(cv2.equalizeHist(gray), 1.1, 5)
    assert len(found) >= 1
    left, _, side, _ = max(found, key=lambda box: int(box[2]))
    assert abs(left + side / 2 - size[0] / 2) < 0.3 * side


def test_a_picture_is_drawn_within_a_third_of_a_frame_at_15_hz() -> None:
    child = SimulatedChild()
    costs_s = []
    for n in range(40):
        child.live_until(n / 15, SILENT)
        began_s = time.thread_time()
        child.draw()
        costs_s.append(time.thread_time() - began_s)
    print(f"drawing takes {np.median(costs_s) * 1e3:.1f} ms of CPU")
    assert np.median(costs_s) < 1 / 15 / 3
