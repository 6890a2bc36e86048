"""The risk file's rows, from the table of hazards in SAFETY.md: run with its path, prints them.

Each hazard has its severity, below the scale of it, its control, and the tests that fail when that
breaks, each with the file it is in.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
FOLDERS = {
    "hardware": "hardware",
    "core": "unit/firmware_core",
    "link": "unit/chair_link",
    "watchdog": "unit/safety_watchdog",
    "selector": "unit/scenario_selector",
    "loop": "loop",
    "player": "unit/sound_player",
    "contract": "contract",
}
"""What the table calls them, and where they stand."""
NAMED = re.compile(rf"\b({'|'.join(FOLDERS)}) (?=`test_)|`(test_\w+(?:\.py)?)`")
HEAD = "| hazard | severity | requirement | shown by |"
SCALE = "| severity | what comes of it |"
COLUMNS = (
    "| | what can go wrong | severity | control | fails when the control breaks |\n"
    "| --- | --- | --- | --- | --- |"
)


@dataclass(frozen=True)
class Mention:
    """A test that a row names: by a function, or a whole file.

    Attributes:
        folder: As the table calls it; empty where it says none.
    """

    folder: str
    test: str

    def file(self) -> Path | None:
        """Where it stands, below `tests`; None: nowhere."""
        if self.folder not in FOLDERS:
            return None
        place = TESTS / FOLDERS[self.folder]
        if self.test.endswith(".py"):
            return place / self.test if (place / self.test).is_file() else None
        found = (path for path in sorted(place.glob("test_*.py")) if self._is_in(path))
        return next(found, None)

    def _is_in(self, path: Path) -> bool:
        return f"def {self.test}(" in path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Risk:
    """One hazard."""

    hazard: str
    severity: str
    control: str
    tests: tuple[Mention, ...]


def mentions(row: str) -> tuple[Mention, ...]:
    """The tests that a row names; the folder stands before the first one of it."""
    found, folder = [], ""
    for each in NAMED.finditer(row):
        folder = each[1] or folder
        found += [Mention(folder, each[2])] if each[2] else []
    return tuple(found)


def risks(text: str) -> list[Risk]:
    """The rows of the table of hazards."""
    known = {named: f"{named} {word}" for named, word in (row[0].split() for row in scale(text))}
    return [
        Risk(hazard, known[severity], control, mentions(shown))
        for hazard, severity, control, shown in _table(text, HEAD)
    ]


def scale(text: str) -> list[list[str]]:
    """What each severity means."""
    return _table(text, SCALE)


def _table(text: str, head: str) -> list[list[str]]:
    rows = text.partition(head)[2].partition("\n\n")[0]
    return [row.strip("| ").split(" | ") for row in rows.splitlines()[2:]]


def _rows(text: str) -> Iterator[str]:
    yield f"{SCALE}\n| --- | --- |"
    yield from (f"| {severity} | {means} |" for severity, means in scale(text))
    yield f"\n{COLUMNS}"
    for number, risk in enumerate(risks(text), 1):
        shown = "<br>".join(_shown(each) for each in risk.tests)
        yield f"| R{number} | {risk.hazard} | {risk.severity} | {risk.control} | {shown} |"


def _shown(mention: Mention) -> str:
    file = mention.file()
    assert file is not None, f"SAFETY.md names {mention.test}, which is nowhere: name its folder"
    place = file.relative_to(TESTS.parent).as_posix()
    return f"`{place}`" if mention.test.endswith(".py") else f"`{place}::{mention.test}`"


if __name__ == "__main__":
    print("\n".join(_rows(Path(sys.argv[1]).read_text(encoding="utf-8"))))
