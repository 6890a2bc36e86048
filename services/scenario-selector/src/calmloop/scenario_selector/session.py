"""One session of one child: its phases, from the armed chair to the soft end.

A pure state machine: it is handed the time and knows neither bus nor chair.
"""

from calmloop.contract.messages.emotion import EmotionState
from calmloop.contract.messages.session import Change, Mode, OverrideState, Phase
from calmloop.scenario_selector.caps import capped, levels_of
from calmloop.scenario_selector.control import Reaction, ease_unseen
from calmloop.scenario_selector.course import Course, way_s
from calmloop.scenario_selector.distress.norms import Norm
from calmloop.scenario_selector.distress.signals import Cue
from calmloop.scenario_selector.evidence import Assessment
from calmloop.scenario_selector.intensity import Intensity
from calmloop.scenario_selector.learning.choice import Choice
from calmloop.scenario_selector.learning.outcome import Outcome, distress_of
from calmloop.scenario_selector.limits import (
    BASELINE_SEEN_SHARE,
    EASED_BY_S,
    MAX_BASELINE_S,
    MAX_PAUSE_S,
)
from calmloop.scenario_selector.outputs import Stimulus
from calmloop.scenario_selector.plan import Plan, Tuning
from calmloop.scenario_selector.player import Drive
from calmloop.scenario_selector.repertoire import Repertoire
from calmloop.scenario_selector.scenario import Scenario
from calmloop.scenario_selector.watch import ChildWatch

WHO = {Change.CAREGIVER: "a caregiver", Change.CHILD: "the child"}
AWAKE = frozenset({Phase.BASELINE, Phase.RUNNING, Phase.MANUAL})
"""Phases in which the child feels something and the planned minutes pass."""


