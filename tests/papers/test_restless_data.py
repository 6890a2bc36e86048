"""Drawn children that move: courses, columns, and the movement as face-detector tells it."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
import structlog

from calmloop.base.clock import ManualClock
from calmloop.contract import topics
from calmloop.contract.messages.camera import FrameHeader
from calmloop.contract.messages.chair import Applied, ChairMode, ChairState
from calmloop.contract.messages.movement import MovementState
from calmloop.contract.topics import Account
from calmloop.face_detector import FaceDetectorSection, FaceDetectorService, Finding, Settings
from calmloop.papers.restless.compose import (
    COLUMNS_HZ,
    RestlessSequence,
    SequenceRecipe,
    compose_sequences,
    measured_acceleration,
)
from calmloop.papers.restless.courses import (
    FINE_HZ,
    STATES,
    BodyCourse,
    Restlessness,
    course_of,
)
from calmloop.papers.restless.features import (
    ACCELERATION,
    acceleration_features,
    movement_features,
    movement_readings,
    steps_of,
)
from calmloop.service.runtime import Context
from tests.doubles import memory_bus

SHORT = SequenceRecipe(window_s=3.0, lead_s=1.2, slowest_hz=8.0, fastest_hz=10.0)
QUALITY = 95


def course(state: Restlessness, seed: int, seconds: float = 20.0) -> BodyCourse:
    return course_of(state, seconds, np.random.default_rng(seed))


def test_a_child_moves_as_its_label_says() -> None:
    for seed in range(12):
        calm, fidgets, rocks, thrashes, leaves = (
            course(state, seed).trunk.astype(np.float64) for state in STATES
        )
        assert np.ptp(calm, axis=0).max() < 0.35
        steps = np.abs(np.diff(calm, axis=0)).max() * FINE_HZ
        assert steps < 0.5, "calm is slow"
        assert 0.02 < fidgets.std(axis=0).max() < 0.4
        assert thrashes.std(axis=0).min() > 0.2
        spectrum = np.abs(np.fft.rfft(rocks[:, [0, 2]] - rocks[:, [0, 2]].mean(axis=0), axis=0))
        strongest_hz = np.fft.rfftfreq(len(rocks), 1 / FINE_HZ)[spectrum.sum(axis=1).argmax()]
        assert 0.35 <= strongest_hz <= 1.55
        assert np.abs(leaves[0]).max() < 1.5
        assert np.abs(leaves[-1, :2]).max() > 8


def test_sequences_are_the_same_for_the_same_seed_and_each_has_its_own_child() -> None:
    once, again, other = (list(compose_sequences(5, SHORT, seed)) for seed in (1, 1, 2))
    assert [one.state for one in once] == list(STATES)
    for first, second, third in zip(once, again, other, strict=True):
        np.testing.assert_array_equal(first.pictures, second.pictures)
        np.testing.assert_array_equal(first.acceleration, second.acceleration)
        assert not np.array_equal(first.pictures[0], third.pictures[0])
        assert 1 / 10 - 1e-6 <= np.diff(first.at_s).min() <= np.diff(first.at_s).max() <= 1 / 8
        assert len(first.acceleration) == round(SHORT.seconds * COLUMNS_HZ)
    leaves = once[STATES.index(Restlessness.LEAVING)]
    assert leaves.faces[-1] is None
    assert any(leaves.faces)


def test_the_columns_feel_the_childs_acceleration_whatever_way_the_sensor_lies() -> None:
    still = course(Restlessness.CALM, 3)
    still = replace(still, trunk=np.zeros_like(still.trunk))
    at_s = np.arange(len(still.trunk)) / FINE_HZ
    swings = replace(still, trunk=np.zeros_like(still.trunk))
    swings.trunk[:, 0] = np.sin(2 * np.pi * at_s)
    for seed in range(5):
        rest, moved, shaken = (
            measured_acceleration(one, pct, np.random.default_rng(seed)).astype(np.float64)
            for one, pct in ((still, 0.0), (swings, 0.0), (still, 100.0))
        )
        assert np.linalg.norm(rest.mean(axis=0)) == pytest.approx(1.0, abs=0.06)
        assert rest.std(axis=0).max() < 0.015
        # 7 cm at 1 Hz are 0.28 g at most, of which a chair takes a fifth to a half.
        felt = np.linalg.norm(moved.std(axis=0)) * 2**0.5
        assert 0.2 * 0.28 * 0.9 < felt < 0.5 * 0.28 * 1.1 + 0.02
        assert 0.05 < np.linalg.norm(shaken.std(axis=0)) < 0.12


def test_columns_become_means_and_deviations_without_gravity() -> None:
    rng = np.random.default_rng(1)
    steps = steps_of(SHORT)
    columns = rng.normal(0, 0.01, (round(SHORT.seconds * COLUMNS_HZ), 3)).astype(np.float32)
    told = acceleration_features(columns, steps)
    gravity = np.array([0.6, 0.0, 0.8], np.float32)
    lain = acceleration_features(columns + gravity, steps)
    np.testing.assert_allclose(told, lain, atol=1e-3)
    assert told.shape == (len(steps), ACCELERATION)
    assert (told[:, 0] == 1).all()


def published(sequence: RestlessSequence, steps: Any) -> tuple[list[MovementState], list[Finding]]:
    """What face-detector says at those times of the same pictures, and what it found in them."""
    clock, findings = ManualClock(), []
    bus, transport = memory_bus(Account.FACE_DETECTOR, clock)
    section = FaceDetectorSection.model_validate({"backend": "viola-jones"})
    settings = Settings.model_construct(face_detector=section)
    context: Context[Any] = Context(settings, bus, clock, structlog.get_logger("test"))
    service = FaceDetectorService(context, None, lambda _, finding: findings.append(finding))
    began_ns = clock.monotonic_ns()
    chair = ChairState(mode=ChairMode.ACTIVE, applied=Applied(vibration_pct=sequence.vibration_pct))

    def until(at_s: float) -> None:
        clock.advance(at_s - (clock.monotonic_ns() - began_ns) / 1e9)
        transport.send(topics.CHAIR_STATE, chair)
        bus.dispatch()

    events = [(float(at_s), number) for number, at_s in enumerate(sequence.at_s)]
    for at_s, number in sorted([*events, *((float(step_s), -1) for step_s in steps)]):
        until(at_s)
        if number < 0:
            service.turn()
            continue
        height_px, width_px = sequence.pictures[number].shape
        header = FrameHeader(
            frame_seq=number,
            captured_ns=clock.monotonic_ns(),
            captured_on=bus.host_boot_id,
            width_px=width_px,
            height_px=height_px,
        )
        transport.send(topics.CAMERA_FRAME, header, data=jpeg(sequence.pictures[number]))
        bus.dispatch()
    return transport.messages(topics.MOVEMENT_STATE), findings


def jpeg(picture: Any) -> bytes:
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])


def decoded(picture: Any) -> Any:
    data = np.frombuffer(jpeg(picture), np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_movement_is_what_face_detector_publishes_of_the_same_pictures(number: int) -> None:
    recipe = SHORT.model_copy(update={"lead_s": 3.0})
    sequence = list(compose_sequences(number + 1, recipe, 7))[number]
    steps = steps_of(recipe)
    states, findings = published(sequence, steps)
    assert len(states) == len(steps)
    seen = tuple(one.detection.square if one.detection else None for one in findings)
    assert len(seen) == len(sequence.at_s)
    assert {one.identity.number for one in findings[5:] if one.identity} == {1}
    same = replace(sequence, faces=seen, pictures=np.stack(list(map(decoded, sequence.pictures))))
    ours = movement_features(movement_readings(same, steps.tolist()))
    theirs = [
        (
            state.head_speed or 0.0,
            state.head_speed is not None,
            state.log_energy or 0.0,
            state.log_energy is not None,
        )
        for state in states
    ]
    np.testing.assert_allclose(ours, np.array(theirs, float), atol=2e-5)
    assert ours[:, [1, 3]].all(), "both are known"
    assert (ours[:, 2].max() > 0.3) == (number > 0)
