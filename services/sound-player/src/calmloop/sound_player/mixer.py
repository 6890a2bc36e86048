"""What sounds: the tracks of the moment, their crossfades, the limiter, and the way in and out.

Pure: it is handed the time, and called by the output's thread. It sounds only until a moment that
the service moves on, so that nothing is heard of a service that hangs.
"""

import threading
from dataclasses import dataclass

import numpy as np

from calmloop.sound_player.deck import Deck
from calmloop.sound_player.limiter import LOOKAHEAD, Samples, TruePeakLimiter

RATE_HZ = 48_000
NS_PER_S = 1_000_000_000
FADE_IN_S = 0.25
"""No sudden onset; the chair's own gate takes 5 s for its amplifier's level."""
FADE_OUT_S = 0.04
"""No click, and with the largest buffer silent within 300 ms."""
CROSSFADE_S = 2.0
"""From one track to another, at equal power."""
GAP_S = 0.25
"""An output that did not ask for so long was stopped: it begins anew from silence."""


@dataclass(frozen=True)
class Place:
    """Which frame of which track is at the output when."""

    deck: Deck
    frame: int
    output_ns: int


class _Voice:
    """A deck on its way in or out, 0 to 1 of a crossfade."""

    def __init__(self, deck: Deck, share: float) -> None:
        self.deck = deck
        self.share = share
        self.target = 1.0

    def sound(self, count: int) -> tuple[Samples, bool]:
        """The next frames at equal power, and whether so many were decoded."""
        taken = self.deck.take(count)
        if self.share == self.target == 1.0 and len(taken) == count:
            return taken, True
        shares = _line(self.share, self.target, CROSSFADE_S, count)
        self.share = float(shares[-1])
        out = np.zeros((count, 2), np.float32)
        out[: len(taken)] = taken * np.sin(shares[: len(taken)] * (np.pi / 2))[:, np.newaxis]
        if len(taken) < count:
            tail = np.linspace(1.0, 0.0, len(taken), dtype=np.float32)
            out[: len(taken)] *= tail[:, np.newaxis]
        return out, len(taken) == count


class Mixer:
    """Renders one block after another.

    Attributes:
        starved: How often a track was not decoded in time.
    """

    def __init__(self) -> None:
        self.starved = 0
        self._lock = threading.Lock()
        self._limiter = TruePeakLimiter()
        self._voices: list[_Voice] = []
        self._until_ns = 0
        self._rendered_ns = 0
        self._gate = 0.0
        self._place: Place | None = None

    # --- the service's side ------------------------------------------------------------------

    def select(self, deck: Deck | None) -> None:
        """Goes over to another track; without one, what sounds fades out."""
        with self._lock:
            if self._gate == 0.0:
                self._voices = [_Voice(deck, 1.0)] if deck is not None else []
                return
            for voice in self._voices:
                voice.target = 0.0
            if deck is not None:
                self._voices.append(_Voice(deck, 0.0))

    def permit(self, until_ns: int) -> None:
        """It may sound until then, CLOCK_MONOTONIC in ns, and fades out at once when it is past."""
        self._until_ns = until_ns

    @property
    def place(self) -> Place | None:
        """What the newest block is of; None while it is silent."""
        return self._place

    @property
    def decks(self) -> list[Deck]:
        """Those that have to be decoded."""
        return [voice.deck for voice in self._voices]

    # --- the output's side -------------------------------------------------------------------

    def render(self, count: int, now_ns: int, output_ns: int) -> Samples:
        """The next frames.

        Args:
            count: Frames, a whole number of the limiter's hops.
            now_ns: CLOCK_MONOTONIC.
            output_ns: When the first of them is at the output.

        Returns:
            Shape (count, 2), with true peaks at the limiter's ceiling at most.
        """
        with self._lock:
            if now_ns - self._rendered_ns > GAP_S * NS_PER_S:
                self._silence()
            self._rendered_ns = now_ns
            wanted = now_ns < self._until_ns and any(voice.target for voice in self._voices)
            if self._gate == 0.0 and not (wanted and self._is_ready(count)):
                self._silence()
                return np.zeros((count, 2), np.float32)
            return self._sound(count, wanted, output_ns)

    def break_off(self) -> None:
        """The output ran dry: goes on from silence."""
        with self._lock:
            self._silence()

    def _silence(self) -> None:
        self._gate = 0.0
        self._place = None
        self._limiter.reset()
        self._voices = [voice for voice in self._voices if voice.target]
        for voice in self._voices:
            voice.share = 1.0

    def _is_ready(self, count: int) -> bool:
        return all(voice.deck.available >= count for voice in self._voices)

    def _sound(self, count: int, wanted: bool, output_ns: int) -> Samples:
        self._place = self._place_of(output_ns)
        sounds = [voice.sound(count) for voice in self._voices]
        out = self._limiter.process(sum((sound for sound, _ in sounds[1:]), sounds[0][0]))
        if not self._gate == wanted == 1.0:
            gates = _line(self._gate, float(wanted), FADE_IN_S if wanted else FADE_OUT_S, count)
            self._gate = float(gates[-1])
            out = out * _swell(gates)[:, np.newaxis]
        self._voices = [voice for voice in self._voices if voice.share or voice.target]
        if not all(whole for _, whole in sounds):
            self.starved += 1
            out = out * np.linspace(1.0, 0.0, count, dtype=np.float32)[:, np.newaxis]
            self._silence()
        return out

    def _place_of(self, output_ns: int) -> Place:
        """Of a track that has not come out of the limiter yet, when its first frame will be."""
        deck = self._voices[-1].deck
        frame = deck.position - LOOKAHEAD
        coming_ns = max(0, -frame) * NS_PER_S // RATE_HZ
        return Place(deck, max(0, frame), output_ns + coming_ns)


def _line(start: float, target: float, seconds: float, count: int) -> Samples:
    """The way from `start` towards `target`, a full one in `seconds`, after each frame."""
    steps = np.arange(1, count + 1, dtype=np.float64) / (seconds * RATE_HZ)
    way = start + steps if target >= start else start - steps
    low, high = min(start, target), max(start, target)
    return np.asarray(np.clip(way, low, high), np.float64)


def _swell(shares: Samples) -> Samples:
    """Raised cosine: soft at both ends."""
    return np.asarray(np.sin(shares * (np.pi / 2)) ** 2, np.float32)
