"""Breaks the core in one place at a time and sees whether its tests notice.

    python mutate.py --file gate.c --file machine.c     every mutant, one after the other
    python mutate.py --sample 60 --seed 2               some of them
    python mutate.py --again FILE                       those that the run with this output let live
    python mutate.py --resume FILE                      all but those that FILE says were noticed;
                                                        each that is noticed now is added to it

Prints what no test noticed and is not explained in survivors.toml; exit code 1 if there is any.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import hypothesis.stateful  # noqa: F401 - for the tests, see passes()
import pytest
from mutants import FILES, Mutant, mutants_of

import calmloop.chair_link.messages  # noqa: F401 - likewise

FIRMWARE = Path(__file__).resolve().parents[1]
REPOSITORY = FIRMWARE.parents[1]
TESTS = REPOSITORY / "tests" / "unit" / "firmware_core"
EXPLAINED = Path(__file__).with_name("survivors.toml")
SANITIZE = ("-fsanitize=undefined", "-fno-sanitize-recover=all")
COMPILE = ("gcc", "-std=c11", "-O1", "-g", *SANITIZE, "-fPIC")
PYTEST = ("-q", "-x", "-m", "not long", "-p", "steady", "-p", "no:cacheprovider", "-o", "timeout=0")
WITHOUT = "not flipped_bit"
"""The flips of every bit: under the sanitizer a flipped bool ends any core, the right one too."""
REPORT_EVERY = 10

FIRST = {
    "calibration.c": ("calibrate", "ceilings", "calibrate_jumps"),
    "chair.c": ("store", "latches", "calibrate_store"),
    "cobs.c": ("vectors", "decoder"),
    "crc32c.c": ("vectors",),
    "drive.c": ("drive",),
    "envelope.c": ("vectors",),
    "fault.c": ("faults",),
    "frame.c": ("decoder", "vectors"),
    "gate.c": ("gate_steps", "gate"),
    "inputs.c": ("child", "buttons"),
    "latches.c": ("latches",),
    "lease.c": ("lease",),
    "memory.c": ("memory", "memory_latches", "memory_store"),
    "orders.c": ("arm", "calibrate_agreement"),
    "protocol.c": ("codecs", "vectors"),
    "receive.c": ("arm", "decoder"),
    "report.c": ("status", "vectors"),
    "session.c": ("hour", "hour_records"),
    "store.c": ("store", "hour_records"),
    "timer.c": ("timing",),
}
"""The tests that know a file best are asked first; for the others, those of the states."""
ORDER = (
    *("states", "arm", "drive", "latches", "child", "buttons", "lease", "status", "timing"),
    *("calibrate", "calibrate_agreement", "calibrate_jumps", "calibrate_store"),
    *("faults", "gate_steps", "gate", "store", "codecs", "vectors", "decoder"),
    *("memory", "memory_latches", "memory_store", "hour", "hour_records", "ceilings"),
    "state_machine",
)
CPU_S = {"state_machine": 60}
CPU_S_ELSE = 12
"""A test that takes more processor time than this hangs, and so has noticed the mutant: several
times what the slowest takes on the right core (state_machine 7 s, any other 1.3 s)."""


class Workshop:
    """Builds mutants quickly: everything but the changed file is compiled once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._objects: dict[str, Path] = {}
        for source in [*(FIRMWARE / "core").glob("*.c"), *(FIRMWARE / "host").glob("*.c")]:
            self._objects[source.name] = self._compile(source, folder / f"{source.stem}.o")

    def _compile(self, source: Path, target: Path) -> Path:
        include = f"-I{FIRMWARE / 'core'}"
        command = [*COMPILE, "-w", include, "-c", "-o", str(target), str(source)]
        subprocess.run(command, check=True, capture_output=True)
        return target

    def unchanged(self) -> Path:
        """The core as it is."""
        return self._link([*self._objects.values()])

    def library(self, mutant: Mutant) -> Path | None:
        """The core with the mutant in it; None when it does not compile."""
        source = self._folder / "mutant.c"
        source.write_text(mutant.source)
        try:
            changed = self._compile(source, self._folder / "mutant.o")
        except subprocess.CalledProcessError:
            return None
        others = [path for name, path in self._objects.items() if name != mutant.file]
        return self._link([changed, *others])

    def _link(self, objects: list[Path]) -> Path:
        target = self._folder / "libmutant.so"
        subprocess.run([*COMPILE, "-shared", "-o", target, *objects], check=True)
        return target


def is_noticed(library: Path, file: str) -> bool:
    """Whether a test fails, the process dies, or it hangs."""
    first = FIRST.get(file, ())
    quick = [*first, *(name for name in ORDER if name not in first and name not in CPU_S)]
    return not passes(library, quick, CPU_S_ELSE) or any(
        not passes(library, [name], cpu_s) for name, cpu_s in CPU_S.items()
    )


