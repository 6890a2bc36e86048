"""The tracks that may be played: each is read through once, and is what its sidecar says.

That takes seconds for a long one, and is done in a thread of its own: before anybody asks for it,
where there is time.
"""

import threading
from pathlib import Path

from calmloop.base import track_audio
from calmloop.base.tracks import TrackError, TrackLibrary, TrackSidecar

LOOKS_EVERY_S = 5.0
"""How often new tracks are looked for."""
BETWEEN_S = 0.5
"""Between two that nobody waits for, so that the rest of the machine does not."""

Signature = tuple[tuple[int, int, int] | None, ...]
"""Inode, time of change and size of both files of a track; None for one that is not there."""


class Shelf:
    """Remembers what was found of each track for as long as its files do not change.

    Not how it swells and its tone, thousands of values that nothing here plays by.

    `step` does the work; `start` runs it in a thread.
    """

    def __init__(self, library: TrackLibrary) -> None:
        self.library = library
        self._known: dict[str, tuple[Signature, TrackSidecar | TrackError]] = {}
        self._asked = ""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shelf", daemon=True)

    def start(self) -> None:
        """Begins to read."""
        self._thread.start()

    def stop(self) -> None:
        """Reads no further track."""
        self._stopping.set()
        self._wake.set()

    @property
    def crashed(self) -> bool:
        """Whether the thread ended by itself."""
        return not self._thread.is_alive() and not self._stopping.is_set()

    def find(self, name: str) -> TrackSidecar | None:
        """A track that may be played; None while it is being read through.

        Raises:
            TrackError: it is missing or damaged, or not what its sidecar says.
        """
        signature = self._signature(name)
        known = self._known.get(name)
        if known is None or known[0] != signature:
            self._asked = name
            self._wake.set()
            return None
        if isinstance(known[1], TrackError):
            raise known[1]
        return known[1]

    def step(self) -> float:
        """Reads through one track, the one that is asked for first; returns seconds to wait."""
        if name := self._asked:
            self._asked = ""
            self._read(name)
            return 0.0
        try:
            unread = [name for name in self.library.names() if name not in self._known]
        except TrackError:
            return LOOKS_EVERY_S
        if not unread:
            return LOOKS_EVERY_S
        self._read(unread[0])
        return BETWEEN_S

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self.step())
            self._wake.clear()

    def _read(self, name: str) -> None:
        signature = self._signature(name)
        found: TrackSidecar | TrackError
        try:
            read = track_audio.check(self.library, name)
            found = read.model_copy(update={"envelope": (), "tone_hz": ()})
        except TrackError as error:
            found = error
        self._known[name] = signature, found

    def _signature(self, name: str) -> Signature:
        return tuple(map(_of, (self.library.audio_path(name), self.library.sidecar_path(name))))


def _of(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
