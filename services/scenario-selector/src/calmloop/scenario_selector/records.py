"""What outlives a session: what was learned, the dose, a caregiver's overrides.

What cannot be written is kept in memory, tried again, and reported until it is on the disk.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel

from calmloop.contract.messages.session import OverrideState
from calmloop.scenario_selector import profiles, storage
from calmloop.scenario_selector.learning.trials import Learned
from calmloop.scenario_selector.ledger import Ledger
from calmloop.scenario_selector.profiles import Profile, RecordError
from calmloop.scenario_selector.storage import DamagedError

LEARNED = "learned"
DOSE = "dose"
SPENT = ".erased"
"""Beside a dose whose child was erased: it is kept for its last day only."""
OVERRIDES_FILE = "overrides.json"

MAX_CHILDREN = 200
"""The population is made of so many: reading more would take long at the start."""

Record = TypeVar("Record", bound=BaseModel)


def read_learned(data_dir: Path, code: str) -> Learned:
    """What is kept of a child, for who only looks: nothing is mended, moved or written.

    Raises:
        RecordError: there is none of this code, it cannot be read, or it is damaged.
    """
    path = data_dir / LEARNED / f"{profiles.checked_code(code)}.json"
    found = storage.read(path, Learned)
    if found is None:
        others = ", ".join(sorted(other.stem for other in _newest(path.parent))) or "no child"
        raise RecordError(
            f"{path}: is not there, since nothing was learned of '{code}': there are records of"
            f" {others}"
        )
    return found


class Records(Protocol):
    """Where an engine finds and leaves what outlives a session."""

    @property
    def trouble(self) -> str:
        """What was damaged, or is not on the disk; empty when nothing."""

    def profile(self, code: str) -> Profile:
        """What is allowed for a child.

        Raises:
            RecordError: unknown, or its file is wrong.
        """

    def learned(self, code: str) -> Learned:
        """What was learned of a child; empty at first, and where its file and copy are damaged.

        Raises:
            RecordError: its file cannot be read.
        """

    def ledger(self, code: str) -> Ledger:
        """The dose of a child; empty at first.

        Raises:
            RecordError: its file is damaged, and so is its copy.
        """

    def all_learned(self) -> Mapping[str, Learned]:
        """What was learned of each child, as far as it can be read, by code."""

    def save_learned(self, code: str, learned: Learned, *, flush: bool = True) -> None:
        """Keeps what was learned; with `flush` it is on the disk when this returns.

        Raises:
            RecordError: it cannot be written.
        """

    def drop_copies(self, code: str) -> None:
        """Deletes what stands beside a child's record: what was learned before is not kept."""

    def save_ledger(self, code: str, ledger: Ledger, *, flush: bool) -> None:
        """Keeps the dose; with `flush` it is on the disk when this returns.

        Raises:
            RecordError: it cannot be written.
        """

    def queue_ledger(self, code: str, ledger: Ledger) -> None:
        """Keeps the dose once the turn is over: writing takes longer than a turn may."""


