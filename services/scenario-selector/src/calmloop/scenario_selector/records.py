"""The small files that outlive a session: what was learned, the dose, a caregiver's overrides.

Written whole and put in place by a rename, so that a crash leaves the old one or the new one.
They are not flushed to the disk: on a memory card that takes longer than a turn of the loop may,
so a power cut can cost the last half minute.
"""

import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from calmloop.messages.session import OverrideState
from calmloop.scenario_selector import profiles
from calmloop.scenario_selector.choice import History
from calmloop.scenario_selector.ledger import Ledger
from calmloop.scenario_selector.profiles import Profile, RecordError

LEARNED = "learned"
DOSE = "dose"
OVERRIDES_FILE = "overrides.json"

Record = TypeVar("Record", bound=BaseModel)


class Records(Protocol):
    """Where an engine finds and leaves what outlives a session."""

    def profile(self, code: str) -> Profile:
        """What is allowed for a child.

        Raises:
            RecordError: unknown, or its file is wrong.
        """

    def history(self, code: str) -> History:
        """What was learned of a child; empty at first.

        Raises:
            RecordError: its file is wrong.
        """

    def ledger(self, code: str) -> Ledger:
        """The dose of a child; empty at first.

        Raises:
            RecordError: its file is wrong.
        """

    def save_history(self, code: str, history: History) -> None:
        """Keeps what was learned.

        Raises:
            RecordError: it cannot be written.
        """

    def save_ledger(self, code: str, ledger: Ledger) -> None:
        """Keeps the dose.

        Raises:
            RecordError: it cannot be written.
        """


class Folder:
    """Records as files in one folder, by the child's code.

    Args:
        data_dir: The folder.
        scenarios: Names that a profile may exclude; by default those that ship.
    """

    def __init__(self, data_dir: Path, scenarios: Collection[str] | None = None) -> None:
        self._data_dir = data_dir
        self._scenarios = scenarios

    def profile(self, code: str) -> Profile:
        """See Records."""
        return profiles.load(self._data_dir, code, self._scenarios)

    def history(self, code: str) -> History:
        """See Records."""
        return self._read(self._path(LEARNED, code), History) or History()

    def ledger(self, code: str) -> Ledger:
        """See Records."""
        return self._read(self._path(DOSE, code), Ledger) or Ledger()

    def save_history(self, code: str, history: History) -> None:
        """See Records."""
        _write(self._path(LEARNED, code), history)

    def save_ledger(self, code: str, ledger: Ledger) -> None:
        """See Records."""
        _write(self._path(DOSE, code), ledger)

    def overrides(self) -> OverrideState | None:
        """What a caregiver had set before the service was restarted.

        Raises:
            RecordError: the file is wrong.
        """
        return self._read(self._data_dir / OVERRIDES_FILE, OverrideState)

    def save_overrides(self, state: OverrideState) -> None:
        """Keeps what a caregiver has set.

        Raises:
            RecordError: it cannot be written.
        """
        _write(self._data_dir / OVERRIDES_FILE, state)

    def _path(self, folder: str, code: str) -> Path:
        return self._data_dir / folder / f"{profiles.checked_code(code)}.json"

    def _read(self, path: Path, model: type[Record]) -> Record | None:
        try:
            return model.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise RecordError(
                f"{path}: cannot be used: repair it, or move it away to begin anew"
            ) from error


def _write(path: Path, record: BaseModel) -> None:
    partial: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            partial = Path(file.name)
            file.write(record.model_dump_json(indent=1).encode())
        partial.replace(path)
    except OSError as error:
        # A disk that stays full would else gather an empty file at each try.
        if partial is not None:
            partial.unlink(missing_ok=True)
        raise RecordError(
            f"{path}: cannot be written ({error.strerror}): check scenario_selector.data_dir"
        ) from error
