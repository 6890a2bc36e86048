"""What a child's face does to the intensity: the algorithm of section 7 of the main paper.

Neutral changes nothing. Positive raises it slowly, negative lowers it at once, distress halts,
and a face that is not seen eases it to zero.
"""

from enum import StrEnum

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, Evidence
from calmloop.scenario_selector.evidence import Assessment
from calmloop.scenario_selector.intensity import Intensity
from calmloop.scenario_selector.limits import (
    EASED_BY_S,
    LASTING_CYCLES,
    SHIFT_STANDS_S,
    SUSTAINED_S,
)


class Reaction(StrEnum):
    """What the session has to do about it."""

    GO_ON = "go_on"
    REASSESS = "reassess"
    """A cycle is over: the scenarios may be weighed again."""
    PAUSE = "pause"
    HALT = "halt"


class Adaptation:
    """The cycles of one session."""

    def __init__(self, cycle_s: float, now_s: float) -> None:
        self._cycle_s = cycle_s
        self._cycle_ends_s = now_s + cycle_s
        self._raised_at_s = float("-inf")
        self._sustained_from_s: float | None = None
        self._shift_answerable_until_s = float("-inf")
        self._left_down_until_s = float("-inf")
        self._negative_run = 0
        self.cycle = 0
        self.evidence: Evidence | None = None

    @property
    def raised_at_s(self) -> float:
        """When the last step up was, whoever made it."""
        return self._raised_at_s

    def restart(self, now_s: float) -> None:
        """Something else plays now: begins a new cycle, and nothing is sustained yet."""
        self._forget_positive()
        self._cycle_ends_s = now_s + self._cycle_s

    def leave_down(self, now_s: float) -> None:
        """A caregiver lowered it: the engine does not raise it again for a while."""
        self._left_down_until_s = now_s + SUSTAINED_S
        self._forget_positive()

    def note_raise(self, now_s: float) -> None:
        """It was raised, by whomever: the engine does not raise it again for a while."""
        self._raised_at_s = now_s
        self._forget_positive()

    def react(
        self, seen: Assessment, intensity: Intensity, now_s: float, held: bool = False
    ) -> Reaction:
        """Moves the intensity by what is seen now.

        Args:
            seen: The assessment of this turn.
            intensity: What is moved.
            now_s: Monotonic time in s.
            held: A caregiver holds the intensity: only distress and a lost face change it.
        """
        if seen.is_strong_distress:
            below = "neutral" if seen.is_outright_distress else "baseline"
            return self._halt(seen, intensity, f"strong distress: confident and far below {below}")
        if held or seen.label is not Label.POSITIVE:
            self._forget_positive()
        if seen.label is Label.NEGATIVE and seen.shifted_from is not None:
            self._turn_negative(seen, intensity, now_s, held)
            return Reaction.REASSESS
        if seen.label is Label.POSITIVE and not held:
            self._reward_positive(seen, intensity, now_s)
        return self._finish_cycle(seen, intensity, now_s, held)

    def watch_baseline(self, seen: Assessment, intensity: Intensity) -> Reaction:
        """Looks out for outright distress, which alone counts while the baseline is measured."""
        if not seen.is_outright_distress:
            return Reaction.GO_ON
        reason = "strong distress in the baseline: confident and far below neutral"
        return self._halt(seen, intensity, reason)

    def _halt(self, seen: Assessment, intensity: Intensity, reason: str) -> Reaction:
        self.evidence = seen.evidence
        intensity.explain(Change.HALTED, reason)
        return Reaction.HALT

    def _turn_negative(
        self, seen: Assessment, intensity: Intensity, now_s: float, held: bool
    ) -> None:
        self._begin_cycle(seen, now_s)
        self._negative_run = 0
        if not held:
            intensity.lower_step(Change.NEGATIVE, "the face turned negative: one step down at once")

    def _forget_positive(self) -> None:
        self._sustained_from_s = None
        self._shift_answerable_until_s = float("-inf")

    def _reward_positive(self, seen: Assessment, intensity: Intensity, now_s: float) -> None:
        sustained_s = self._sustain(seen, now_s)
        if not seen.may_raise:
            return
        answers_shift = now_s <= self._shift_answerable_until_s
        self._shift_answerable_until_s = float("-inf")
        if not self._has_rested(now_s):
            return
        if answers_shift:
            self._raise(seen, intensity, Change.POSITIVE_SHIFT, "the face turned positive", now_s)
        elif seen.is_confident and sustained_s >= SUSTAINED_S:
            reason = f"positive with confidence for {SUSTAINED_S:g} s"
            self._raise(seen, intensity, Change.POSITIVE_SUSTAINED, reason, now_s)

    def _sustain(self, seen: Assessment, now_s: float) -> float:
        """For how long it has been positive with confidence and without a break, in s."""
        shifted = seen.shifted_from is not None
        doubtful = seen.is_enough and not seen.is_confident
        if shifted or doubtful or self._sustained_from_s is None:
            self._sustained_from_s = now_s
        if shifted:
            self._shift_answerable_until_s = now_s + SHIFT_STANDS_S
        return now_s - self._sustained_from_s

    def _has_rested(self, now_s: float) -> bool:
        """Whether the last step up, and a caregiver's step down, are long enough ago."""
        raised_ago_s = now_s - self._raised_at_s
        return raised_ago_s >= SUSTAINED_S and now_s >= self._left_down_until_s

    def _raise(
        self, seen: Assessment, intensity: Intensity, change: Change, why: str, now_s: float
    ) -> None:
        self._sustained_from_s = now_s
        self.evidence = seen.evidence
        if intensity.raise_step(change, f"{why}: one small step up"):
            self.note_raise(now_s)

    def _finish_cycle(
        self, seen: Assessment, intensity: Intensity, now_s: float, held: bool
    ) -> Reaction:
        if now_s < self._cycle_ends_s:
            return Reaction.GO_ON
        self._begin_cycle(seen, now_s)
        if seen.label in (Label.NEUTRAL, Label.POSITIVE):
            self._negative_run = 0
        elif seen.label is Label.NEGATIVE:
            self._negative_run += 1
            if self._negative_run >= LASTING_CYCLES:
                reason = f"lasting distress: {LASTING_CYCLES} negative cycles in a row"
                return self._halt(seen, intensity, reason)
            if not held:
                intensity.lower_step(Change.NEGATIVE, "still negative: another step down")
        return Reaction.REASSESS

    def _begin_cycle(self, seen: Assessment, now_s: float) -> None:
        self.cycle += 1
        self.evidence = seen.evidence
        self._cycle_ends_s = now_s + self._cycle_s


def ease_unseen(seen: Assessment, intensity: Intensity, elapsed_s: float) -> Reaction:
    """Holds, then eases to zero, then pauses, while the face is not seen."""
    intensity.ease(seen.lost_for_s, elapsed_s)
    return Reaction.PAUSE if seen.lost_for_s >= EASED_BY_S else Reaction.GO_ON
