"""Puts several files and folders in the place of others: all of them or none, the old kept beside.

A journal says what is under way, so that what a power cut left half done is finished afterwards.
"""

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from calmloop.base.whole_files import write_text


class Exchange(BaseModel):
    """One of them.

    Attributes:
        new: What is put there; on the same disk.
        place: Where it is put.
        aside: Where goes what was there.
    """

    model_config = ConfigDict(frozen=True)

    new: Path
    place: Path
    aside: Path

    def do(self) -> None:
        """Does what is left to do of it.

        Raises:
            OSError: it cannot be done.
        """
        if not self.new.exists():
            return
        if self.place.exists():
            _move(self.place, self.aside)
        _move(self.new, self.place)

    def undo(self) -> None:
        """Puts back what was there.

        Raises:
            OSError: it cannot be done.
        """
        if self.place.exists() and not self.new.exists():
            _move(self.place, self.new)
        if self.aside.exists() and not self.place.exists():
            _move(self.aside, self.place)


_EXCHANGES = TypeAdapter(tuple[Exchange, ...])


def swap(exchanges: Iterable[Exchange], journal: Path) -> None:
    """Does them all; what fails, or is broken off by a person, leaves everything as it was.

    Raises:
        OSError: one cannot be done.
        OutputError: the journal cannot be written.
    """
    all_of_them = tuple(exchanges)
    write_text(journal, _EXCHANGES.dump_json(all_of_them).decode())
    done: list[Exchange] = []
    try:
        for exchange in all_of_them:
            done.append(exchange)
            exchange.do()
    except BaseException:
        for exchange in reversed(done):
            exchange.undo()
        journal.unlink()
        raise
    journal.unlink()


def finish(journal: Path) -> bool:
    """Finishes what was cut short; returns whether there was anything.

    Raises:
        OSError: it cannot be done.
    """
    if not journal.exists():
        return False
    for exchange in _EXCHANGES.validate_json(journal.read_bytes()):
        exchange.do()
    journal.unlink()
    return True


def _move(path: Path, to: Path) -> None:
    if to.exists():
        raise FileExistsError(17, "File exists", str(to))
    path.rename(to)