class Session:
    """From STARTING to IDLE, once."""

    def __init__(self, plan: Plan, tuning: Tuning, overrides: OverrideState, now_s: float) -> None:
        self.plan = plan
        self.phase, self.phase_began_s = Phase.STARTING, now_s
        self.distress = False
        self.lowered_s = float("-inf")
        self._tuning = tuning
        self._overrides = overrides
        self.outcome = Outcome()
        self.watch = ChildWatch(tuning.cycle_s, now_s, plan.chooser.learned.norms)
        levels, warm_up_s = plan.chooser.learned.levels, way_s(plan.minutes, tuning.warm_up_s)
        self._course = Course(plan.minutes, warm_up_s)
        how = (plan.allowed, plan.choice, plan.chooser, tuning.min_dwell_s)
        self.repertoire = Repertoire(*how, lambda: self._course.open_s)
        self.intensity = Intensity(tuning.steps, self._ceiling_pct, levels, warm_up_s)
        self.is_warm_up_held = False
        self.intensity.explain(Change.NONE, "waiting for the chair to arm")
        self.override(overrides)

    @property
    def stimulus(self) -> Stimulus:
        """The levels, before anything of it moves; what upsets a child is remembered by these."""
        off = {*self.plan.profile.excluded_channels, *self._overrides.channels_off}
        level, player = self.intensity, self.repertoire.player
        drive = Drive(level.level_pct, level.gain, frozenset(off), level.dimming)
        return capped(player.stimulus(drive), self.plan.profile, level.channels.caps)

    @property
    def is_felt(self) -> bool:
        """Whether the child may feel something: in a pause, until it has faded."""
        return self.phase in AWAKE or not self.intensity.is_silent

    @property
    def is_blind(self) -> bool:
        """Whether it goes by a face that it does not see now."""
        return self.plan.mode is Mode.ADAPTIVE and not self.watch.observer.present

    @property
    def usual(self) -> dict[Cue, Norm]:
        """What it taught of the child's calm: nothing when it was halted or stopped."""
        abrupt = self.intensity.change is Change.STOPPED
        return {} if self.distress or abrupt else self.watch.usual

    @property
    def is_held(self) -> bool:
        """Whether a caregiver holds the intensity."""
        return self._overrides.hold

    @property
    def is_closing(self) -> bool:
        """Whether it is on its way to its planned end."""
        return self._course.is_closing

    @property
    def minutes_left(self) -> float:
        """Of the planned ones."""
        return self._course.minutes_left

    # --- what others do to it ---------------------------------------------------------------

    def begin(self, now_s: float) -> None:
        """The chair is armed: goes to the lowest level, or warms up to it."""
        self.intensity.begin(Change.STARTED, "started: the level of a start at most")
        self._wake(now_s)

    def add_reading(self, state: EmotionState, now_s: float) -> bool:
        """Adds a reading; True if it is of the newest frame, and a camera is used at all."""
        return self.plan.mode is Mode.ADAPTIVE and self.watch.add_reading(state, now_s)

    def add_signal(self, signal: Cue, value: float, now_s: float) -> None:
        """Adds a value of another signal."""
        if self.plan.mode is Mode.ADAPTIVE:
            self.watch.fusion.receive(signal, value, now_s)

    def forget(self) -> None:
        """Drops the readings it holds."""
        self.watch.forget()

    def pause(self, now_s: float, reason: str) -> None:
        """Fades to zero and waits; a pause while starting ends the start."""
        if self.phase in AWAKE:
            self._enter(Phase.PAUSED, now_s)
            self.intensity.fade_out(Change.PAUSED, reason)
        elif self.phase is Phase.STARTING:
            self.end(Change.STOPPED, reason)

    def resume(self, now_s: float) -> None:
        """Fades in again from a pause, at the level of a start at most."""
        self.intensity.fade_in(Change.RESUMED, "resumed by a caregiver, no higher than at a start")
        self._wake(now_s)

    def finish(self, now_s: float, reason: str, change: Change = Change.CLOSING) -> None:
        """Fades out softly and ends."""
        if self.phase is Phase.STARTING:
            self.end(change, reason)
        elif self.phase not in (Phase.CLOSING, Phase.IDLE):
            self._enter(Phase.CLOSING, now_s)
            self.intensity.fade_out(change, reason)

    def end(self, change: Change, reason: str) -> None:
        """Ends at once: nothing is asked of the chair any more."""
        self.phase = Phase.IDLE
        self.intensity.cut(change, reason)

    def stop(self, reason: str) -> None:
        """Ends at once; a fade that had begun keeps its own reason."""
        if self.phase is Phase.CLOSING:
            self.end(self.intensity.change, self.intensity.reason)
        else:
            self.end(Change.STOPPED, reason)

    def raise_step(self, now_s: float, by: Change = Change.CAREGIVER) -> bool:
        """One small step up by a person; the engine adds none for a while. False: no higher."""
        if raised := self.intensity.raise_step(by, f"one step up by {WHO[by]}"):
            self.watch.control.note_raise(now_s)
        return raised

    def lower_step(self, now_s: float, by: Change = Change.CAREGIVER) -> None:
        """One step down by a person; the engine leaves it there for a while."""
        self.watch.control.leave_down(now_s)
        if by is Change.CAREGIVER:
            self.lowered_s = now_s
        elif self.phase in AWAKE and self.intensity.level_pct > 0.0:
            self.outcome.lessen(self.repertoire.name)
        if self.phase in AWAKE:
            self.intensity.lower_step(by, f"one step down by {WHO[by]}")
        elif self.phase in (Phase.STARTING, Phase.PAUSED):
            why = f"{WHO[by]} lowered the level that it goes on at by one step"
            self.intensity.lower_beginning(by, why)

    def override(self, overrides: OverrideState) -> None:
        """Obeys what a caregiver has set."""
        self._overrides = overrides
        self.repertoire.fixed = overrides.hold or overrides.scenario is not None
        self.intensity.set_ceiling(self._ceiling_pct, "a caregiver lowered the ceiling")

    def skip(self, now_s: float) -> None:
        """Goes to the scenario's next phase, or after the last on to another scenario."""
        if self.repertoire.skip():
            self._start_over(now_s)

    def play(self, scenario: Scenario, now_s: float, by: Change = Change.CAREGIVER) -> None:
        """Goes over to the scenario that a person names."""
        named = Choice(scenario, f"named by {WHO[by]}", self.repertoire.choice.scores)
        if self.repertoire.play(named):
            if by is Change.CHILD:
                self.intensity.explain(by, f"{WHO[by]} chose '{scenario.title}'")
            self._start_over(now_s, by)

    # --- what time does to it ---------------------------------------------------------------

    def turn(self, now_s: float, elapsed_s: float) -> None:
        """Lets `elapsed_s` pass until `now_s`."""
        self.intensity.advance(elapsed_s, may_rise=self._may_rise(now_s))
        if self.phase in AWAKE:
            self._be_awake(now_s, elapsed_s)
        elif self.phase is Phase.PAUSED and now_s - self.phase_began_s >= MAX_PAUSE_S:
            self.finish(now_s, f"paused for {MAX_PAUSE_S / 60:g} min: finished")
        elif self.phase is Phase.CLOSING and self.intensity.is_silent:
            self.end(self.intensity.change, self.intensity.reason)

    def _be_awake(self, now_s: float, elapsed_s: float) -> None:
        self._follow_course(now_s, elapsed_s)
        if self._course.is_over:
            self.finish(now_s, self._course.reason, self._course.change)
        elif self.phase is Phase.MANUAL:
            self._note(None, elapsed_s)
            self._play_on(now_s, elapsed_s)
        else:
            self._attend(self.watch.observer.assess(now_s), now_s, elapsed_s)

    def _follow_course(self, now_s: float, elapsed_s: float) -> None:
        course, was_closing = self._course, self._course.is_closing
        course.turn(elapsed_s)
        if self.watch.sleep.is_asleep:
            course.doze()
        if course.is_closing and not was_closing:
            self.intensity.explain(course.change, "the end is near: fading to zero")
        self.intensity.share = course.share
        if self._may_rise(now_s) and not (course.is_closing or self.is_warm_up_held):
            self.intensity.warm_up(elapsed_s)

    def _may_rise(self, now_s: float) -> bool:
        """Whether the way in may go on, at a start as after a pause: not in doubt of the child."""
        return self.plan.mode is not Mode.ADAPTIVE or not self.watch.doubt(now_s)

    def _note(self, distress: float | None, elapsed_s: float) -> None:
        """What the session brings the child: `distress` is 0 to 1, None while it is not known."""
        if self.phase is Phase.BASELINE:
            self.outcome.arrive(distress, elapsed_s)
        else:
            felt_pct = self.intensity.level_pct * self.intensity.gain
            self.outcome.see(self.repertoire.name, distress, felt_pct, elapsed_s)

    def _attend(self, seen: Assessment, now_s: float, elapsed_s: float) -> None:
        self._note(distress_of(seen.valence) if seen.is_enough else None, elapsed_s)
        if ease_unseen(seen, self.intensity, elapsed_s) is Reaction.PAUSE:
            self.pause(now_s, f"the face has not been seen for {EASED_BY_S:g} s")
            return
        how = {"held": self.is_held, "closing": self.is_closing}
        reaction = self.watch.react(seen, self.intensity, now_s, elapsed_s, **how)
        calm = self.watch.control.is_calm
        self.intensity.channels.see(levels_of(self.stimulus), elapsed_s, calm=calm)
        if reaction is Reaction.HALT:
            self._halt(now_s)
        elif self.phase is Phase.BASELINE:
            self.repertoire.player.dwell(elapsed_s)
            self._measure(seen, now_s)
        else:
            self._go_on(reaction, now_s, elapsed_s)

    def _measure(self, seen: Assessment, now_s: float) -> None:
        baseline_s = self._tuning.baseline_s
        passed_s, seen_s = now_s - self.phase_began_s, self.watch.observer.seen_s
        seen_enough = seen_s >= BASELINE_SEEN_SHARE * baseline_s
        if passed_s >= baseline_s and seen_enough and seen.is_present:
            self.repertoire.arrival = self.outcome.arrival()
            self.watch.settle(now_s)
            self._enter(Phase.RUNNING, now_s)
        elif passed_s >= MAX_BASELINE_S:
            self.pause(now_s, "the face was seen too little to measure a baseline")

    def _go_on(self, reaction: Reaction, now_s: float, elapsed_s: float) -> None:
        if reaction is Reaction.REASSESS:
            self.repertoire.reassess(upset=self.watch.control.is_upset)
        self._play_on(now_s, elapsed_s, dwells=not self.watch.may_go_on)

    def _halt(self, now_s: float) -> None:
        """Distress: fades out for the reason that was given."""
        self.distress = True
        self.outcome.halt(self.repertoire.name)
        self.finish(now_s, self.intensity.reason, Change.HALTED)

    def _play_on(self, now_s: float, elapsed_s: float, *, dwells: bool = False) -> None:
        """Lets the scenario go on, but for the times in which nothing may rise."""
        if dwells or self.is_held or self.is_closing:
            self.repertoire.player.dwell(elapsed_s)
        elif self.repertoire.advance(elapsed_s):
            self._start_over(now_s)

    def _start_over(self, now_s: float, by: Change = Change.CAREGIVER) -> None:
        """Another scenario plays: its evidence begins anew, at the lowest level at most."""
        self.watch.restart(now_s)
        change = Change.CHILD if by is Change.CHILD else Change.SCENARIO
        title = self.repertoire.player.scenario.title
        self.intensity.settle(change, f"'{title}' begins at the level of a start")

    def _wake(self, now_s: float) -> None:
        if self.plan.mode is Mode.MANUAL:
            self._enter(Phase.MANUAL, now_s)
        elif self.watch.observer.baseline is None:
            self.watch.measure(now_s)
            self._enter(Phase.BASELINE, now_s)
        else:
            self.watch.reopen(now_s)
            self._enter(Phase.RUNNING, now_s)

    def _enter(self, phase: Phase, now_s: float) -> None:
        self.phase, self.phase_began_s = phase, now_s

    @property
    def _ceiling_pct(self) -> float:
        own, profile_pct = self._overrides.ceiling_pct, self.plan.profile.ceiling_pct
        return profile_pct if own is None else min(own, profile_pct)
