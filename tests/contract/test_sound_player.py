"""The sound player as a process: heard in time, silent in time, and never with a burst."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.broker import Broker
from tests.contract.player_harness import (
    AUDIBLE_WITHIN_S,
    CHAIR_STATE,
    DRY_WITHIN_S,
    MAX_MEMORY_MB,
    RATE_HZ,
    SILENT_WITHIN_S,
    STATE,
    STOP,
    Recorded,
    SessionDriver,
    memory_mb,
    playing,
)
from tests.processes import Client, ServiceProcess
from tests.sound_tracks import AMPLITUDE, tone, write_track

pytestmark = [pytest.mark.alone, pytest.mark.slow]
"""A sound card has a processor that is not late for a tenth of a second."""
TTL_S = 0.5
"""Of a setpoint, and of what the chair said: both are void then."""
PEAK = 1.01 * AMPLITUDE / 32768
STEP = 1.1 * PEAK * 2 * np.pi * 250 / RATE_HZ
"""The tone's own largest step."""
FROZEN_S = 1.2
MEASURED_S = 5.0
MAX_CPU_MS = 50


@pytest.fixture
def tracks(tmp_path: Path) -> Path:
    folder = tmp_path / "tracks"
    write_track(folder, "surf", tone(250))
    write_track(folder, "hum", tone(125, 2.0))
    return folder


def is_playing(body: dict[str, Any]) -> bool:
    return bool(body["condition"] == "playing" and body["position_s"] > 0.5)


def start(client: Client, driver: SessionDriver, track: str = "surf") -> float:
    """Plays until it is well heard; returns when it was asked for."""
    asked_s = time.monotonic()
    driver.play(track)
    client.wait_for(STATE, is_playing, since=len(client.received))
    return asked_s


def recorded_after(path: Path, client: Client, at_s: float, seconds: float) -> Recorded:
    """The recording once it reaches so far beyond `at_s`; states pace the wait."""
    client.wait_for(STATE, lambda _: Recorded(path).seconds_after(at_s) > seconds)
    return Recorded(path)


def assert_soft(sound: Any) -> None:
    """No sample is louder than the track's, and none jumps."""
    assert np.abs(sound).max() <= PEAK
    assert np.abs(np.diff(sound)).max() <= STEP


def test_it_is_heard_and_silent_in_time_and_tells_what_is_at_the_output(
    broker: Broker, tmp_path: Path, tracks: Path, measured: Callable[[str], None]
) -> None:
    with playing(broker, tmp_path, tracks) as (process, client, driver, path):
        asked_s = start(client, driver)
        state = client.wait_for(STATE, is_playing)
        assert (state["track"], state["length_s"]) == ("surf", 4.0)
        assert state["output_kind"] == "simulated"
        began_s, began_cpu_s = time.monotonic(), cpu_s(process)
        states = len(client.bodies(STATE))
        client.wait_for(STATE, lambda _: time.monotonic() - began_s > MEASURED_S)
        spent_ms = 1000 * (cpu_s(process) - began_cpu_s) / (time.monotonic() - began_s)
        rate_hz = (len(client.bodies(STATE)) - states) / (time.monotonic() - began_s)
        memory = memory_mb(process)

        stopped_s = time.monotonic()
        client.publish(STOP)
        recorded = recorded_after(path, client, stopped_s, 1.0)
    heard_s, silent_s = recorded.first_sound_s(asked_s), recorded.last_sound_s(stopped_s)
    measured(
        f"sound-player: heard {heard_s:.3f} s after ACTIVE, silent {silent_s:.3f} s after a stop,"
        f" {spent_ms:.0f} ms CPU a second, {memory:.0f} MB"
    )
    assert heard_s <= AUDIBLE_WITHIN_S
    assert silent_s <= SILENT_WITHIN_S
    assert memory <= MAX_MEMORY_MB
    assert spent_ms <= MAX_CPU_MS
    assert rate_hz == pytest.approx(10.0, abs=2.0)
    assert_soft(recorded.since(asked_s))
    # The sample that the state names is the one that was recorded for that moment.
    frame = recorded.frame(state["output_ns"] / 1e9)
    place = round(state["position_s"] * RATE_HZ)
    original = tone(250)[place : place + 480, 0] / 32768
    assert np.allclose(recorded.sound[frame : frame + 480, 0], original, atol=1e-3)


