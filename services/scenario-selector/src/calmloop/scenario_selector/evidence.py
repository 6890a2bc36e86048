"""What the readings of a face amount to, against this child's own baseline.

Confidence-weighted over a window, with hysteresis, begun anew at each change of verdict; never
the last frame alone. Unknown is a verdict of its own.
"""

from dataclasses import dataclass

from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.messages.session import Evidence
from calmloop.scenario_selector.distress.norms import Norm
from calmloop.scenario_selector.limits import (
    BACK_TO_NEUTRAL,
    CLEARLY,
    HIGH_CONFIDENCE,
    MIN_KNOWN_S,
    MIN_READINGS,
    NEGATIVE_FROM,
    OUTRIGHT_VALENCE,
    POSITIVE_FROM,
    RAISE_CONFIDENCE,
    STRONG_VALENCE,
    UNUSUAL_SPREADS,
    WHOLE_WINDOW_SHARE,
)
from calmloop.scenario_selector.readings import (
    Baseline,
    Readings,
    Summary,
    Visibility,
    frame_of,
    is_older,
)

ANY_SPREAD, ANY_SPREAD_WEIGHT_S = 0.15, 10.0
"""Of the mean valence over a window, before anything is known of the child."""


@dataclass(frozen=True)
class Assessment:
    """What a moment amounts to.

    Attributes:
        evidence: As it is published.
        shifted_from: The verdict before, when this one has just changed; unknown is no verdict.
        is_present: Whether the face is seen and says something.
        lost_for_s: How long it has been lost; 0 while it is seen.
        is_positive_now: Whether the last reading is positive, more than a guess, and still stands.
        is_enough: Whether there is enough evidence for a verdict of its own.
        valence: Weighted mean over the window, -1 to 1, whatever the baseline.
        is_outright_distress: Confident, and far below neutral for a whole window of known time,
            whatever the verdicts within it: needs no baseline.
    """

    evidence: Evidence
    shifted_from: Label | None
    is_present: bool
    lost_for_s: float
    is_positive_now: bool
    is_enough: bool
    valence: float
    is_outright_distress: bool

    @property
    def label(self) -> Label:
        """The verdict."""
        return self.evidence.label

    @property
    def is_confident(self) -> bool:
        """Whether the readings behind it are."""
        return self.evidence.confidence >= HIGH_CONFIDENCE

    @property
    def may_raise(self) -> bool:
        """Whether a step up may fall on this moment: neither on a doubtful face nor on a guess."""
        return self.is_positive_now and self.evidence.confidence >= RAISE_CONFIDENCE

    @property
    def is_strong_distress(self) -> bool:
        """Confident, and far below the baseline or outright."""
        far_below = self.is_enough and self.evidence.valence <= STRONG_VALENCE
        is_sure = self.label is Label.NEGATIVE and self.is_confident
        return self.is_outright_distress or (is_sure and far_below)


