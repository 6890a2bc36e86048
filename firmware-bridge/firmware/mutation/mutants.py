"""The mutants of the core: each of its lines with one thing wrong."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CORE = Path(__file__).resolve().parents[1] / "core"
FILES = tuple(sorted(path.name for path in CORE.glob("*.c")))

SWAPS = {
    " < ": (" <= ", " >= "),
    " > ": (" >= ", " <= "),
    " <= ": (" < ",),
    " >= ": (" > ",),
    " == ": (" != ",),
    " != ": (" == ",),
    " && ": (" || ",),
    " || ": (" && ",),
    " + ": (" - ",),
    " - ": (" + ",),
    " * ": (" / ",),
    " / ": (" * ",),
    "true": ("false",),
    "false": ("true",),
    "lesser(": ("greater(",),
    "greater(": ("lesser(",),
    "_extend(": ("_start(",),
}
NUMBER = re.compile(r"(?<![\w.])(\d+)(u?)(?![\w.])")
NEGATION = re.compile(r"!(?=[\w(])")
STATEMENT = re.compile(
    r"^\s+(?:[\w>.-]+(?:\[.*\])? [+-]?= .*|[\w>.-]+\(.*\)|[\w>.-]+(?:\+\+|--));$"
)
NO_CODE = re.compile(r"^\s*(?:/\*|\*|#include|#ifndef|#endif|static .*\(|[a-z].*\)$|$)")


@dataclass(frozen=True)
class Mutant:
    """One line of one file, changed."""

    file: str
    number: int
    line: str
    becomes: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in survivors.toml: no line number, which the next edit would change."""
        return self.file, self.line.strip(), self.becomes.strip()

    @property
    def source(self) -> str:
        """The whole file with the mutant in it."""
        lines = (CORE / self.file).read_text().splitlines()
        lines[self.number - 1] = self.becomes
        return "\n".join(lines) + "\n"

    @property
    def digest(self) -> str:
        """What names it in a checkpoint: the file it makes. An edit of the file makes others."""
        return hashlib.sha256(f"{self.file}\n{self.source}".encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.file}:{self.number}: {self.line.strip()}  ->  {self.becomes.strip()}"


def changes(line: str) -> Iterator[str]:
    """The line with one thing wrong."""
    for old, news in SWAPS.items():
        for found in re.finditer(re.escape(old), line):
            for new in news:
                yield line[: found.start()] + new + line[found.end() :]
    for found in NUMBER.finditer(line):
        yield f"{line[: found.start()]}{int(found[1]) + 1}{found[2]}{line[found.end() :]}"
    for found in NEGATION.finditer(line):
        yield line[: found.start()] + line[found.end() :]
    if STATEMENT.match(line):
        yield ""


def mutants_of(file: str) -> list[Mutant]:
    """Every mutant of a file of the core, in order."""
    in_comment = False
    found = []
    for number, line in enumerate((CORE / file).read_text().splitlines(), 1):
        starts, ends = "/*" in line, "*/" in line
        if not (in_comment or starts or NO_CODE.match(line)):
            found += [Mutant(file, number, line, changed) for changed in changes(line)]
        in_comment = (in_comment or starts) and not ends
    return found