@pytest.mark.parametrize(
    ("change", "within_s"),
    [
        ({"mode": "safe"}, SILENT_WITHIN_S),
        ({"mode": "fault"}, SILENT_WITHIN_S),
        ({"mode": None}, TTL_S + SILENT_WITHIN_S),
        ({"sound": None}, TTL_S + SILENT_WITHIN_S),
        ({"sound": {"track": "surf", "level_pct": 0.0}}, SILENT_WITHIN_S),
        ({"sound": {"track": "nowhere", "level_pct": 30.0}}, SILENT_WITHIN_S),
    ],
    ids=["chair safe", "chair in fault", "chair lost", "setpoint lost", "level 0", "no such track"],
)
def test_it_falls_silent_softly(
    broker: Broker, tmp_path: Path, tracks: Path, change: dict[str, Any], within_s: float
) -> None:
    with playing(broker, tmp_path, tracks) as (_, client, driver, path):
        asked_s = start(client, driver)
        driver.change(**change)
        changed_s = time.monotonic()
        recorded = recorded_after(path, client, changed_s, within_s + 0.5)
        states = client.bodies(STATE)
    assert recorded.last_sound_s(changed_s) <= within_s
    assert_soft(recorded.since(asked_s))
    assert states[-1]["reason"]


def test_it_sounds_on_while_the_chair_ramps_down(
    broker: Broker, tmp_path: Path, tracks: Path
) -> None:
    with playing(broker, tmp_path, tracks) as (_, client, driver, path):
        start(client, driver)
        driver.change(mode="rampdown")
        changed_s = time.monotonic()
        recorded = recorded_after(path, client, changed_s, 1.0)
    assert recorded.last_sound_s(changed_s) >= 1.0


def test_a_stop_holds_until_the_chair_has_left_its_session(
    broker: Broker, tmp_path: Path, tracks: Path
) -> None:
    with playing(broker, tmp_path, tracks) as (_, client, driver, _path):
        start(client, driver)
        client.publish(STOP)
        since = len(client.received)
        held = client.wait_for(STATE, lambda body: body["condition"] == "silent", since=since)
        assert held["reason"] == "stop was pressed"
        beats = len(client.bodies(CHAIR_STATE))
        client.subscribe(CHAIR_STATE)
        client.wait_for(CHAIR_STATE, lambda _: len(client.bodies(CHAIR_STATE)) > beats + 5)
        assert client.bodies(STATE)[-1]["condition"] == "silent"
        driver.change(mode="safe")
        client.wait_for(STATE, lambda body: body["reason"] == "the chair is safe", since=since)
        driver.change(mode="active")
        client.wait_for(STATE, is_playing, since=len(client.received))


