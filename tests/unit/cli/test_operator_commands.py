"""The operator's commands against the real chair, bridge, selector and watchdog; no camera."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from calmloop.base.settings import MqttSettings, ServiceSettings
from calmloop.caregiver import CaregiverClient, connected
from calmloop.cli.caregiver import ack, override, reset, stop
from calmloop.cli.session import app as session
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import Mode, Phase
from calmloop.contract.topics import Account
from calmloop.demo.stack import CHAIR_ID, Stack, StackOptions
from tests.broker import Broker

pytestmark = pytest.mark.slow

NEEDED = (Account.SCENARIO_SELECTOR, Account.ACTUATOR_BRIDGE, Account.SAFETY_WATCHDOG)
READY_S = 20.0

app = typer.Typer()
for command in (stop, reset, ack):
    app.command()(command)
app.add_typer(session, name="session")
app.add_typer(override, name="override")


def calmloop(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """What a session by hand needs: no camera, no network."""
    stack = Stack(tmp_path_factory.mktemp("stack"), StackOptions())
    try:
        stack.broker.start()
        stack.chair.start()
        for account in NEEDED:
            stack.start(account)
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def onlooker(stack: Stack) -> Iterator[CaregiverClient]:
    """Watches from a connection of its own; the commands find the same broker."""
    settings = ServiceSettings(chair_id=CHAIR_ID, mqtt=MqttSettings(port=stack.broker.port))
    with connected(settings) as client, pytest.MonkeyPatch.context() as environment:
        environment.setenv("CALMLOOP_CHAIR_ID", CHAIR_ID)
        environment.setenv("CALMLOOP_MQTT__PORT", str(stack.broker.port))
        client.await_seen(lambda: client.seen.chair and client.seen.session, READY_S)
        yield client


@pytest.fixture
def ready(onlooker: CaregiverClient) -> CaregiverClient:
    """The chair may be started."""
    onlooker.await_seen(lambda: onlooker.seen.session, READY_S)
    if not onlooker.seen.session_is(Phase.IDLE):
        onlooker.stop()
    onlooker.await_seen(lambda: onlooker.seen.stop and not onlooker.seen.stop.blockers, READY_S)
    assert onlooker.reset().done
    return onlooker


@pytest.fixture
def running(ready: CaregiverClient) -> CaregiverClient:
    """A session by hand runs."""
    assert ready.start(mode=Mode.MANUAL, minutes=5).done
    return ready


def test_a_session_is_started_paused_resumed_and_finished(ready: CaregiverClient) -> None:
    started = calmloop("session", "start", "--mode", "manual", "--minutes", "5")
    assert (started.exit_code, "started" in started.output) == (0, True)
    assert ready.await_seen(
        lambda: ready.seen.chair and ready.seen.chair.mode is ChairMode.ACTIVE, READY_S
    )

    assert "the session is paused" in calmloop("session", "pause").output
    assert "the session is manual" in calmloop("session", "resume").output
    finished = calmloop("session", "finish", "--rating", "4")
    assert (finished.exit_code, "the session is" in finished.output) == (0, True)


def test_a_stop_waits_until_the_chair_is_still(running: CaregiverClient) -> None:
    result = calmloop("stop")

    assert (result.exit_code, "stopped" in result.output) == (0, True)
    assert running.await_seen(lambda: running.seen.stop and running.seen.stop.latched, 3.0)
    assert running.await_seen(lambda: running.seen.session_is(Phase.IDLE), 3.0)


def test_a_start_while_a_stop_is_latched_is_refused_in_plain_words(
    running: CaregiverClient,
) -> None:
    calmloop("stop")
    result = calmloop("session", "start", "--mode", "manual")

    assert result.exit_code == 1
    assert "refused: a stop" in result.output
    assert "reset it first" in result.output


def test_a_reset_right_after_a_stop_waits_out_the_second(running: CaregiverClient) -> None:
    calmloop("stop")
    result = calmloop("reset")

    assert (result.exit_code, result.output.strip()) == (0, "reset: the chair may be started")


def test_a_second_reset_finds_nothing_to_do(ready: CaregiverClient) -> None:
    result = calmloop("reset")

    assert (result.exit_code, "nothing to reset" in result.output) == (0, True)


def test_a_reset_says_what_stands_in_its_way(stack: Stack, ready: CaregiverClient) -> None:
    calmloop("stop")
    stack.signal(Account.SCENARIO_SELECTOR, signal.SIGSTOP)
    try:
        ready.await_seen(lambda: "scenario-selector" in str(ready.seen.stop), 3.0)
        result = calmloop("reset")
    finally:
        stack.signal(Account.SCENARIO_SELECTOR, signal.SIGCONT)

    assert result.exit_code == 1
    assert "scenario-selector has been silent" in result.output


def test_overrides_are_taken_and_shown_until_released(running: CaregiverClient) -> None:
    assert "intensity" in calmloop("override", "less").output
    assert "held" in calmloop("override", "hold").output
    assert "ceiling 15 %" in calmloop("override", "ceiling", "15").output
    assert "off: light" in calmloop("override", "channels-off", "light").output
    released = calmloop("override", "release")

    assert released.exit_code == 0
    assert not {"held", "ceiling", "off"} & set(released.output.split())


def test_more_and_a_higher_ceiling_carry_the_token(running: CaregiverClient) -> None:
    assert calmloop("override", "less").exit_code == 0
    assert calmloop("override", "ceiling", "10").exit_code == 0
    assert calmloop("override", "ceiling", "40").exit_code == 0
    assert calmloop("override", "more").exit_code == 0
    calmloop("override", "release")


@pytest.mark.parametrize(
    "words", [("more",), ("skip",), ("scenario", "no-such")], ids=lambda words: words[0]
)
def test_what_needs_a_session_is_refused_without_one(
    ready: CaregiverClient, words: tuple[str, ...]
) -> None:
    result = calmloop("override", *words)

    assert result.exit_code == 1
    assert "needs a running session" in result.output


def test_an_alarm_is_acknowledged_and_says_why_it_stands(ready: CaregiverClient) -> None:
    calmloop("stop")
    result = calmloop("ack", "stop")
    again = calmloop("ack", "stop")

    assert (result.exit_code, again.exit_code) == (0, 0)
    assert "a caregiver pressed stop" in result.output


def test_an_alarm_that_does_not_stand_cannot_be_acknowledged(ready: CaregiverClient) -> None:
    result = calmloop("ack", "chair-fault")

    assert result.exit_code == 1
    assert "no alarm 'chair-fault' is active" in result.output


def test_without_services_a_stop_says_press_the_red_button(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", str(broker.port))
    result = calmloop("stop")

    assert result.exit_code == 1
    assert "press the red button" in result.output


@pytest.mark.parametrize("words", [("reset",), ("session", "start"), ("session", "pause")])
def test_without_services_nobody_answers(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", str(broker.port))
    result = calmloop(*words)

    assert result.exit_code == 1
    assert "is it running?" in result.output


def test_without_a_broker_it_says_where_it_looked(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", str(broker.port))
    broker.stop()
    result = calmloop("stop")

    assert result.exit_code == 1
    assert f"127.0.0.1:{broker.port}" in result.output


def test_a_wrong_setting_ends_with_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALMLOOP_MQTT__PORT", "0")
    result = calmloop("stop")

    assert result.exit_code == 2
    assert "mqtt.port" in result.output
