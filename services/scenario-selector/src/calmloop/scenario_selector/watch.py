"""What is seen and heard of the child in the chair, against what is usual for it."""

from collections.abc import Iterator, Mapping

from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.messages.face import FaceState
from calmloop.contract.messages.session import Change
from calmloop.scenario_selector.arrival import Arrival
from calmloop.scenario_selector.control import Control, Reaction, named
from calmloop.scenario_selector.distress.fusion import Fusion
from calmloop.scenario_selector.distress.norms import Norm
from calmloop.scenario_selector.distress.signals import MODELS, Cue
from calmloop.scenario_selector.evidence import Assessment, EvidenceObserver
from calmloop.scenario_selector.identity import Identity
from calmloop.scenario_selector.intensity import Intensity
from calmloop.scenario_selector.limits import REST_SHARE, SUSTAINED_S
from calmloop.scenario_selector.readings import sample_of
from calmloop.scenario_selector.sleep import Sleep


class ChildWatch:
    """Gathers what comes of one child, and reacts to what it amounts to.

    Attributes:
        observer: Of the face: its verdicts, its baseline, whether it is seen.
        fusion: Of all signals: how far they speak for distress.
        arrival: How the child came.
        identity: Whether it is the child who is seen.
        sleep: Whether it has fallen asleep.
        control: What is done about it.
    """

    def __init__(
        self, cycle_s: float, now_s: float, norms: Mapping[Cue, Norm] | None = None
    ) -> None:
        """Begins to watch.

        Args:
            cycle_s: Length of a cycle.
            now_s: Monotonic time in s.
            norms: What is known to be usual for the child.
        """
        self.observer = EvidenceObserver(cycle_s, now_s)
        self.fusion = Fusion(norms)
        self.arrival = Arrival()
        self.identity = Identity()
        self.sleep = Sleep()
        self._is_mixed = False
        self._was_outright = self._usual_outright = False
        self.control = Control(cycle_s, now_s)

    @property
    def question(self) -> str:
        """What a caregiver is asked, one thing at a time: first whose face it is."""
        return self.identity.question or self.arrival.question or self.sleep.question

    @property
    def _is_measured(self) -> bool:
        return self.observer.baseline is not None

    @property
    def is_well_known(self) -> bool:
        """Whether it is the child who is seen, and not upset all along."""
        return not self.arrival.is_upset and not self.identity.is_new

    @property
    def may_go_on(self) -> bool:
        """Whether a scenario may: its next phase may be a stronger one."""
        seen = self.observer.present and not self.fusion.missing
        return seen and self.is_well_known and not self.question and not self.control.is_upset

    @property
    def looks_upset(self) -> bool:
        """Whether the face reads as negative now, and as more so than is usual for the child."""
        newest, norm = self.observer.newest, self.fusion.norm(Cue.FACE)
        spread = max(MODELS[Cue.FACE].min_spread, norm.spread)
        is_unusual = newest is not None and -newest.valence > norm.mean + spread
        return self.observer.looks_negative and is_unusual

    def doubt(self, now_s: float) -> str:
        """What speaks against a rise that is no answer to the face, with what helps; or empty."""
        return next(self._doubts(now_s), "")

    def _doubts(self, now_s: float) -> Iterator[str]:
        if not self.observer.present:
            yield "the face is not seen: ask again once it is"
        if self.looks_upset:
            yield "the face reads as negative: ask again once it does not"
        if not self.fusion.is_calm or self.fusion.speaking or self.control.is_upset:
            yield "the child seemed upset just now: ask again once it is calm"
        if missing := self.fusion.missing:
            yield f"nothing is known of its {', '.join(sorted(missing))} now: ask a caregiver"
        if self.arrival.is_upset:
            yield "the child has looked upset since it arrived: ask a caregiver"
        if self.identity.is_doubtful(now_s):
            yield f"another face was in view: ask again {SUSTAINED_S:g} s after it has gone"
        if self.question:
            yield "a caregiver is asked something: ask again once it is answered"

    def see_face(self, face: FaceState, now_s: float) -> None:
        """Takes the detector's verdict on one frame."""
        self.identity.see(face, now_s)
        self.sleep.see(face.eyes_closed, now_s)

    def add_reading(self, state: EmotionState, now_s: float) -> bool:
        """Adds a reading of the face; True if it is of the newest frame."""
        is_newest = self.observer.add(state, now_s)
        if is_newest and sample_of(state, now_s).known:
            self.fusion.receive(Cue.FACE, -state.valence, now_s)
        return is_newest

    @property
    def usual(self) -> dict[Cue, Norm]:
        """What was usual for the child; nothing if it may have been upset, or another, at rest."""
        doubtful = self.arrival.is_upset or self._is_mixed or not self._is_measured
        return {} if doubtful else self.fusion.norms

    def forget(self) -> None:
        """Drops what it holds; what is usual for the child stays."""
        self.observer.forget()
        self.fusion.forget()

    def restart(self, now_s: float) -> None:
        """Something else plays: what was read before says nothing of it."""
        self.observer.restart()
        self.control.restart(now_s)

    def reopen(self, now_s: float) -> None:
        """It goes on after a pause: the face may be gone."""
        self.observer.reopen(now_s)
        self.identity = Identity()
        self.fusion.clear()
        self.control.reopen(now_s)

    def measure(self, now_s: float) -> None:
        """Begins to measure how the child looks at rest; the face that is seen next is its."""
        self.observer.measure(now_s)
        self.identity = Identity()
        self.fusion.clear()

    def settle(self, now_s: float) -> None:
        """What was seen until now is usual for the child; or it may have come upset."""
        self.observer.settle()
        self.control.restart(now_s)
        baseline = self.observer.baseline or 0.0
        known = self.fusion.norms.get(Cue.FACE)
        self.arrival.settle(baseline, None if known is None else -known.mean)
        if known is None:
            model = MODELS[Cue.FACE]
            mean, spread = model.usual(-baseline), model.prior.spread
            self.fusion.norms[Cue.FACE] = Norm(mean=mean, spread=spread, weight_s=30.0)

    def answer(self, *, upset: bool) -> None:
        """A caregiver says whether the child arrived upset or usually looks so."""
        if self.arrival.question and not upset:
            self.observer.confirm()
            self.fusion.confirm_face(self.observer.baseline or 0.0)
            self._usual_outright = self._was_outright
        self.arrival.answer(upset=upset)

    def react(
        self,
        seen: Assessment,
        intensity: Intensity,
        now_s: float,
        elapsed_s: float,
        *,
        held: bool,
        closing: bool = False,
    ) -> Reaction:
        """Moves the intensity by what all signals say, and learns what is usual while it is calm.

        Args:
            seen: What the face shows.
            intensity: What is moved.
            now_s: Monotonic time in s.
            elapsed_s: Since the last call.
            held: A caregiver holds the intensity.
            closing: The session is about to end: nothing rises.
        """
        unusual = self._is_measured and seen.label is Label.NEGATIVE
        self.fusion.turn(now_s, elapsed_s, unusual=unusual, usual_rest=not self.arrival.is_upset)
        self.identity.turn(now_s)
        self.arrival.turn(elapsed_s)
        self.sleep.turn(self.fusion.value(Cue.MOVEMENT, now_s), now_s, elapsed_s)
        if self.identity.is_new:
            self._is_mixed |= not self._is_measured
        if not self.is_well_known:
            self.control.hold_back(now_s)
        self._was_outright = seen.is_outright_distress
        if why := self._distress(seen):
            self.control.evidence = seen.evidence
            intensity.explain(Change.HALTED, why)
            return Reaction.HALT
        reaction = self.control.react(
            seen,
            self.fusion,
            intensity,
            now_s,
            elapsed_s,
            held=held,
            unusual=unusual,
            may_raise=self._is_measured and self.is_well_known and not closing,
        )
        self._learn(elapsed_s)
        return reaction

    def _distress(self, seen: Assessment) -> str | None:
        """Why the child is in distress that halts; None if it is not.

        Until it is known how the child looks at rest, a face has to be outright distress.
        """
        when = "" if self._is_measured else " in the baseline"
        if seen.is_outright_distress and not self._usual_outright:
            return f"strong distress{when}: confident and far below neutral"
        slow, knows_face = self.fusion.slow, Cue.FACE in self.fusion.norms
        counts = knows_face and not self.arrival.awaits_answer
        if not (slow.is_over_without_face or (counts and slow.is_over)):
            return None
        kind = "strong" if seen.is_strong_distress else "lasting"
        return f"{kind} distress{when}, by {named(self.fusion)}"

    def _learn(self, elapsed_s: float) -> None:
        """What is seen in calm is usual for the child; before, its body at least."""
        if self.identity.is_new:
            return
        if not self._is_measured or self.fusion.slow.share < REST_SHARE:
            self.fusion.note_rest(elapsed_s)
        if not self._is_measured:
            self.observer.learn_calm(elapsed_s)
            if not self.fusion.is_upset:
                self.fusion.learn_calm(elapsed_s, face=False)
        elif self.is_well_known:
            self._learn_in_calm(elapsed_s)

    def _learn_in_calm(self, elapsed_s: float) -> None:
        """How far the face scatters is learned by the face alone.

        A signal that lies of distress must not keep a later verdict on the face from coming.
        """
        if self.fusion.is_face_calm and not self.observer.looks_negative:
            self.observer.learn_calm(elapsed_s)
        if self.control.is_calm and self.fusion.is_calm:
            self.fusion.learn_calm(elapsed_s, face=self.fusion.is_at_rest)
