"""A real output's way: PortAudio, ALSA and PulseAudio; a sink's monitor is the chair's ear."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.broker import Broker
from tests.contract.player_harness import (
    AUDIBLE_WITHIN_S,
    DRY_WITHIN_S,
    MAX_MEMORY_MB,
    RATE_HZ,
    SILENT_WITHIN_S,
    STATE,
    STOP,
    SessionDriver,
    memory_mb,
    playing,
)
from tests.processes import Client, ServiceProcess
from tests.sound.conftest import Monitor, SoundServer
from tests.sound_tracks import AMPLITUDE, tone, write_track

pytestmark = pytest.mark.sound
HEARD = 0.001
"""Of full scale: what counts as sound."""
PEAK = 1.02 * AMPLITUDE / 32768
STEP = 1.1 * PEAK * 2 * np.pi * 250 / RATE_HZ
STOPS = 50
BEGUN_S = 0.8
QUIET_S = 0.7
BACK_S = 30.0
LOADED_S = 20.0
Player = tuple[ServiceProcess, Client, SessionDriver]


@pytest.fixture
def player(
    broker: Broker, sound_server: SoundServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Player]:
    for name, value in sound_server.environment.items():
        monkeypatch.setenv(name, value)
    tracks = tmp_path / "tracks"
    write_track(tracks, "surf", tone(250))
    with playing(broker, tmp_path, tracks, SOUND_PLAYER__OUTPUT="portaudio") as (
        process,
        client,
        driver,
        _path,
    ):
        yield process, client, driver


def start(client: Client, driver: SessionDriver, monitor: Monitor) -> float:
    """Plays until it was heard for a while; returns when it was asked for."""
    monitor.wait_until(time.monotonic())
    asked_s = time.monotonic()
    driver.play("surf")
    client.wait_for(STATE, lambda body: body["condition"] == "playing", since=len(client.received))
    monitor.wait_until(asked_s + BEGUN_S)
    return asked_s


def burning() -> subprocess.Popen[bytes]:
    """Keeps a core busy at the lowest share there is.

    In a session of its own: where the kernel groups by session (sched_autogroup_enabled), a nice
    value counts only within one, and the sound server would have to share its own with it.
    """
    child = subprocess.Popen(
        ["nice", "-n", "19", sys.executable, "-c", "while True: pass"], start_new_session=True
    )
    with suppress(OSError):
        Path(f"/proc/{child.pid}/autogroup").write_text("19")
    return child


def silent_after(monitor: Monitor, at_s: float) -> float:
    """How long after that time sound was heard, at most."""
    monitor.wait_until(at_s + QUIET_S)
    sound, times = monitor.since(at_s)
    heard = np.flatnonzero(np.abs(sound) > HEARD)
    return float(times[heard[-1]] - at_s) if len(heard) else 0.0


@pytest.mark.timeout(300)
def test_it_is_heard_soon_and_silent_soon_after_every_stop(
    sound_server: SoundServer, player: Player, measured: Callable[[str], None]
) -> None:
    _, client, driver = player
    heard, silent = [], []
    with sound_server.listen() as monitor:
        for _ in range(STOPS):
            asked_s = start(client, driver, monitor)
            sound, times = monitor.since(asked_s)
            heard.append(float(times[np.flatnonzero(np.abs(sound) > HEARD)[0]] - asked_s))
            stopped_s = time.monotonic()
            client.publish(STOP)
            silent.append(silent_after(monitor, stopped_s))
            sound, _ = monitor.since(asked_s)
            assert np.abs(sound).max() <= PEAK
            assert np.abs(np.diff(sound)).max() <= STEP
            since = len(client.received)
            driver.change(mode="safe")
            client.wait_for(
                STATE, lambda body: "chair is safe" in body.get("reason", ""), since=since
            )
    measured(
        f"sound-player, PulseAudio: heard at most {max(heard):.3f} s after ACTIVE, silent at most"
        f" {max(silent):.3f} s after a stop, of {STOPS}"
    )
    assert max(heard) <= AUDIBLE_WITHIN_S
    assert max(silent) <= SILENT_WITHIN_S


def test_a_frozen_player_runs_dry_within_its_buffer_and_comes_back_without_a_burst(
    sound_server: SoundServer, player: Player, measured: Callable[[str], None]
) -> None:
    process, client, driver = player
    with sound_server.listen() as monitor:
        asked_s = start(client, driver, monitor)
        frozen_s = time.monotonic()
        process.signal(signal.SIGSTOP)
        dry_s = silent_after(monitor, frozen_s)
        process.signal(signal.SIGCONT)
        start(client, driver, monitor)
        sound, _ = monitor.since(asked_s)
    measured(f"sound-player, PulseAudio: frozen, silent after {dry_s:.3f} s")
    assert dry_s <= DRY_WITHIN_S
    assert np.abs(sound).max() <= PEAK


def test_a_killed_player_is_silent_without_a_burst(
    sound_server: SoundServer, player: Player
) -> None:
    process, client, driver = player
    with sound_server.listen() as monitor:
        asked_s = start(client, driver, monitor)
        killed_s = time.monotonic()
        process.kill()
        assert silent_after(monitor, killed_s) <= DRY_WITHIN_S
        sound, _ = monitor.since(asked_s)
    assert np.abs(sound).max() <= PEAK


def test_it_loops_without_a_click_or_an_underrun_at_full_load(
    sound_server: SoundServer, player: Player, measured: Callable[[str], None]
) -> None:
    """Ten minutes of it, with the whole loop: test_whole_loop.py."""
    process, client, driver = player
    burners = [burning() for _ in range(os.cpu_count() or 1)]
    try:
        with sound_server.listen() as monitor:
            start(client, driver, monitor)
            before = client.bodies(STATE)[-1]["underruns"]
            began_s = time.monotonic()
            monitor.wait_until(began_s + LOADED_S)
            sound, _ = monitor.since(began_s)
            after = client.bodies(STATE)[-1]["underruns"]
            memory = memory_mb(process)
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
    measured(
        f"sound-player, PulseAudio, a burner on each core: {after - before} underruns in"
        f" {LOADED_S:.0f} s, largest step {np.abs(np.diff(sound)).max() / STEP:.2f} of the bound,"
        f" {memory:.0f} MB"
    )
    assert memory <= MAX_MEMORY_MB
    assert after == before
    assert np.abs(np.diff(sound)).max() <= STEP
    windows = sound[: len(sound) // 4800 * 4800].reshape(-1, 4800)
    rms = np.sqrt((windows**2).mean(axis=1))
    assert rms.min() >= 0.98 * rms.max()


def test_the_time_that_it_tells_is_the_time_at_the_output(
    sound_server: SoundServer, player: Player, measured: Callable[[str], None]
) -> None:
    """The first sample that sounds was told to be at the output then."""
    _, client, driver = player
    with sound_server.listen() as monitor:
        monitor.wait_until(time.monotonic())
        asked_s = time.monotonic()
        driver.play("surf")
        first = client.wait_for(STATE, lambda body: body["condition"] == "playing")
        monitor.wait_until(asked_s + BEGUN_S)
        sound, times = monitor.since(asked_s)
    begins_s = first["output_ns"] / 1e9 - first["position_s"]
    heard_s = float(times[np.flatnonzero(np.abs(sound) > 0.0)[0]])
    measured(f"sound-player, PulseAudio: told {1000 * (heard_s - begins_s):.0f} ms before heard")
    assert -0.05 <= heard_s - begins_s <= 0.15


def test_a_lost_sound_server_is_no_output_and_played_on_when_it_is_back(
    broker: Broker, sound_server: SoundServer, player: Player
) -> None:
    _, client, driver = player
    with sound_server.listen() as monitor:
        start(client, driver, monitor)
        since = len(client.received)
        sound_server.close()
    lost = client.wait_for(STATE, lambda body: body["condition"] == "no_output", since=since)
    assert "sound device" in lost["reason"] or "takes no sound" in lost["reason"]
    since = len(client.received)
    sound_server.start()
    client.wait_for(
        STATE, lambda body: body["condition"] == "playing", since=since, timeout_s=BACK_S
    )
    with sound_server.listen() as monitor:
        began_s = time.monotonic()
        monitor.wait_until(began_s + BEGUN_S)
        assert np.abs(monitor.since(began_s)[0]).max() == pytest.approx(PEAK, rel=0.05)
