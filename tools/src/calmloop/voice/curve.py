"""How often each kind of sound is called crying, by the threshold; which threshold is taken."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmloop.statistics.wilson import wilson
from calmloop.voice.clips import SoundClip
from calmloop.voice_listener import BLOCK, CryNetwork, Samples, VoiceReader, VoiceReading

CRYING = "crying"
MIN_CALLED, MAX_FALSE = 0.8, 0.05
THRESHOLDS: NDArray[np.float64] = np.round(np.arange(0.01, 1.0, 0.01), 2)
SNRS_DB = (20.0, 10.0, 6.0, 0.0)


@dataclass(frozen=True)
class Share:
    """So many of so many, with the 95 % interval by Wilson (1927)."""

    called: int
    count: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.called / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """0 to 1, where the true share lies in 95 % of cases."""
        low, high = wilson(self.share, self.count)
        return float(low), float(high)


class Scores:
    """The highest score of each clip, kind by kind."""

    def __init__(self, clips: Iterable[SoundClip], network: CryNetwork) -> None:
        self._by_kind: dict[str, list[float]] = defaultdict(list)
        for clip in clips:
            self._by_kind[clip.kind].append(score(clip.samples, network))

    @classmethod
    def of(cls, by_kind: dict[str, list[float]]) -> "Scores":
        """Made of what is known already."""
        scores = cls((), None)  # type: ignore[arg-type]
        scores._by_kind.update(by_kind)
        return scores

    @property
    def kinds(self) -> list[str]:
        """Crying first, then in the order in which they came."""
        return sorted(self._by_kind, key=lambda kind: kind != CRYING)

    def half(self, *, chosen_on: bool) -> "Scores":
        """Every second clip of each kind: those the threshold is chosen on, or the rest."""
        start = 0 if chosen_on else 1
        return Scores.of({kind: scores[start::2] for kind, scores in self._by_kind.items()})

    def called(self, kind: str, threshold: float) -> Share:
        """How many clips of a kind reach the threshold."""
        scores = self._by_kind[kind]
        return Share(sum(value >= threshold for value in scores), len(scores))

    def others_called(self, threshold: float) -> Share:
        """The same of everything that is no crying."""
        shares = [self.called(kind, threshold) for kind in self.kinds if kind != CRYING]
        return Share(sum(s.called for s in shares), sum(s.count for s in shares))


def score(samples: Samples, network: CryNetwork) -> float:
    """The highest that the listener says of a piece of sound, from the first second on."""
    reader = VoiceReader(network, live=False)
    padded = np.concatenate([samples, np.zeros(-len(samples) % BLOCK, np.float32)])
    readings = [reader.read(padded[at : at + BLOCK]) for at in range(0, len(padded), BLOCK)]
    return max(
        (r.crying for r in readings if isinstance(r, VoiceReading) and r.crying is not None),
        default=0.0,
    )


def chosen_threshold(scores: Scores) -> float | None:
    """The middle of the thresholds that keep both bounds; None where none does.

    From the lowest at which no kind is called crying more than MAX_FALSE, to the highest at which
    MIN_CALLED of the crying is.
    """
    good = [
        threshold
        for threshold in THRESHOLDS.tolist()
        if scores.called(CRYING, threshold).share >= MIN_CALLED
        and all(
            scores.called(kind, threshold).share <= MAX_FALSE
            for kind in scores.kinds
            if kind != CRYING
        )
    ]
    return round((good[0] + good[-1]) / 2, 2) if good else None


def mixed(clips: Iterable[SoundClip], around: Samples, snr_db: float) -> list[SoundClip]:
    """The clips with another sound around them, so many dB below, both by root mean square."""
    made = []
    for clip in clips:
        under = np.resize(around, len(clip.samples))
        level = np.sqrt(np.mean(clip.samples**2) / np.mean(under**2)) * 10 ** (-snr_db / 20)
        made.append(SoundClip(clip.kind, clip.name, clip.samples + level * under))
    return made


def thinned(clips: Iterable[SoundClip], max_count: int) -> list[SoundClip]:
    """Of each kind at most so many, from its whole length."""
    by_kind: dict[str, list[SoundClip]] = defaultdict(list)
    for clip in clips:
        by_kind[clip.kind].append(clip)
    return [clip for some in by_kind.values() for clip in some[:: -(-len(some) // max_count)]]