def test_one_track_follows_on_another_at_equal_power_and_loops_without_a_seam(
    broker: Broker, tmp_path: Path, tracks: Path
) -> None:
    with playing(broker, tmp_path, tracks) as (_, client, driver, path):
        asked_s = start(client, driver)
        changed_s = time.monotonic()
        driver.play("hum")
        client.wait_for(
            STATE,
            lambda body: body["track"] == "hum" and body.get("position_s", 0.0) > 1.0,
            since=len(client.received),
        )
        recorded = recorded_after(path, client, changed_s, 6.0)
    sound = recorded.since(changed_s)[: 6 * RATE_HZ]
    assert np.abs(recorded.since(asked_s)).max() <= np.sqrt(2) * PEAK
    assert np.abs(np.diff(recorded.since(asked_s))).max() <= np.sqrt(2) * STEP
    windows = sound[: len(sound) // 4800 * 4800].reshape(-1, 4800)
    rms = np.sqrt((windows**2).mean(axis=1))
    assert rms.min() >= 0.9 * rms.max()


def test_a_killed_player_ends_without_a_burst_and_a_frozen_one_runs_dry(
    broker: Broker, tmp_path: Path, tracks: Path
) -> None:
    with playing(broker, tmp_path, tracks) as (process, client, driver, path):
        asked_s = start(client, driver)
        process.signal(signal.SIGSTOP)
        frozen_s = time.monotonic()
        client.subscribe(CHAIR_STATE)
        client.wait_for(CHAIR_STATE, lambda _: time.monotonic() - frozen_s > FROZEN_S)
        resumed_s = time.monotonic()
        process.signal(signal.SIGCONT)
        client.wait_for(STATE, is_playing, since=len(client.received))
        recorded = recorded_after(path, client, resumed_s, 1.0)
        process.kill()
    frozen = recorded.sound[recorded.frame(frozen_s) : recorded.frame(resumed_s), 0]
    assert (np.flatnonzero(frozen)[-1] + 1) / RATE_HZ <= DRY_WITHIN_S
    assert np.abs(recorded.since(asked_s)).max() <= PEAK
    assert_soft(recorded.since(resumed_s))
    assert np.abs(Recorded(path).since(asked_s)).max() <= PEAK


def test_one_that_is_ended_fades_out_first(broker: Broker, tmp_path: Path, tracks: Path) -> None:
    with playing(broker, tmp_path, tracks) as (process, client, driver, path):
        asked_s = start(client, driver)
        ended_s = time.monotonic()
        assert process.terminate() == 0
    recorded = Recorded(path)
    assert_soft(np.append(recorded.since(asked_s), 0.0))
    assert recorded.last_sound_s(ended_s) <= SILENT_WITHIN_S


def test_a_missing_or_damaged_track_is_named_and_played_once_it_is_good(
    broker: Broker, tmp_path: Path, tracks: Path
) -> None:
    damaged = tracks / "surf.flac"
    good = damaged.read_bytes()
    middle = len(good) // 2
    damaged.write_bytes(good[:middle] + bytes(200) + good[middle + 200 :])
    with playing(broker, tmp_path, tracks) as (_, client, driver, path):
        asked_s = time.monotonic()
        driver.play("surf")
        told = client.wait_for(STATE, lambda body: body["condition"] == "no_track")
        assert "surf.flac" in told["reason"]
        assert "import or render" in told["reason"]
        driver.play("nowhere")
        told = client.wait_for(STATE, lambda body: "nowhere" in body.get("reason", ""))
        assert told["condition"] == "no_track"
        assert not np.any(Recorded(path).since(asked_s))

        damaged.write_bytes(good)
        driver.play("surf")
        client.wait_for(STATE, is_playing, since=len(client.received))
        assert_soft(Recorded(path).since(asked_s))


def test_a_track_that_is_damaged_while_it_plays_fades_out(
    broker: Broker, tmp_path: Path, tracks: Path
) -> None:
    path_of_track = write_track(tracks, "long", tone(250, 30.0))
    with playing(broker, tmp_path, tracks) as (_, client, driver, path):
        asked_s = start(client, driver, "long")
        since = len(client.received)
        with path_of_track.open("r+b") as file:
            file.truncate(path_of_track.stat().st_size // 10)
        client.wait_for(STATE, lambda body: body["condition"] == "no_track", since=since)
        told_s = time.monotonic()
        recorded = recorded_after(path, client, told_s, 0.5)
    assert_soft(recorded.since(asked_s))
    assert not np.any(recorded.since(told_s + SILENT_WITHIN_S))


def cpu_s(process: ServiceProcess) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
