"""`calmloop session` against the real selector: what it shows, and what each command comes to."""

import pytest
from typer.testing import CliRunner, Result

from calmloop.cli.main import app
from tests.broker import Broker
from tests.contract.selector_harness import ROOT, STATE, SelectorHarness

pytestmark = pytest.mark.slow

UPSET_AT_REST = ("negative", -0.6)
FACE_QUESTION = "Another face is in view"
ARRIVAL_QUESTION = "The child looks upset"
HEART = f"{ROOT}/heart/state"


def calmloop(*words: str) -> Result:
    return CliRunner().invoke(app, words, env={"COLUMNS": "200"})


def told(result: Result, code: int = 0) -> str:
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(autouse=True)
def _finds_the_broker(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", str(broker.port))


def asked(harness: SelectorHarness, question: str) -> None:
    harness.client.wait_for(
        STATE,
        lambda body: question in body["question"],
        since=len(harness.client.received),
        timeout_s=30.0,
    )


def test_a_session_is_shown_in_words_before_in_and_after_it(harness: SelectorHarness) -> None:
    assert "no session runs" in told(calmloop("session", "show"))
    harness.start(scenario="ocean-waves", minutes=5)
    harness.state(phase="running")
    shown = told(calmloop("session", "show"))
    assert "the session of 'default' is running: " in shown and " min left, " in shown
    assert "scenario ocean-waves (" in shown
    assert "intensity 20 % of at most " in shown
    assert "face neutral, valence +0.00 from its baseline" in shown
    assert "signal face speaks against distress: " in shown
    token = harness.state()["start_token"]
    assert token and token not in shown

    told(calmloop("session", "finish"))
    harness.state(phase="idle")
    ended = told(calmloop("session", "show"))
    assert "no session runs" in ended and "finished by a caregiver" in ended


def test_a_child_who_usually_looks_so_is_answered_for_with_the_token(
    harness: SelectorHarness,
) -> None:
    harness.face = UPSET_AT_REST
    harness.start()
    asked(harness, ARRIVAL_QUESTION)
    assert ARRIVAL_QUESTION in told(calmloop("session", "show"))
    wrong = told(calmloop("session", "answer", "asleep"), 1)
    assert "refused: no question is open that 'asleep' answers" in wrong
    assert ARRIVAL_QUESTION in wrong
    assert "answered 'usual'" in told(calmloop("session", "answer", "usual"))
    assert "no question is open" in told(calmloop("session", "answer", "usual"), 1)
    assert harness.state()["question"] == ""


def test_whose_face_it_is_comes_first(harness: SelectorHarness) -> None:
    harness.face, harness.track = UPSET_AT_REST, "own"
    harness.start()
    asked(harness, ARRIVAL_QUESTION)
    harness.track = "another"
    asked(harness, FACE_QUESTION)
    refused = told(calmloop("session", "answer", "usual"), 1)
    assert "refused: the question is whose face is in view" in refused
    answered = told(calmloop("session", "answer", "child"))
    assert "answered 'child'" in answered
    assert f"now it is asked: {ARRIVAL_QUESTION}" in answered
    assert "answered 'upset'" in told(calmloop("session", "answer", "upset"))


def test_a_missing_signal_is_shown_and_dismissed_by_name(harness: SelectorHarness) -> None:
    harness.start()
    harness.state(phase="running")
    assert "'heart' is not missing: none is missing" in told(
        calmloop("session", "dismiss", "heart"), 1
    )
    harness.client.publish(HEART, {"source_kind": "live", "rate_bpm": 90.0, "age_s": 0.0})
    harness.client.wait_for(
        STATE,
        lambda body: any(
            s["name"] == "heart" and s["status"] == "missing" for s in body["signals"]
        ),
        since=len(harness.client.received),
        timeout_s=30.0,
    )
    assert "signal heart is missing" in told(calmloop("session", "show"))
    assert "goes on without 'heart'" in told(calmloop("session", "dismiss", "heart"))
    assert "heart" not in told(calmloop("session", "show"))
    assert "the face cannot be dismissed" in told(calmloop("session", "dismiss", "face"), 1)
    assert "'Heart'" in told(calmloop("session", "dismiss", "Heart"), 2)


def test_the_childs_page_is_allowed_and_taken_back(harness: SelectorHarness) -> None:
    assert "refused: no session runs" in told(calmloop("session", "allow-child"), 1)
    harness.start(scenario="ocean-waves")
    harness.state(phase="running")
    allowed = told(calmloop("session", "allow-child"))
    assert "may ask for less and more, and choose among ocean-waves (Ocean waves), " in allowed
    token = harness.state()["child_token"]
    shown = told(calmloop("session", "show"))
    assert "the child's page may ask for less and more" in shown
    assert token and token not in allowed + shown
    assert "may only ask for less" in told(calmloop("session", "forbid-child"))
    assert harness.state()["child_token"] == ""


def test_without_a_session_nothing_is_asked_and_nothing_can_be_forbidden(
    harness: SelectorHarness,
) -> None:
    nothing = told(calmloop("session", "answer", "upset"), 1)
    assert "no question is open: the session is idle" in nothing
    assert "no session listens" in told(calmloop("session", "dismiss", "heart"), 1)
    assert "may only ask for less" in told(calmloop("session", "forbid-child"))


@pytest.mark.parametrize("words", [("show",), ("answer", "upset"), ("allow-child",)])
def test_without_a_selector_nobody_answers(broker: Broker, words: tuple[str, ...]) -> None:
    assert "is it running?" in told(calmloop("session", *words), 1)