class Folder:
    """Records as files in one folder, by the child's code.

    Args:
        data_dir: The folder.
        scenarios: Names that a profile may exclude; by default those that ship.
    """

    def __init__(self, data_dir: Path, scenarios: Collection[str] | None = None) -> None:
        self._data_dir = data_dir
        self._scenarios = scenarios
        self._queued: dict[Path, BaseModel] = {}
        self._unwritten: dict[Path, BaseModel] = {}
        self._unkept: dict[Path, str] = {}
        self._damaged: dict[Path, str] = {}

    @property
    def trouble(self) -> str:
        """See Records."""
        return "; ".join([*self._unkept.values(), *self._damaged.values()])

    def profile(self, code: str) -> Profile:
        """See Records."""
        return profiles.load(self._data_dir, code, self._scenarios)

    def learned(self, code: str) -> Learned:
        """See Records."""
        path = self._path(LEARNED, code)
        try:
            return self._read(path, Learned) or Learned()
        except DamagedError as error:
            storage.set_aside(path)
            self._damaged[path] = f"what was learned of '{code}' is lost, so it is new: {error}"
            return Learned()

    def all_learned(self) -> Mapping[str, Learned]:
        """See Records: of those whose records changed last."""
        found: dict[str, Learned] = {}
        for path in _newest(self._data_dir / LEARNED):
            with suppress(RecordError):
                learned = storage.read(path, Learned)
                found |= {profiles.checked_code(path.stem): learned} if learned else {}
        return found

    def ledger(self, code: str) -> Ledger:
        """See Records."""
        try:
            return self._read(self._path(DOSE, code), Ledger) or Ledger()
        except DamagedError as error:
            raise RecordError(f"{error}: repair it, or move it away to begin anew") from error

    def save_learned(self, code: str, learned: Learned, *, flush: bool = True) -> None:
        """See Records."""
        self._write(self._path(LEARNED, code), learned, flush=flush)

    def drop_copies(self, code: str) -> None:
        """See Records."""
        storage.drop_copies(self._path(LEARNED, code))

    def save_ledger(self, code: str, ledger: Ledger, *, flush: bool = True) -> None:
        """See Records."""
        self._write(self._path(DOSE, code), ledger, flush=flush)

    def queue_ledger(self, code: str, ledger: Ledger) -> None:
        """See Records; it is on the disk after the next `write_queued`."""
        self._queued[self._path(DOSE, code)] = ledger

    def erase_learned(self, code: str) -> bool:
        """Deletes what was learned of a child; returns whether there was anything.

        Raises:
            RecordError: it is still there.
        """
        return self._erase(self._path(LEARNED, code))

    def erase_dose(self, code: str, today: date) -> tuple[bool, bool]:
        """Deletes the dose of a child, but for the minutes of today.

        Returns:
            Whether all of one was erased, and whether today's is left.

        They go with `drop_spent` once today is over: till then they bound what may be given.

        Raises:
            RecordError: it is damaged, cannot be written, or is still there.
        """
        path, ledger = self._path(DOSE, code), self.ledger(code)
        if not ledger.minutes_on(today):
            return self._erase(path), False
        ledger.keep_from(today)
        self.save_ledger(code, ledger, flush=True)
        storage.drop_copies(path)
        self._spent(path).touch()
        return False, True

    def drop_spent(self, today: date) -> None:
        """Deletes the doses that an erasure left for the day on which it was."""
        for mark in (self._data_dir / DOSE).glob(f"*{SPENT}"):
            code = mark.name.removesuffix(SPENT)
            with suppress(RecordError, OSError):
                is_child_again = profiles.is_written(self._data_dir, code)
                if is_child_again or not self.ledger(code).minutes_on(today):
                    if not is_child_again:
                        self._erase(self._path(DOSE, code))
                    mark.unlink(missing_ok=True)

    def _erase(self, path: Path) -> bool:
        self._queued.pop(path, None)
        self._unwritten.pop(path, None)
        self._unkept.pop(path, None)
        self._damaged.pop(path, None)
        return storage.erase(path)

    @staticmethod
    def _spent(path: Path) -> Path:
        return path.with_name(path.stem + SPENT)

    def overrides(self) -> OverrideState | None:
        """What a caregiver had set before the service was restarted.

        Raises:
            RecordError: the file is wrong. Its copy is not taken: it may allow more.
        """
        return storage.read(self._data_dir / OVERRIDES_FILE, OverrideState)

    def save_overrides(self, state: OverrideState, *, flush: bool = True) -> None:
        """Keeps what a caregiver has set.

        Raises:
            RecordError: it cannot be written.
        """
        self._write(self._data_dir / OVERRIDES_FILE, state, flush=flush)

    @property
    def keeps_overrides(self) -> bool:
        """Whether what a caregiver has set is on the disk."""
        return self._data_dir / OVERRIDES_FILE not in self._unwritten

    def write_queued(self) -> None:
        """Writes what a turn left; call it after each."""
        self._try_to_write(self._queued)

    def write_what_is_left(self) -> None:
        """Tries again what could not be written; there may be room by now."""
        self._try_to_write(self._unwritten)

    def _try_to_write(self, records: Mapping[Path, BaseModel]) -> None:
        for path, record in list(records.items()):
            try:
                self._write(path, record, flush=False)
            except RecordError:
                continue

    def _path(self, folder: str, code: str) -> Path:
        return self._data_dir / folder / f"{profiles.checked_code(code)}.json"

    def _read(self, path: Path, model: type[Record]) -> Record | None:
        """The newest of a child's file, in memory before on the disk, or else of its copy.

        Raises:
            DamagedError: file and copy are damaged.
            RecordError: the file cannot be read.
        """
        unwritten = self._queued.get(path) or self._unwritten.get(path)
        if isinstance(unwritten, model):
            return unwritten
        try:
            record = storage.read(path, model)
        except DamagedError as error:
            copy = storage.read_copy(path, model)
            if copy is None:
                raise
            storage.set_aside(path)
            self._damaged[path] = f"taken from its copy, which may be older: {error}"
            self._unwritten[path] = copy
            return copy
        self._damaged.pop(path, None)
        return record

    def _write(self, path: Path, record: BaseModel, *, flush: bool) -> None:
        self._queued.pop(path, None)
        try:
            storage.write(path, record, flush=flush)
        except RecordError as error:
            self._unwritten[path] = record
            self._unkept[path] = f"not kept over a restart: {error}"
            raise
        self._unwritten.pop(path, None)
        self._unkept.pop(path, None)


def _newest(folder: Path) -> list[Path]:
    """Records of a folder, the newest first; none where there is no folder."""
    with suppress(OSError):
        paths = [(path.stat().st_mtime, path) for path in folder.glob("*.json")]
        return [path for _, path in sorted(paths, reverse=True)[:MAX_CHILDREN]]
    return []
