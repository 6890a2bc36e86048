"""Capture of a camera that is unplugged, falls silent, freezes or gives no picture."""

from itertools import pairwise

import cv2
import pytest

from calmloop.base.clock import ManualClock
from calmloop.camera.capture import GIVE_UP_S, LAST_RETRY_S, SILENCE_S, Capture
from calmloop.camera.settings import CameraSection
from calmloop.contract.messages.camera import CameraCondition
from tests.unit.camera.scripted_source import ScriptedSource, capture_of


def test_an_unplugged_camera_is_reported_at_once_and_opened_again_with_growing_pauses() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    capture = capture_of(source, clock)
    capture.step()
    source.present = False
    pauses = [capture.step() for _ in range(8)]
    assert capture.report().condition is CameraCondition.LOST
    assert "not there" in capture.report().reason
    assert not source.opened
    assert pauses == sorted(pauses)
    assert pauses[-1] == LAST_RETRY_S
    source.present = True
    capture.step()
    assert capture.report().condition is CameraCondition.STREAMING
    source.present = False
    assert capture.step() == pauses[0], "after a picture the pauses begin anew"


def test_opening_again_is_reported_with_the_reason_of_the_loss() -> None:
    seen: list[CameraCondition] = []
    clock = ManualClock()
    source = ScriptedSource()
    capture = Capture(
        source, CameraSection(), clock, wake=lambda: seen.append(capture.report().condition)
    )
    capture.step()
    source.present = False
    capture.step()
    capture.step()
    assert seen == [
        CameraCondition.STREAMING,
        CameraCondition.LOST,
        CameraCondition.OPENING,
        CameraCondition.LOST,
    ]


def test_a_live_camera_that_falls_silent_is_lost_within_two_seconds() -> None:
    clock = ManualClock()
    capture = capture_of(ScriptedSource(), clock)
    capture.step()
    clock.advance(SILENCE_S - 0.1)
    assert capture.report().condition is CameraCondition.STREAMING
    clock.advance(0.2)
    assert capture.report().condition is CameraCondition.LOST
    assert SILENCE_S + 0.1 < 2.0
    capture.step()
    assert capture.report().condition is CameraCondition.STREAMING


def test_a_camera_whose_pictures_never_decode_is_lost_and_counted() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    source.decodable = False
    capture = capture_of(source, clock)
    for _ in range(30):
        capture.step()
        clock.advance(0.1)
    assert capture.pop() is None
    assert capture.undecodable == source.decoded > 20
    assert capture.report().condition is CameraCondition.LOST


def test_a_frozen_live_picture_is_reported_and_held_back_until_it_moves() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    source.stuck = True
    capture = capture_of(source, clock)
    for _ in range(52):
        capture.step()
        clock.advance(0.1)
    assert capture.report().condition is CameraCondition.FROZEN
    capture.pop()
    capture.step()
    assert capture.pop() is None, "a frozen picture must not pass for a child who keeps still"
    clock.advance(0.1)
    source.stuck = False
    capture.step()
    assert capture.report().condition is CameraCondition.STREAMING
    assert capture.pop() is not None


def test_a_still_file_is_not_frozen() -> None:
    clock = ManualClock()
    source = ScriptedSource(live=False, pace_fps=10.0)
    source.stuck = True
    capture = capture_of(source, clock)
    for _ in range(100):
        clock.advance(capture.step())
    assert capture.report().condition is CameraCondition.STREAMING


def test_a_call_that_does_not_return_is_timed() -> None:
    clock = ManualClock()
    busy: list[float] = []

    class Slow(ScriptedSource):
        def grab(self) -> bool:
            clock.advance(70.0)
            busy.append(capture.busy_s)
            return super().grab()

    capture = capture_of(Slow(), clock)
    capture.step()
    assert busy == [70.0]
    assert capture.busy_s == 0.0


def test_a_camera_whose_pictures_stop_decoding_is_lost_and_opened_again() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    capture = capture_of(source, clock)
    capture.step()
    source.decodable = False
    began_s = clock.monotonic_ns() / 1e9
    while capture.report().condition is CameraCondition.STREAMING:
        clock.advance(max(0.1, capture.step()))
    assert clock.monotonic_ns() / 1e9 - began_s < 2.0
    assert "do not decode whole" in capture.report().reason
    while source.openings == 1:
        clock.advance(max(0.1, capture.step()))
    assert GIVE_UP_S < clock.monotonic_ns() / 1e9 - began_s < GIVE_UP_S + 2.0
    source.decodable = True
    capture.step()
    assert capture.report().condition is CameraCondition.STREAMING


def test_a_camera_that_never_decodes_is_opened_again_with_growing_pauses() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    source.decodable = False
    capture = capture_of(source, clock)
    openings_s: list[float] = []
    for _ in range(2000):
        before = source.openings
        clock.advance(max(0.1, capture.step()))
        if source.openings > before:
            openings_s.append(clock.monotonic_ns() / 1e9)
    gaps = [after - before for before, after in pairwise(openings_s)]
    assert gaps[1] > gaps[0]
    assert gaps[-1] == pytest.approx(GIVE_UP_S + LAST_RETRY_S, abs=0.5)


def test_a_frozen_camera_is_opened_again_and_the_same_picture_stays_frozen() -> None:
    clock = ManualClock()
    source = ScriptedSource()
    source.stuck = True
    capture = capture_of(source, clock)
    taken_after = 0
    for _ in range(600):
        clock.advance(max(0.1, capture.step()))
        if capture.pop() is not None and source.openings > 1:
            taken_after += 1
    assert source.openings > 3
    assert taken_after == 0, "a stuck picture must not pass for a new one after each opening"
    assert capture.report().condition is CameraCondition.FROZEN
    source.stuck = False
    clock.advance(capture.step())
    clock.advance(capture.step())
    assert capture.report().condition is CameraCondition.STREAMING


def test_what_opencv_says_of_a_fault_is_not_passed_on() -> None:
    class Broken(ScriptedSource):
        def open(self) -> None:
            raise cv2.error("can't open rtsp://anna:geheim@10.0.0.2/")

    capture = capture_of(Broken(), ManualClock())
    capture.step()
    assert capture.report().condition is CameraCondition.LOST
    assert "geheim" not in capture.report().reason
