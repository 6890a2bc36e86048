"""Writes what passes on the bus to a file, as it comes."""

import os
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from calmloop.base.clock import Clock
from calmloop.base.whole_files import explained
from calmloop.bus.transport import RawMessage, Subscription
from calmloop.cli.outputs import OutputError
from calmloop.contract import topics
from calmloop.contract.topics import AnyTopic, TopicKind
from calmloop.recording.lines import RecordingFileError, RecordingHead, written

PRIVATE = 0o600
"""For the owner only: moods are personal, pictures all the more."""


def subscriptions(chair_id: str, *, pictures: bool) -> list[Subscription]:
    """What to subscribe to; pictures are not even received unless they are asked for."""
    own: list[AnyTopic] = [topic for topic in topics.REGISTRY if not topic.foreign]
    wanted = [topic for topic in own if pictures or topic.kind is not TopicKind.IMAGE]
    return [
        Subscription(topic.filter(chair_id), topic.qos, image=topic.kind is TopicKind.IMAGE)
        for topic in wanted
    ]


class Recorder:
    """Takes messages as they come, and writes them when there is time.

    Attributes:
        counts: Messages written, by topic.
    """

    def __init__(self, path: Path, chair_id: str, clock: Clock, *, pictures: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        self._path = path
        self._chair_id = chair_id
        self._clock = clock
        self._pictures = pictures
        self._pending: deque[tuple[int, RawMessage]] = deque()

    def __enter__(self) -> "Recorder":
        """Makes the file.

        Raises:
            RecordingError: it is there already, or cannot be made.
        """
        self.refuse_existing()
        head = RecordingHead(
            chair_id=self._chair_id,
            began=self._clock.utc_now().isoformat(timespec="milliseconds"),
            pictures=self._pictures,
        )
        try:
            self._path.touch(PRIVATE, exist_ok=False)
            self._file = self._path.open("wb", buffering=0)
        except OSError as error:
            raise RecordingFileError(explained(error, str(self._path), "written")) from error
        self._began_ns = self._clock.monotonic_ns()
        try:
            self._append(head.model_dump_json())
        except OutputError:
            self._file.close()
            self._path.unlink()
            raise
        return self

    def refuse_existing(self) -> None:
        """Refuses to write over anything.

        Raises:
            RecordingFileError: the file is there already.
        """
        if os.path.lexists(self._path):
            raise RecordingFileError(f"{self._path} is there already: name another file")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if not isinstance(error, OutputError):
                self.write_pending()
        finally:
            self._file.close()

    def receive(self, raw: RawMessage) -> None:
        """Takes a message that just came."""
        self._pending.append((self._clock.monotonic_ns(), raw))

    def write_for(
        self, seconds: float, wait: Callable[[float], None], progress: Callable[[int], None]
    ) -> None:
        """Writes what comes for so long.

        Args:
            seconds: How long.
            wait: Returns when something has come, or after as many seconds as it is given.
            progress: Is told how many messages are written so far.
        """
        until_ns = self._clock.monotonic_ns() + round(seconds * 1e9)
        while (left_s := (until_ns - self._clock.monotonic_ns()) / 1e9) > 0:
            wait(min(0.2, left_s))
            self.write_pending()
            progress(self.counts.total())

    def write_pending(self) -> None:
        """Writes what has come so far.

        Raises:
            OutputError: the disk does not take it; what was written before stays.
        """
        while self._pending:
            self._write(*self._pending.popleft())

    def _write(self, at_ns: int, raw: RawMessage) -> None:
        t_s = max(0.0, (at_ns - self._began_ns) / 1e9)
        line = written(raw, self._chair_id, t_s, pictures=self._pictures)
        if line is not None:
            self._append(line.model_dump_json(exclude_none=True))
            self.counts[line.topic] += 1

    def _append(self, text: str) -> None:
        """One more line, whole or not at all.

        Raises:
            OutputError: the disk does not take it; what was written before stays.
        """
        whole = self._file.tell()
        left = memoryview(text.encode() + b"\n")
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(whole)
            raise OutputError(
                f"{explained(error, str(self._path), 'written')}; {self.counts.total()} messages"
                " are in it"
            ) from error
