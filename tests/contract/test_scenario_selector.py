"""The real process on a real broker; watchdog, chair and face are played by the test."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.broker import Broker
from tests.contract.played import Played
from tests.processes import ServiceProcess, start_service

ROOT = "calmloop/chair-1"
SET, STATE = f"{ROOT}/session/set", f"{ROOT}/session/state"
SETPOINT, ARM, REJECTED = f"{ROOT}/stimulus/setpoint", f"{ROOT}/chair/arm", f"{ROOT}/rejected"
EMOTION, OVERRIDE = f"{ROOT}/emotion/state", f"{ROOT}/override/set"

NEUTRAL = ("neutral", 0.0)
HAPPY = ("positive", 0.9)
CRYING = ("negative", -0.95)


class Surroundings(Played):
    """Plays watchdog, chair and emotion-classifier ten times a second, until told otherwise."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self.client.subscribe(f"{ROOT}/#")
        self.face: tuple[str, float] | None = NEUTRAL
        self.latched = False
        self.watchdog_silent = False
        self._frame = 0
        self._mode = "safe"
        self._arm: dict[str, str] | None = None
        self._handled = 0
        self._asked_s = 0.0

    def _step(self) -> None:
        if not self.watchdog_silent:
            state = {"latched": self.latched, "cause": "played" if self.latched else ""}
            self._send("stop/state", state)
        self._be_the_chair()
        if self.face is not None:
            self._frame += 1
            self._send("emotion/state", reading(self._frame, *self.face))

    def _be_the_chair(self) -> None:
        received = self.client.received
        for message in received[self._handled :]:
            if message.name == ARM:
                start_id = message.body["start_id"]
                self._arm = {"start_id": start_id, "outcome": "accepted"}
                self._mode = "armed"
            elif message.name == SETPOINT:
                self._asked_s = message.at_s
                self._mode = "active" if self._mode == "armed" else self._mode
        self._handled = len(received)
        if self._mode == "active" and time.monotonic() - self._asked_s > 0.5:
            self._mode = "safe"
        state = {"mode": self._mode, "arm_ready": self._mode == "safe", "arm": self._arm}
        self._send("chair/state", state)

    def _send(self, path: str, body: dict[str, Any]) -> None:
        self.client.publish(f"{ROOT}/{path}", body, qos=0)

    # --- what a caregiver does with it --------------------------------------------------------

    def state(self, since: int | None = None, **wanted: Any) -> dict[str, Any]:
        """The next session state, from now or the `since`-th message on, with all of `wanted`."""
        return self.client.wait_for(
            STATE,
            lambda body: all(body.get(key) == value for key, value in wanted.items()),
            since=len(self.client.received) if since is None else since,
        )

    def start(self, **fields: Any) -> str:
        """Starts a session with the newest token; returns its id once the chair is active."""
        token = self.state(phase="idle")["start_token"]
        self.client.publish(SET, {"action": "start", "token": token, **fields})
        return str(self.state(phase="baseline")["session_id"])

    def expect_refusal(
        self, why: str, topic: str, body: dict[str, Any], *, retain: bool = False
    ) -> None:
        """Publishes `body` and waits until it is refused for a reason that holds `why`."""
        since = len(self.client.received)
        self.client.publish(topic, body, retain=retain)
        self.client.wait_for(
            REJECTED, lambda b: b["topic"] == topic and why in b["reason"], since=since
        )

    def setpoints_since(self, at_s: float) -> list[float]:
        """Arrival times of the setpoints after `at_s`."""
        return [m.at_s for m in self.client.received if m.name == SETPOINT and m.at_s > at_s]


def reading(frame: int, label: str, valence: float) -> dict[str, Any]:
    return {
        "frame_seq": frame,
        "captured_ns": time.monotonic_ns(),
        "label": label,
        "valence": valence,
        "confidence": 0.9,
    }


@pytest.fixture
def selector(broker: Broker, tmp_path: Path) -> Iterator[ServiceProcess]:
    with start_service(
        "scenario_selector",
        broker,
        tmp_path / "logs",
        SCENARIO_SELECTOR__DATA_DIR=str(tmp_path / "data"),
        SCENARIO_SELECTOR__BASELINE_S="2",
        SCENARIO_SELECTOR__CYCLE_S="2",
    ) as process:
        yield process


