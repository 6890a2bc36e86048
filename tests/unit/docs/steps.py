"""Carries out the steps of an "Add a ..." page in a copy of the repository.

How a page's source says what a block is for:

    ```python title="PATH"    a new file, whole, in whatever language
    ```diff title="PATH"      a change: lines with + come, lines with - go, all others stand in the
                              file already, together in one place only. A line `@@` parts changes in
                              several places. A change of nothing but + goes to the file's end.
    ```sh                     commands, run in the copy, each of which has to end with 0; only those
                              that make files from others (MAKERS) may change any

Blocks of any other kind are for reading only. Below a heading "Use it" stands what obeys the new
thing: it is done like the rest, and not counted among the files that adding it takes.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.tree import tree

ROOT = Path(__file__).resolve().parents[3]
PAGES = ROOT / "docs" / "add"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"\n]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
USE = "\n## Use it\n"
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", ".site", ".*_cache", ".hypothesis", "*.pyc.*", "build", "*.egg-info"
)
OF_THE_TEST = ("CALMLOOP_", "PYTEST_", "COV_")
"""Variables of this run that the commands of a page must not see."""
MAKERS = ("make services", "python firmware-bridge/generate", "calmloop topics --into README.md")
"""Commands that write what derives from files that were changed by hand."""
COMMANDS_TIMEOUT_S = 90


@dataclass(frozen=True)
class Step:
    """One block of a page that does something."""

    language: str
    file: str
    text: str


def steps_of(text: str) -> list[Step]:
    """What a page asks for, in its order."""
    blocks = (Step(*found) for found in BLOCK.findall(text))
    return [block for block in blocks if block.file or block.language == "sh"]


def files_of(page: Path) -> list[str]:
    """The files that adding the thing takes, each once, its test left out."""
    adding = page.read_text(encoding="utf-8").partition(USE)[0]
    named = dict.fromkeys(step.file for step in steps_of(adding) if step.file)
    return [file for file in named if not file.startswith("tests/")]


class Scratch:
    """A copy of the repository in which a page is followed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT, root, ignore=NOT_COPIED)

    def follow(self, page: Path) -> str:
        """Does all that the page says; returns what its commands printed.

        Raises:
            AssertionError: a step cannot be done as it is written, or leaves Python that the
                linter refuses.
        """
        steps = steps_of(page.read_text(encoding="utf-8"))
        said = "".join(self._do(step) for step in steps)
        if python := " ".join({step.file for step in steps if step.file.endswith(".py")}):
            self.run(f"ruff check -q --no-cache {python}; ruff format -q --check {python}")
        return said

    def run(self, command: str) -> str:
        """What a shell command printed in the copy, with the copy's own packages.

        Raises:
            AssertionError: it did not end with 0.
        """
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMANDS_TIMEOUT_S,
            check=False,
        )
        assert done.returncode == 0, f"exit code {done.returncode} of:\n{command}\n{done.stdout}"
        return done.stdout

    def _do(self, step: Step) -> str:
        if step.language == "sh":
            return self._obey(step.text)
        path = self.root / step.file
        if step.language == "diff":
            path.write_text(_changed(path.read_text(), step), encoding="utf-8")
        else:
            assert not path.exists(), f"{step.file} is there already: a change is a diff block"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
        return ""

    def _obey(self, commands: str) -> str:
        """Runs them, and finds files that they change without being counted as a step."""
        before = self._files()
        said = self.run(commands)
        changed = {name for name, _ in self._files().items() ^ before.items()}
        if not any(maker in commands for maker in MAKERS):
            assert not changed, f"this changes {sorted(changed)}, which no step names:\n{commands}"
        return said

    def _files(self) -> dict[str, int]:
        """The files of the copy, with when each was changed, in ns."""
        paths = {name: self.root / name for name in tree(self.root)}
        return {name: path.stat().st_mtime_ns for name, path in paths.items() if path.is_file()}

    def _environment(self) -> dict[str, str]:
        ours = {
            name: value for name, value in os.environ.items() if not name.startswith(OF_THE_TEST)
        }
        sources = sorted(str(found.parent) for found in self.root.glob("**/src/calmloop"))
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return ours | {
            "PYTHONPATH": ":".join(sources),
            "PATH": path,
        }


def _changed(text: str, step: Step) -> str:
    for change in _changes(step.text):
        there = "".join(line[1:] for line in change if line[0] != "+")
        wanted = "".join(line[1:] for line in change if line[0] != "-")
        if there:
            parts = re.split(rf"^{re.escape(there)}", text, flags=re.MULTILINE)
            found = len(parts) - 1
            assert found == 1, f"{step.file} holds this {found} times, not once:\n{there}"
            text = wanted.join(parts)
        else:
            text += wanted
    return text


def _changes(text: str) -> Iterator[list[str]]:
    """The lines of each change, all with the sign that they begin with."""
    for change in re.split(r"^@@\n", text, flags=re.MULTILINE):
        # Editors take away the blank of an empty line that only stands there.
        yield [line if line.strip("\n") else " \n" for line in change.splitlines(keepends=True)]
