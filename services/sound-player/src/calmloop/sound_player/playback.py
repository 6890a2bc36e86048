"""Keeps the output open, and what is played decoded ahead of it, in a thread of its own.

Opening a device blocks for as long as a driver pleases, and a disk may be slow.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from calmloop.base.clock import Clock
from calmloop.base.errors import DeviceError
from calmloop.base.tracks import TrackError
from calmloop.sound_player.deck import Deck, deck_of
from calmloop.sound_player.mixer import Mixer
from calmloop.sound_player.outputs.output import BLOCK_FRAMES, SoundOutput
from calmloop.sound_player.shelf import Shelf

NS_PER_S = 1_000_000_000
PERIOD_S = 0.1
MIN_RETRY_S = 0.5
MAX_RETRY_S = 8.0
STEADY_S = 10.0
"""An output that played for so long is tried again at once."""
ASKS_S = 0.3
"""One that fills its buffer and then asks no more, as under a sound server that starts, is none."""
LAST_S = 0.3
"""In which the last sound fades out, with what is in the largest buffer."""
LOOK_AGAIN_S = 1.0
"""A track that was missing or damaged."""


@dataclass(frozen=True)
class SoundPlaybackReport:
    """What cannot be played, and why; empty where it can."""

    output: str = "the output is being opened"
    track: str = ""


class SoundPlayback:
    """One output and the track that is asked for. `step` does the work; `start` runs it."""

    def __init__(
        self,
        output: SoundOutput,
        mixer: Mixer,
        shelf: Shelf,
        clock: Clock,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.output = output
        self._mixer = mixer
        self._shelf = shelf
        self._clock = clock
        self._wake_service = wake
        self._asked = ""
        self._deck: Deck | None = None
        self._failed = ""
        self._look_again_ns = 0
        self._opened_ns: int | None = None
        self._open_again_ns = 0
        self._asks, self._opening_ns = False, 0
        self._retry_s = MIN_RETRY_S
        self._underruns = 0
        self._report = SoundPlaybackReport()
        self._busy_since_ns: int | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="playback", daemon=True)

    # --- the loop's side -------------------------------------------------------------------

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Lets the output go, and waits for that."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout_s)

    def ask(self, track: str) -> None:
        """This track is to be ready, and to follow on the one before; or none."""
        if track != self._asked:
            self._asked = track
            self._wake.set()

    @property
    def report(self) -> SoundPlaybackReport:
        """What cannot be played."""
        return self._report

    @property
    def crashed(self) -> bool:
        """Whether the thread ended by itself, through an error that no device should cause."""
        return not self._thread.is_alive() and not self._stopping.is_set()

    @property
    def busy_s(self) -> float:
        """For how long the present step has lasted; 0 between two."""
        began_ns = self._busy_since_ns
        return 0.0 if began_ns is None else (self._clock.monotonic_ns() - began_ns) / NS_PER_S

    # --- the thread's side -----------------------------------------------------------------

    def step(self) -> None:
        """Opens the output if need be, follows what is asked for, decodes."""
        self._busy_since_ns = self._clock.monotonic_ns()
        output = self._keep_open()
        try:
            track = self._follow()
        except TrackError as error:
            track, self._failed = str(error), self._asked
            self._look_again_ns = self._busy_since_ns + round(LOOK_AGAIN_S * NS_PER_S)
            self._change_to(None)
        self._busy_since_ns = None
        report = SoundPlaybackReport(output, track)
        if report != self._report:
            self._report = report
            self._wake_service()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self.step()
                self._wake.wait(PERIOD_S)
                self._wake.clear()
        finally:
            if self._opened_ns is not None:
                threading.Event().wait(LAST_S)
            self.output.close()
            self._wake_service()

    # --- the output ------------------------------------------------------------------------

    def _keep_open(self) -> str:
        now_ns = self._clock.monotonic_ns()
        if self._opened_ns is not None:
            trouble = self.output.trouble()
            if not trouble:
                return "" if self._asks else self._report.output
            if now_ns - self._opened_ns > STEADY_S * NS_PER_S:
                self._retry_s = MIN_RETRY_S
            return self._lost(trouble)
        if now_ns < self._open_again_ns:
            return self._report.output
        self._asks, self._opening_ns = False, now_ns
        try:
            self.output.open(self._render)
        except (DeviceError, OSError) as error:
            return self._lost(str(error))
        self._opened_ns = self._clock.monotonic_ns()
        return "" if self._asks else self._report.output

    def _lost(self, why: str) -> str:
        self.output.close()
        self._mixer.break_off()
        self._opened_ns = None
        self._open_again_ns = self._clock.monotonic_ns() + round(self._retry_s * NS_PER_S)
        self._retry_s = min(2 * self._retry_s, MAX_RETRY_S)
        return why

    def _render(self, output_ns: int) -> bytes:
        now_ns = self._clock.monotonic_ns()
        self._asks = self._asks or now_ns - self._opening_ns > ASKS_S * NS_PER_S
        if self.output.underruns != self._underruns:
            self._underruns = self.output.underruns
            self._mixer.break_off()
        return self._mixer.render(BLOCK_FRAMES, now_ns, output_ns).tobytes()

    # --- the track -------------------------------------------------------------------------

    def _follow(self) -> str:
        asked = self._asked
        if not asked:
            self._change_to(None)
        elif self._is_new(asked) and (trouble := self._change_when_ready(asked)):
            return trouble
        for deck in self._mixer.decks:
            deck.fill()
        return ""

    def _is_new(self, asked: str) -> bool:
        return self._deck is None or self._deck.sidecar.name != asked

    def _change_when_ready(self, asked: str) -> str:
        trouble = self._report.track if asked == self._failed else ""
        if trouble and self._clock.monotonic_ns() < self._look_again_ns:
            return trouble
        sidecar = self._shelf.find(asked)
        if sidecar is None:
            return trouble
        deck = deck_of(self._shelf.library, sidecar)
        deck.fill()
        self._change_to(deck)
        return ""

    def _change_to(self, deck: Deck | None) -> None:
        if deck is not self._deck:
            self._deck = deck
            self._mixer.select(deck)