@pytest.fixture
def around(broker: Broker, selector: ServiceProcess) -> Iterator[Surroundings]:
    with Surroundings(broker) as surroundings:
        surroundings.client.wait_for(f"{ROOT}/chair/state")
        surroundings.client.wait_for(f"{ROOT}/stop/state")
        surroundings.client.wait_for(EMOTION)
        yield surroundings


def test_a_session_runs_from_a_start_through_a_smile_to_a_soft_finish(
    around: Surroundings,
) -> None:
    client = around.client
    session_id = around.start(scenario="ocean-waves", minutes=3)
    assert [body["start_id"] for body in client.bodies(ARM)] == [session_id]
    around.state(phase="running")
    around.face = HAPPY
    raised = around.state(change="positive_shift")
    assert raised["intensity_pct"] == 25.0
    answered = client.wait_for(SETPOINT, lambda b: "frame_seq" in b, since=len(client.received))
    assert answered["session_id"] == session_id
    assert answered["vibration"]["level_pct"] == pytest.approx(50 * 0.25, abs=3)
    client.publish(SET, {"action": "finish", "rating": 4})
    around.state(phase="closing")
    ended = around.state(phase="idle")
    assert ended["intensity_pct"] == 0.0
    assert ended["reason"] == "finished by a caregiver"


def test_a_child_who_cries_from_the_first_second_is_halted_with_a_fade(
    around: Surroundings,
) -> None:
    around.face = CRYING
    around.start()
    halted = around.state(phase="closing")
    assert halted["distress"]
    assert halted["change"] == "halted"
    assert "strong distress" in halted["reason"]
    ended = around.state(phase="idle")
    assert ended["distress"]
    assert ended["intensity_pct"] == 0.0


def test_setpoints_come_ten_times_a_second_even_without_a_face(around: Surroundings) -> None:
    around.start()
    around.state(phase="running")
    around.face = None
    began_s = time.monotonic()
    around.client.wait_for(STATE, lambda b: b["cycle"] >= 2, since=len(around.client.received))
    arrived = around.setpoints_since(began_s)
    assert len(arrived) >= 10 * (arrived[-1] - arrived[0]) - 2


@pytest.mark.parametrize("payload", [b"", b"stop!", b"\xff\x00"], ids=["empty", "text", "noise"])
def test_any_stop_ends_the_session_and_its_setpoints_at_once(
    around: Surroundings, payload: bytes
) -> None:
    around.start()
    pressed_s, pressed = time.monotonic(), len(around.client.received)
    around.client.publish(f"{ROOT}/stop", payload)
    ended = around.state(since=pressed, phase="idle")
    took_s = time.monotonic() - pressed_s
    print(f"stop to idle: {took_s * 1000:.0f} ms")
    assert took_s < 0.5
    assert ended["change"] == "stopped"
    ended_s = time.monotonic()
    around.state(phase="idle")
    assert not around.setpoints_since(ended_s)


def test_a_watchdog_that_falls_silent_ends_the_session(around: Surroundings) -> None:
    around.start()
    around.watchdog_silent = True
    ended = around.state(phase="idle")
    assert "safety-watchdog" in ended["reason"]


def test_a_process_that_was_stopped_and_continued_drives_nothing_on(
    around: Surroundings, selector: ServiceProcess
) -> None:
    around.start()
    selector.signal(signal.SIGSTOP)
    around.face = HAPPY
    around.let_pass(3.0)
    selector.signal(signal.SIGCONT)
    ended = around.state(phase="idle")
    assert ended["change"] == "stopped"
    assert selector.running
    ended_s = time.monotonic()
    around.state(phase="idle")
    assert not around.setpoints_since(ended_s)


def test_starts_that_nobody_present_has_sent_are_refused(around: Surroundings) -> None:
    token = around.state(phase="idle")["start_token"]
    start = {"action": "start", "token": token}
    around.expect_refusal("retained", SET, start, retain=True)
    around.client.publish(SET, b"", retain=True)
    around.expect_refusal("token", SET, {"action": "start"})
    around.expect_refusal("unknown", SET, {"action": "start", "token": "0" * 16})
    around.expect_refusal("Extra inputs", SET, {**start, "please": True})
    around.client.wait_for(STATE, lambda body: body["start_token"] != token)
    around.let_pass(5.2)
    around.expect_refusal("older", SET, start)
    assert not around.client.bodies(ARM)