class EvidenceObserver:
    """Watches one child: gathers readings, measures the baseline, gives verdicts."""

    def __init__(self, window_s: float, now_s: float) -> None:
        self._window_s = window_s
        self._readings = Readings(window_s)
        self._whole = Readings(window_s / WHOLE_WINDOW_SHARE)
        self._visibility = Visibility(now_s)
        self._measuring: Baseline | None = None
        self._baseline: float | None = None
        self._confirmed = 0.0
        self._usual: Norm | None = None
        self._summary = Summary()
        self._verdict = Label.NEUTRAL
        self._newest: EmotionState | None = None

    @property
    def newest(self) -> EmotionState | None:
        """The reading of the newest frame."""
        return self._newest

    @property
    def baseline(self) -> float | None:
        """This child's valence at rest, once measured."""
        return self._baseline

    @property
    def looks_negative(self) -> bool:
        """Whether the verdict is negative, or the newest reading speaks for it."""
        newest = self._newest.label if self._newest else Label.UNKNOWN
        return Label.NEGATIVE in (self._verdict, newest)

    @property
    def present(self) -> bool:
        """Whether the face counted as seen at the last assessment."""
        return self._visibility.present

    @property
    def seen_s(self) -> float:
        """Known time of the baseline that is being measured."""
        return self._measuring.known_s if self._measuring else 0.0

    def add(self, state: EmotionState, now_s: float) -> bool:
        """Adds a reading at its arrival; True if its frame is the newest so far."""
        self._visibility.add(state, now_s)
        if self._whole.add(state, now_s):
            self._readings.add(state, now_s)
            if self._measuring:
                self._measuring.add(state, now_s)
        if self._newest and is_older(frame_of(state), frame_of(self._newest)):
            return False
        self._newest = state
        return True

    def measure(self, now_s: float) -> None:
        """Begins to measure the baseline."""
        self._measuring = Baseline()
        self.reopen(now_s)

    def learn_calm(self, seconds: float) -> None:
        """What was assessed last is usual for this child: how far its face scatters in calm."""
        if _is_enough(self._summary):
            valence = self._summary.valence
            first = Norm(mean=valence, spread=ANY_SPREAD, weight_s=ANY_SPREAD_WEIGHT_S)
            self._usual = (self._usual or first).seeing(valence, seconds)

    def settle(self) -> None:
        """Makes what was measured the baseline; evidence begins anew."""
        if self._measuring is not None:
            self._baseline = self._measuring.valence
            self._confirmed = self._measuring.confirmed_valence
        self._measuring = None
        self._verdict = Label.NEUTRAL
        self._readings.clear()

    def confirm(self) -> None:
        """A caregiver says that the child usually looks as it did while its rest was measured."""
        if self._baseline is not None:
            self._baseline, self._verdict = self._confirmed, Label.NEUTRAL
            self._readings.clear()

    def reopen(self, now_s: float) -> None:
        """Begins everything but the baseline anew, as after a pause: the face may be gone."""
        self.forget()
        self._visibility = Visibility(now_s)
        self._verdict = Label.NEUTRAL

    def restart(self) -> None:
        """Begins the evidence anew: what was read before says nothing of what comes now."""
        self._readings.clear()

    def forget(self) -> None:
        """Drops the readings held; how long the face has been lost is not forgotten."""
        self._readings.clear()
        self._whole.clear()
        self._visibility.forget()

    def assess(self, now_s: float) -> Assessment:
        """The verdict now; call it once a turn."""
        self._visibility.update(now_s)
        summary = self._summary = self._readings.summary(now_s)
        before = self._verdict
        enough = _is_enough(summary)
        if self._visibility.present and enough:
            self._verdict = self._judge(summary)
        assessment = Assessment(
            evidence=self._evidence(summary),
            shifted_from=before if self._verdict is not before else None,
            is_present=self._visibility.present,
            lost_for_s=self._visibility.lost_for_s(now_s),
            is_positive_now=self._visibility.present and self._readings.is_positive(now_s),
            is_enough=enough,
            valence=summary.valence,
            is_outright_distress=self._visibility.present and self._is_outright(now_s),
        )
        if assessment.shifted_from is not None:
            self._readings.clear()
        return assessment

    def _is_outright(self, now_s: float) -> bool:
        if self._newest is None or self._newest.label is not Label.NEGATIVE:
            return False
        whole = self._whole.summary(now_s)
        is_sure = whole.confidence >= HIGH_CONFIDENCE and whole.valence <= OUTRIGHT_VALENCE
        return is_sure and whole.known_s >= self._window_s

    @property
    def _spread(self) -> float:
        return self._usual.spread if self._usual else ANY_SPREAD

    def _judge(self, summary: Summary) -> Label:
        change = summary.valence - (self._baseline or 0.0)
        rise, fall = min(change, summary.valence), max(change, summary.valence)
        if change >= POSITIVE_FROM and rise >= CLEARLY:
            return Label.POSITIVE
        if change <= min(NEGATIVE_FROM, -UNUSUAL_SPREADS * self._spread) and fall <= -CLEARLY:
            return Label.NEGATIVE
        if self._verdict is Label.POSITIVE and rise > BACK_TO_NEUTRAL:
            return Label.POSITIVE
        if self._verdict is Label.NEGATIVE and fall < -BACK_TO_NEUTRAL:
            return Label.NEGATIVE
        return Label.NEUTRAL

    def _evidence(self, summary: Summary) -> Evidence:
        return Evidence(
            label=self._verdict if self._visibility.present else Label.UNKNOWN,
            valence=summary.valence - (self._baseline or 0.0) if summary.known_s else 0.0,
            confidence=summary.confidence,
            readings=summary.readings,
            unknown=summary.unknown,
            ambiguous=min(1.0, summary.ambiguous),
        )


def _is_enough(summary: Summary) -> bool:
    known = summary.readings - summary.unknown
    return summary.known_s >= MIN_KNOWN_S and known >= MIN_READINGS