def passes(library: Path, names: list[str], cpu_s: int) -> bool:
    """Whether these tests pass, each within its processor time.

    In a process of their own, which a mutant may kill; forked, since importing takes longer than
    most of the tests.
    """
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.environ["CALMLOOP_CHAIR_LIBRARY"] = str(library)
        os.environ["CALMLOOP_TEST_CPU_S"] = str(cpu_s)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.dup2(nowhere, sys.stderr.fileno())
        files = [str(TESTS / f"test_core_{name}.py") for name in names]
        os._exit(pytest.main([*PYTEST, "-k", WITHOUT, *files]))
    _, status = os.waitpid(child, 0)
    return status == 0


def explained() -> dict[tuple[str, str, str], str]:
    """Why each known survivor changes nothing that matters."""
    entries = tomllib.loads(EXPLAINED.read_text()).get("survivor", [])
    return {(entry["file"], entry["line"], entry["becomes"]): entry["why"] for entry in entries}


@dataclass
class Outcome:
    """What became of the mutants that were tried."""

    noticed: int = 0
    not_compiled: int = 0
    survivors: tuple[Mutant, ...] = ()

    @property
    def unexplained(self) -> list[Mutant]:
        """The survivors that survivors.toml does not name."""
        known = explained()
        return [mutant for mutant in self.survivors if mutant.key not in known]

    def __str__(self) -> str:
        return (
            f"{self.noticed} noticed, {len(self.survivors)} survived "
            f"({len(self.unexplained)} unexplained), {self.not_compiled} did not compile"
        )


class Checkpoint:
    """The mutants that were noticed, in a file, so that a run that was cut off goes on.

    It knows the changed file and neither the rest of the core nor the tests: a run that is to say
    something of those begins with an empty one.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        known = path.read_text().split() if path is not None and path.exists() else []
        self._noticed = set(known)

    def has(self, mutant: Mutant) -> bool:
        """Whether an earlier run noticed it."""
        return mutant.digest in self._noticed

    def add(self, mutant: Mutant) -> None:
        """Keeps that it was noticed."""
        if self._path is not None:
            with self._path.open("a") as lines:
                lines.write(f"{mutant.digest}\n")


def run(mutants: list[Mutant], checkpoint: Checkpoint, *, trust: bool) -> Outcome:
    """Tries the mutants one after the other, and says each that survives at once."""
    left = [mutant for mutant in mutants if not checkpoint.has(mutant)]
    outcome = Outcome(noticed=len(mutants) - len(left))
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(Path(folder))
        # Tests that fail anyway would "notice" everything; asked again at the end, since the
        # sources may have changed meanwhile.
        if not trust:
            must_pass(workshop)
        for tried, mutant in enumerate(left):
            if tried % REPORT_EVERY == 0:
                print(f"{tried} of {len(left)} tried: {outcome}", flush=True)
            library = workshop.library(mutant)
            if library is None:
                outcome.not_compiled += 1
            elif is_noticed(library, mutant.file):
                outcome.noticed += 1
                checkpoint.add(mutant)
            else:
                outcome.survivors += (mutant,)
                print(f"survived: {mutant}", flush=True)
        if not trust:
            must_pass(workshop)
    return outcome


def must_pass(workshop: Workshop) -> None:
    """Ends the run unless the tests pass on the core as it was when the run began."""
    if is_noticed(workshop.unchanged(), FILES[0]):
        sys.exit("the tests fail without any mutant: the figures of this run mean nothing")


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", action="append", help="of core/; more than once")
    parser.add_argument("--sample", type=int, help="so many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=Path, help="only the survivors in this earlier output")
    parser.add_argument("--resume", type=Path, help="keep in this file what was noticed; skip it")
    parser.add_argument("--trust", action="store_true", help="the tests pass: do not look first")
    parser.add_argument("--list", action="store_true", help="list them, and do nothing")
    return parser.parse_args()


def choose(chosen: argparse.Namespace) -> list[Mutant]:
    """The mutants that are asked for."""
    mutants = [mutant for file in chosen.file or FILES for mutant in mutants_of(file)]
    if chosen.again is not None:
        lived = set(chosen.again.read_text().splitlines())
        mutants = [mutant for mutant in mutants if f"survived: {mutant}" in lived]
    print(f"{len(mutants)} mutants")
    if chosen.sample is not None and chosen.sample < len(mutants):
        mutants = random.Random(chosen.seed).sample(mutants, chosen.sample)
    return mutants


def main() -> int:
    """Runs what the command line asks for, and reports."""
    chosen = read_arguments()
    mutants = choose(chosen)
    if chosen.list:
        print(*mutants, sep="\n")
        return 0
    os.chdir(REPOSITORY)
    outcome = run(mutants, Checkpoint(chosen.resume), trust=chosen.trust)
    print(outcome)
    return 1 if outcome.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
