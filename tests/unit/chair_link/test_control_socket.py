"""The control socket that the simulated and the emulated chair share."""

from pathlib import Path

import pytest

from calmloop.emulator import ControlClient, EmulatorError
from tests.unit.chair_link.posix_chair import PosixChair


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("estop", "needs a name and a word"),
        ("estop shut", "unknown command or word"),
        ("bell ring", "unknown command or word"),
        ("contactor melt", "contactor takes weld, drop or free"),
        ("current much", "needs a number from 0 to 65535"),
        ("supply 65536", "needs a number from 0 to 65535"),
        ("power half", "power takes off, on or cycle"),
        ("reset gently", "reset takes watchdog, brown-out or external"),
        ("step 1 -", "unknown command or word"),
    ],
)
def test_a_line_that_is_no_command_is_refused_and_the_next_is_obeyed(
    line: str, what: str, tmp_path: Path
) -> None:
    with PosixChair(tmp_path) as chair, ControlClient(tmp_path / "control") as client:
        with pytest.raises(EmulatorError, match=f"^{line}: error: {what}"):
            client.command(line)
        assert client.command("estop press") == ""
        chair.wait_for("ESTOP", 5)


def test_a_chair_that_ended_is_named_as_gone(tmp_path: Path) -> None:
    with PosixChair(tmp_path) as chair, ControlClient(tmp_path / "control") as client:
        chair.kill()
        with pytest.raises(EmulatorError, match="seat off: "):
            client.command("seat off")


def test_several_hands_are_served_side_by_side(tmp_path: Path) -> None:
    with PosixChair(tmp_path) as chair:
        clients = [ControlClient(tmp_path / "control") for _ in range(4)]
        for client in clients:
            assert client.answer("power cycle") == "ok"
        assert clients[0].answer("estop press") == "ok"
        chair.wait_for("ESTOP", 5)
        for client in clients:
            client.close()