def test_a_start_without_a_face_is_refused_with_what_is_missing(around: Surroundings) -> None:
    around.face = None
    around.let_pass(2.2)
    token = around.state(phase="idle")["start_token"]
    around.expect_refusal("no camera frame", SET, {"action": "start", "token": token})
    opening = {"condition": "opening", "enabled": True}
    around.client.publish(f"{ROOT}/camera/state", opening, retain=True)
    token = around.state(phase="idle")["start_token"]
    around.expect_refusal("still opening", SET, {"action": "start", "token": token})
    assert not around.client.bodies(ARM)
    by_hand = {"action": "start", "token": token, "mode": "manual"}
    around.client.publish(SET, by_hand)
    assert around.state(phase="manual")["mode"] == "manual"


def test_a_used_token_starts_nothing_again(around: Surroundings) -> None:
    token = around.state(phase="idle")["start_token"]
    around.client.publish(SET, {"action": "start", "token": token})
    around.state(phase="baseline")
    around.client.publish(f"{ROOT}/stop")
    around.state(phase="idle")
    around.let_pass(1.2)
    around.expect_refusal("used", SET, {"action": "start", "token": token})
    assert len(around.client.bodies(ARM)) == 1


def test_a_start_while_latched_is_refused_with_the_cause(around: Surroundings) -> None:
    around.latched = True
    around.client.wait_for(f"{ROOT}/stop/state", lambda b: b["latched"])
    token = around.state(phase="idle")["start_token"]
    around.expect_refusal("latched (played)", SET, {"action": "start", "token": token})


def test_lowering_needs_no_token_and_is_kept_over_a_restart(
    around: Surroundings, selector: ServiceProcess, broker: Broker, tmp_path: Path
) -> None:
    around.start()
    around.client.publish(OVERRIDE, {"action": "less"})
    assert around.state(change="caregiver")["intensity_pct"] == 10.0
    around.client.publish(OVERRIDE, {"action": "ceiling", "ceiling_pct": 5})
    assert around.state(change="ceiling")["intensity_pct"] == 5.0
    assert selector.terminate() == 0
    with start_service(
        "scenario_selector",
        broker,
        tmp_path / "again",
        SCENARIO_SELECTOR__DATA_DIR=str(tmp_path / "data"),
    ):
        assert around.state(phase="idle")["ceiling_pct"] == 5.0
        # Nobody sits there now, so that a face out of sight cannot be the reason.
        around.expect_refusal("token", OVERRIDE, {"action": "ceiling", "ceiling_pct": 50})
        around.expect_refusal("token", OVERRIDE, {"action": "release"})


def test_a_lowered_ceiling_that_cannot_be_written_is_told_and_written_once_it_can(
    around: Surroundings, tmp_path: Path
) -> None:
    client = around.client
    client.wait_for(f"{ROOT}/override/state", lambda b: b["kept"])
    in_the_way = tmp_path / "data" / "overrides.json.new"
    in_the_way.mkdir(parents=True)
    since = len(client.received)
    client.publish(OVERRIDE, {"action": "ceiling", "ceiling_pct": 5})
    client.wait_for(
        f"{ROOT}/override/state", lambda b: b["ceiling_pct"] == 5 and not b["kept"], since=since
    )
    told = client.wait_for(STATE, lambda b: bool(b["trouble"]), since=since)
    assert "not kept over a restart" in told["trouble"]
    assert told["ceiling_pct"] == 5
    assert {path.name for path in (tmp_path / "data").iterdir()} <= {
        "overrides.json",
        "overrides.json.new",
    }
    in_the_way.rmdir()
    client.wait_for(f"{ROOT}/override/state", lambda b: b["kept"], since=len(client.received))
    around.state(trouble="")
    assert json.loads((tmp_path / "data" / "overrides.json").read_text())["ceiling_pct"] == 5


def test_an_unknown_time_zone_ends_it_with_code_2_and_its_name(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Rigga")
    process = start_service("scenario_selector", broker, tmp_path, ready=False)
    assert process.wait() == 2
    assert "TZ = 'Europe/Rigga'" in process.log.read_text()


def test_a_wrong_setting_ends_it_with_code_2_and_its_name(broker: Broker, tmp_path: Path) -> None:
    for name, value, complaint in (
        ("BASELINE_S", "1", "baseline_s"),
        ("STEP_UP_PCT", "10", "step_down_pct"),
        ("SCENARIOS_DIR", str(tmp_path / "nowhere"), "scenarios_dir"),
    ):
        process = start_service(
            "scenario_selector",
            broker,
            tmp_path / name,
            ready=False,
            **{f"SCENARIO_SELECTOR__{name}": value},
        )
        assert process.wait() == 2
        assert complaint in process.log.read_text()
