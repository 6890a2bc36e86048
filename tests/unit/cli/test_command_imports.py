"""What a command costs before it does anything: nobody who stops a chair waits for OpenCV."""

import subprocess
import sys

import pytest
from typer.main import get_command

from calmloop.cli.main import PARTS, app

HEAVY = {"cv2", "numpy", "serial", "ai_edge_litert", "calmloop.demo", "calmloop.training"}


@pytest.mark.parametrize("name", ["stop", "reset", "ack", "session", "override", "learning"])
def test_an_operators_command_imports_nothing_of_the_others(name: str) -> None:
    code = (
        "import sys\n"
        "from typer.main import get_command\n"
        "from calmloop.cli.main import app\n"
        f"get_command(app).commands[{name!r}]\n"
        f"print(sorted({HEAVY} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_there_under_its_name_and_heading(name: str) -> None:
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    assert (command.name, command.rich_help_panel) == (name, PARTS[name][0])
    assert command.get_short_help_str()
