"""The commands in the two READMEs are the same: the system tests run those of compose/."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
COMMAND = re.compile(r"^(?:login=|R=|token\(\)|mosquitto_(?:pub|sub)) ?.*$", re.MULTILINE)


def commands(readme: str) -> list[str]:
    """Lines that a caregiver copies, without what explains them at their end."""
    lines = COMMAND.findall((REPOSITORY / readme).read_text())
    return [line.rpartition("  #")[0].strip() or line.strip() for line in lines]


def test_the_readme_s_caregiver_lines_are_those_that_are_tested() -> None:
    tested = commands("compose/README.md")
    assert sum("mosquitto_pub" in line for line in tested) >= 4
    assert set(commands("README.md")) <= set(tested)
