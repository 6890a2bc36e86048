"""Reads one source in a thread of its own: reading blocks for as long as a driver pleases.

The sound is held in memory as far as it is not read yet, half a second as a rule, and nowhere else.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from calmloop.base.clock import Clock
from calmloop.base.errors import DeviceError
from calmloop.base.stepping import NS_PER_S, SteppingThread
from calmloop.contract.messages.voice import VoiceCondition
from calmloop.voice_listener.resampling import Blocks
from calmloop.voice_listener.sources.source import SoundSource
from calmloop.voice_listener.spectrum import BLOCK_S, Samples

MIN_RETRY_S = 0.5
MAX_RETRY_S = 8.0
SILENCE_S = 1.5
"""A source that gives nothing at all for so long is lost; a block takes half a second."""
EMPTY_S = 0.01
"""A driver that has nothing, and does not wait for it either, is asked no more often."""
MAX_AHEAD_S = 3.0
"""Sound comes as fast as time passes, but for what a driver had kept; more is no microphone's."""
STEADY_S = 10.0
"""Whoever was heard for so long is looked for again at once."""
MAX_BLOCKS = 2
"""Whoever is further behind has missed what was before: only the newest is worth reading."""


@dataclass(frozen=True)
class HearingReport:
    """What the listener does now, and why."""

    condition: VoiceCondition
    reason: str = ""


@dataclass(frozen=True)
class Block:
    """Half a second of sound, and whether it follows on the block taken before."""

    samples: Samples
    follows: bool


class Hearing(SteppingThread):
    """One opened-and-kept-open source."""

    def __init__(
        self, source: SoundSource, clock: Clock, wake: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__("listening", clock)
        self._source = source
        self._wake = wake
        self._lock = threading.Lock()
        self._waiting: deque[Block] = deque()
        self._follows = False
        self._report = HearingReport(VoiceCondition.OPENING)
        self._blocks: Blocks | None = None
        self._retry_s = MIN_RETRY_S
        self._heard_ns = self._opened_ns = clock.monotonic_ns()
        self._ahead_s = 0.0

    # --- the loop's side -------------------------------------------------------------------

    def stop(self) -> None:
        """Asks for the device to be closed; returns at once. No sound comes out any more."""
        super().stop()
        self.discard()

    def take(self) -> Block | None:
        """The next block, once; None when there is no new one."""
        with self._lock:
            block = self._waiting.popleft() if self._waiting else None
        return None if self.stopped else block

    def discard(self) -> None:
        """Drops the sound that waits."""
        with self._lock:
            self._waiting.clear()
            self._follows = False

    def report(self) -> HearingReport:
        """What the source does, its silence included."""
        with self._lock:
            report, heard_ns = self._report, self._heard_ns
        quiet_s = (self._clock.monotonic_ns() - heard_ns) / NS_PER_S
        if report.condition is VoiceCondition.LISTENING and quiet_s > SILENCE_S:
            return HearingReport(
                VoiceCondition.LOST,
                f"{self._source.origin} has given no sound for {SILENCE_S:g} s: check its cable,"
                " or restart the sound server",
            )
        return report

    # --- the thread's side -----------------------------------------------------------------

    def _step(self) -> float:
        """Opens the source if need be and reads what has come."""
        try:
            return self._read(self._blocks or self._open())
        except (DeviceError, OSError) as error:
            return self._lost(str(error))

    def _close(self) -> None:
        self._source.close()
        self._wake()

    def _open(self) -> Blocks:
        self._opened_ns = self._clock.monotonic_ns()
        self._ahead_s = 0.0
        self._source.open()
        self._blocks = Blocks(self._source.rate_hz, self._source.channels)
        return self._blocks

    def _read(self, blocks: Blocks) -> float:
        data = self._source.read()
        if data is None:
            self._ended = True
            self._say(HearingReport(VoiceCondition.ENDED, f"{self._source.origin} was played once"))
            return 0.0
        for samples in blocks.put(data):
            self._keep(samples)
        return self._source.pause_s if data else max(self._source.pause_s, EMPTY_S)

    def _keep(self, samples: Samples) -> None:
        now_ns = self._clock.monotonic_ns()
        self._count(now_ns)
        with self._lock:
            self._waiting.append(Block(samples, self._follows))
            self._follows = True
            if len(self._waiting) > MAX_BLOCKS:
                self._waiting = deque([Block(samples, follows=False)])
            self._heard_ns = now_ns
            self._report = HearingReport(VoiceCondition.LISTENING)
        self._wake()

    def _count(self, now_ns: int) -> None:
        passed_s = (now_ns - self._heard_ns) / NS_PER_S
        self._ahead_s = max(0.0, self._ahead_s - passed_s) + BLOCK_S
        if self._ahead_s > MAX_AHEAD_S:
            raise DeviceError(
                f"{self._source.origin} gives sound faster than time passes: restart the sound"
                " server, or take another microphone"
            )

    def _lost(self, reason: str) -> float:
        self._source.close()
        if self._blocks and self._clock.monotonic_ns() - self._opened_ns > STEADY_S * NS_PER_S:
            self._retry_s = MIN_RETRY_S
        self._blocks = None
        self.discard()
        self._say(HearingReport(VoiceCondition.LOST, reason))
        wait_s, self._retry_s = self._retry_s, min(2 * self._retry_s, MAX_RETRY_S)
        return wait_s

    def _say(self, report: HearingReport) -> None:
        with self._lock:
            self._report = report
        self._wake()
