"""What the signals do to the intensity: section 7 of the main paper, in two tiers.

Neutral changes nothing, positive raises it slowly, negative lowers it or halts. Lowering is quick
and taken back once the child is calm again; halting is slow and sure. What cannot be seen holds,
then eases to zero.
"""

from enum import StrEnum

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, Evidence
from calmloop.scenario_selector.distress.fusion import Fusion
from calmloop.scenario_selector.distress.signals import Cue
from calmloop.scenario_selector.evidence import Assessment
from calmloop.scenario_selector.intensity import Intensity
from calmloop.scenario_selector.limits import (
    AFTER_ALARM_S,
    AFTER_FALSE_SHARE,
    CALM_UNSEEN_S,
    DOWN_SHARES,
    EASED_BY_S,
    LASTING_STEPS,
    RECOVERY_S,
    SETTLED_SHARE,
    SHIFT_STANDS_S,
    SUSTAINED_S,
)
from calmloop.scenario_selector.upset import Upset


class Reaction(StrEnum):
    """What the session has to do about it."""

    GO_ON = "go_on"
    REASSESS = "reassess"
    """A cycle is over: what it brought is counted."""
    PAUSE = "pause"
    HALT = "halt"


class Control:
    """The cycles of one session.

    Attributes:
        cycle: How many there were.
        evidence: Of the face, at the last change or end of a cycle.
    """

    def __init__(self, cycle_s: float, now_s: float) -> None:
        self._cycle_s = cycle_s
        self._cycle_ends_s = now_s + cycle_s
        self._raised_at_s = float("-inf")
        self._sustained_from_s: float | None = None
        self._shift_answerable_until_s = float("-inf")
        self._left_down_until_s = float("-inf")
        self._upset = Upset()
        self._upset_at_s = float("-inf")
        self._calm_s = self._unseen_s = 0.0
        self.cycle = self._false_alarms = 0
        self.evidence: Evidence | None = None

    @property
    def raised_at_s(self) -> float:
        """When the last step up was, whoever made it."""
        return self._raised_at_s

    @property
    def is_upset(self) -> bool:
        """Whether the quick tier has spoken, and the child has not settled since."""
        return self._upset.steps > 0

    @property
    def is_calm(self) -> bool:
        """Whether it is calm for long enough to learn what is usual for the child."""
        return self._calm_s > 0.0

    def restart(self, now_s: float) -> None:
        """Something else plays now: begins a new cycle, and nothing is sustained yet."""
        self._forget_positive()
        self._cycle_ends_s = now_s + self._cycle_s

    def reopen(self, now_s: float) -> None:
        """It goes on after a pause, with somebody present: what was before is over."""
        self.restart(now_s)
        self._upset, self._calm_s = Upset(), 0.0

    def leave_down(self, now_s: float) -> None:
        """A caregiver lowered it: the engine does not raise it again for a while."""
        self._left_down_until_s = now_s + SUSTAINED_S
        self._forget_positive()

    def hold_back(self, now_s: float) -> None:
        """Somebody else may be seen: what is calm or positive about it counts for nothing."""
        self.leave_down(now_s)
        self._calm_s = 0.0

    def note_raise(self, now_s: float) -> None:
        """It was raised, by whomever: the engine does not raise it again for a while."""
        self._raised_at_s = now_s
        self._forget_positive()

    def react(
        self,
        seen: Assessment,
        distress: Fusion,
        intensity: Intensity,
        now_s: float,
        elapsed_s: float,
        *,
        held: bool = False,
        unusual: bool = False,
        may_raise: bool = True,
    ) -> Reaction:
        """Moves the intensity by what is known now.

        Args:
            seen: What the face shows.
            distress: What all signals say, itself among them.
            intensity: What is moved.
            now_s: Monotonic time in s.
            elapsed_s: Since the last call.
            held: A caregiver holds the intensity: only a halt and a lost face change it.
            unusual: The face is more negative than is usual for the child.
            may_raise: Whether anything may.
        """
        if held or seen.label is not Label.POSITIVE or not distress.is_calm:
            self._forget_positive()
        if distress.is_upset or unusual:
            return self._be_upset(seen, distress, intensity, now_s, held, unusual)
        self._settle(distress)
        self._count_calm(seen, distress, elapsed_s)
        if may_raise and not held:
            self._raise_if_calm(seen, distress, intensity, now_s)
        return self._finish_cycle(seen, now_s)

    def _raise_if_calm(
        self, seen: Assessment, distress: Fusion, intensity: Intensity, now_s: float
    ) -> None:
        calm = distress.is_calm and distress.is_at_rest and not self.is_upset
        if distress.missing or not calm or not seen.is_present:
            return
        self._recover(distress, intensity, now_s)
        if seen.label is Label.POSITIVE and not distress.speaking:
            self._reward_positive(seen, intensity, now_s)

    def _be_upset(
        self,
        seen: Assessment,
        distress: Fusion,
        intensity: Intensity,
        now_s: float,
        held: bool,
        unusual: bool,
    ) -> Reaction:
        """One small step down at once, and another, larger one in each cycle for which it lasts."""
        upset = self._upset
        if not upset.steps:
            upset.calm_before_s = self._calm_s
        self._calm_s = 0.0
        self._upset_at_s = now_s
        upset.agreed |= distress.is_agreed
        upset.by_face |= distress.is_upset_by_face
        at_once = not upset.steps or (unusual and not upset.whole)
        if now_s < self._cycle_ends_s and not at_once:
            return Reaction.GO_ON
        upset.whole |= unusual
        self._begin_cycle(seen, now_s)
        self._note_what_upset_it(distress, intensity)
        if not held:
            still = "still " if upset.steps else ""
            intensity.lower_step(
                Change.NEGATIVE,
                f"{still}upset, by {named(distress)}",
                1.0 if unusual else self._share(upset.steps),
            )
        upset.steps += 1
        return Reaction.REASSESS

    def _share(self, steps: int) -> float:
        """Of a step down, the first one being no larger than such first steps were worth."""
        share = DOWN_SHARES[min(steps, len(DOWN_SHARES) - 1)]
        return min(share, AFTER_FALSE_SHARE) if self._false_alarms and not steps else share

    def _note_what_upset_it(self, distress: Fusion, intensity: Intensity) -> None:
        """What was felt at the first step, once it lasts while something speaks."""
        upset = self._upset
        if upset.steps == 0:
            upset.suspect = intensity.suspect
            return
        lasts = upset.whole or upset.steps >= LASTING_STEPS
        if lasts and upset.agreed and distress.speaking and upset.suspect is not None:
            intensity.note_upsetting(upset.suspect)

    def _settle(self, distress: Fusion) -> None:
        """The child may have settled; not while its face is hidden."""
        upset, hidden = self._upset, Cue.FACE not in distress.said
        if not upset.steps or hidden or distress.fast.share > SETTLED_SHARE:
            return
        if upset.steps == 1 and not upset.agreed:
            self._note_false_alarm(distress)
        self._upset = Upset()

    def _note_false_alarm(self, distress: Fusion) -> None:
        """One signal spoke for a step down, and the child settled before another one."""
        upset = self._upset
        if upset.by_face:
            distress.note_false_alarm()
        if not upset.whole:
            if self._false_alarms:
                self._calm_s = min(upset.calm_before_s, RECOVERY_S - AFTER_ALARM_S)
            self._false_alarms += 1

    def _count_calm(self, seen: Assessment, distress: Fusion, elapsed_s: float) -> None:
        """Counts it since the last step down; a moment in which something is unknown does not."""
        known = seen.is_present and not distress.missing
        self._unseen_s = 0.0 if Cue.FACE in distress.said else self._unseen_s + elapsed_s
        if self._unseen_s >= CALM_UNSEEN_S:
            self._calm_s = 0.0
        elif known and not self.is_upset and distress.fast.share <= SETTLED_SHARE:
            self._calm_s += elapsed_s

    def _recover(self, distress: Fusion, intensity: Intensity, now_s: float) -> None:
        """A step back up, unless nothing but the face says that the child is calm."""
        rested = distress.is_seconded and not distress.speaking and self._has_rested(now_s)
        if self._calm_s < RECOVERY_S or not rested:
            return
        self._calm_s = 0.0
        why = f"calm for {RECOVERY_S:g} s: a step back up"
        if intensity.recover_step(Change.RECOVERED, why):
            self.note_raise(now_s)

    def _forget_positive(self) -> None:
        self._sustained_from_s = None
        self._shift_answerable_until_s = float("-inf")

    def _reward_positive(self, seen: Assessment, intensity: Intensity, now_s: float) -> None:
        sustained_s = self._sustain(seen, now_s)
        if not seen.may_raise or now_s - self._upset_at_s < RECOVERY_S:
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

    def _finish_cycle(self, seen: Assessment, now_s: float) -> Reaction:
        if now_s < self._cycle_ends_s:
            return Reaction.GO_ON
        self._begin_cycle(seen, now_s)
        return Reaction.REASSESS

    def _begin_cycle(self, seen: Assessment, now_s: float) -> None:
        self.cycle += 1
        self.evidence = seen.evidence
        self._cycle_ends_s = now_s + self._cycle_s


def ease_unseen(seen: Assessment, intensity: Intensity, elapsed_s: float) -> Reaction:
    """Holds, then eases to zero, then pauses, while the face is not seen."""
    intensity.ease(seen.lost_for_s, elapsed_s)
    return Reaction.PAUSE if seen.lost_for_s >= EASED_BY_S else Reaction.GO_ON


def named(distress: Fusion) -> str:
    """The signals that speak for distress, loudest first."""
    return ", ".join(signal.value for signal in distress.speaking) or "what came before"
