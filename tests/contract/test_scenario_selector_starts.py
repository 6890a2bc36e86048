"""A session starts for somebody present who sees a face, with settings that can be meant."""

from pathlib import Path

import pytest

from tests.broker import Broker
from tests.contract.selector_harness import ARM, ROOT, SET, STATE, SelectorHarness
from tests.processes import start_service


def test_starts_that_nobody_present_has_sent_are_refused(harness: SelectorHarness) -> None:
    token = harness.state(phase="idle")["start_token"]
    start = {"action": "start", "token": token}
    harness.expect_refusal("retained", SET, start, retain=True)
    harness.client.publish(SET, b"", retain=True)
    harness.expect_refusal("token", SET, {"action": "start"})
    harness.expect_refusal("unknown", SET, {"action": "start", "token": "0" * 16})
    harness.expect_refusal("Extra inputs", SET, {**start, "please": True})
    harness.client.wait_for(STATE, lambda body: body["start_token"] != token)
    harness.let_pass(5.2)
    harness.expect_refusal("older", SET, start)
    assert not harness.client.bodies(ARM)


def test_a_start_without_a_face_is_refused_with_what_is_missing(harness: SelectorHarness) -> None:
    harness.face = None
    harness.let_pass(2.2)
    token = harness.state(phase="idle")["start_token"]
    harness.expect_refusal("no camera frame", SET, {"action": "start", "token": token})
    opening = {"condition": "opening", "enabled": True}
    harness.client.publish(f"{ROOT}/camera/state", opening, retain=True)
    token = harness.state(phase="idle")["start_token"]
    harness.expect_refusal("still opening", SET, {"action": "start", "token": token})
    assert not harness.client.bodies(ARM)
    by_hand = {"action": "start", "token": token, "mode": "manual"}
    harness.client.publish(SET, by_hand)
    assert harness.state(phase="manual")["mode"] == "manual"


def test_a_used_token_starts_nothing_again(harness: SelectorHarness) -> None:
    token = harness.state(phase="idle")["start_token"]
    harness.client.publish(SET, {"action": "start", "token": token})
    harness.state(phase="baseline")
    harness.client.publish(f"{ROOT}/stop")
    harness.state(phase="idle")
    harness.let_pass(1.2)
    harness.expect_refusal("used", SET, {"action": "start", "token": token})
    assert len(harness.client.bodies(ARM)) == 1


def test_a_start_while_latched_is_refused_with_the_cause(harness: SelectorHarness) -> None:
    harness.latched = True
    harness.client.wait_for(f"{ROOT}/stop/state", lambda b: b["latched"])
    token = harness.state(phase="idle")["start_token"]
    harness.expect_refusal("latched (played)", SET, {"action": "start", "token": token})


def test_a_start_that_nobody_ticked_off_is_refused_with_the_line_to_write(
    harness: SelectorHarness, tmp_path: Path
) -> None:
    """Of what the broker carries of a refusal; once the line is there, the session starts."""
    profile = tmp_path / "data" / "profiles" / "k7.yaml"
    profile.parent.mkdir(parents=True)
    profile.write_text("ceiling_pct: 40\n")
    start = {"action": "start", "profile": "k7", "scenario": "quiet-glow"}
    line = "cleared_contraindications: [bright-light, photosensitivity]"
    token = harness.state(phase="idle")["start_token"]
    harness.expect_refusal("'quiet-glow' touches", SET, {**start, "token": token})
    token = harness.state(phase="idle")["start_token"]
    harness.expect_refusal(f"`{line}` in {profile}", SET, {**start, "token": token})
    assert not harness.client.bodies(ARM)
    profile.write_text(f"ceiling_pct: 40\n{line}\n")
    assert harness.start(profile="k7", scenario="quiet-glow")


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
