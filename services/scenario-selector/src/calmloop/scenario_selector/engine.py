"""The scenario engine: at most one session, what starts and ends it, and what it publishes.

Pure: it is handed the clock, the news and the commands, and knows no bus. A refused command
comes back as the reason for refusing it.
"""

import random
from collections.abc import Mapping
from datetime import tzinfo
from functools import partial

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.freshness import Ages, Received
from calmloop.base.tokens import TokenIssuer
from calmloop.base.tracks import TrackLibrary
from calmloop.contract.messages.child import ChildAction, ChildCommand
from calmloop.contract.messages.emotion import EmotionState
from calmloop.contract.messages.face import FaceState
from calmloop.contract.messages.learning import LearningCommand
from calmloop.contract.messages.session import (
    Mode,
    OverrideCommand,
    OverrideState,
    Phase,
    SessionAction,
    SessionCommand,
    SessionState,
)
from calmloop.contract.messages.stimulus import Setpoint
from calmloop.scenario_selector import admission, hearing, overrides, requests
from calmloop.scenario_selector.admission import RefusedError, refusal_of, refuse_if
from calmloop.scenario_selector.bookkeeping import Bookkeeping
from calmloop.scenario_selector.day import moment
from calmloop.scenario_selector.distress.signals import Cue
from calmloop.scenario_selector.lessons import Lessons
from calmloop.scenario_selector.limits import FACE_WITHIN_S, MAX_TURN_S
from calmloop.scenario_selector.plan import Tuning
from calmloop.scenario_selector.playing import SoundShare
from calmloop.scenario_selector.preferences import Preferences
from calmloop.scenario_selector.records import Records
from calmloop.scenario_selector.scenario import Scenario
from calmloop.scenario_selector.senses import SignalInputs
from calmloop.scenario_selector.session import Session
from calmloop.scenario_selector.sitting import Sitting
from calmloop.scenario_selector.surroundings import Surroundings


class Engine:
    """Closes the loop for one chair.

    Attributes:
        surroundings: Where news of the stop and of the chair go.
        senses: Where news of the child go that are not of its face.
        sound: Where news of the sound player go.
        lessons: What was learned of the children.
        tokens: What shows that somebody is present.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ages: Ages,
        library: Mapping[str, Scenario],
        records: Records,
        tuning: Tuning,
        rng: random.Random,
        overrides: OverrideState | None = None,
        zone: tzinfo | None = None,
        tracks: TrackLibrary | None = None,
    ) -> None:
        self.surroundings = Surroundings(clock, ages)
        self.senses = SignalInputs(clock, ages, self.surroundings, self.receive_signal)
        self.sound = SoundShare(ages, tracks)
        self._clock = clock
        self._ages = ages
        self._moment = partial(moment, clock, ages.boot_id, zone)
        self._library = library
        self._records = records
        self._tuning = tuning
        self._preferences = Preferences(records, library, rng)
        self.lessons = Lessons(records, self._preferences, library)
        self._overrides = overrides or OverrideState()
        self.tokens = TokenIssuer(clock)
        self._sitting: Sitting | None = None
        self._frame: EmotionState | None = None
        self._turned_s = monotonic_s(clock)

    def handle_command(self, command: SessionCommand) -> str | None:
        """Obeys a caregiver, or says why not."""
        return refusal_of(lambda: self._obey(command))

    def handle_override(self, command: OverrideCommand) -> str | None:
        """Obeys a caregiver's override, or says why not. Lowering is never refused."""
        return refusal_of(lambda: self._obey_override(command))

    def handle_child(self, command: ChildCommand) -> str | None:
        """Does what the child asks for, or says why not. Less is never refused."""
        return refusal_of(lambda: self._obey_child(command))

    def handle_learning(self, command: LearningCommand) -> str | None:
        """Obeys what a caregiver says of what was learned, or says why not."""
        now = self._moment().at
        return refusal_of(lambda: self.lessons.obey(command, self._sitting, now))

    def forget_child(self, code: str) -> None:
        """It is erased: a rating of its last session must not write anything anew."""
        if self._sitting is not None and self._sitting.session.plan.code == code:
            self._sitting = None
        self.lessons.forget(code)

    def receive_emotion(self, state: EmotionState) -> bool:
        """A reading has come; True if it calls for a setpoint at once."""
        sitting = self._sending
        if sitting is None or not sitting.session.add_reading(state, self._now_s):
            return False
        self._frame = state
        return True

    def receive_face(self, received: Received[FaceState]) -> None:
        """The detector's verdict on one frame has come."""
        self.surroundings.perception.receive_face(received)
        sitting, fresh = self._running, self._ages.age_s(received) <= FACE_WITHIN_S
        if sitting is not None and fresh and sitting.session.plan.mode is Mode.ADAPTIVE:
            sitting.session.watch.see_face(received.message, self._now_s)

    def receive_signal(self, signal: Cue, value: float, at_s: float) -> None:
        """Uses a value of another signal, in the unit of `distress.signals`; none is of later."""
        if self._running is not None:
            self._running.session.add_signal(signal, value, min(at_s, self._now_s))

    def stop(self, reason: str) -> None:
        """Somebody pressed stop: ends the session at once."""
        self.surroundings.note_stop()
        if sitting := self._running:
            sitting.session.stop(reason)
            self._close_if_over(sitting)

    def ease_down(self, reason: str) -> None:
        """Fades the session out and ends it."""
        if sitting := self._running:
            sitting.session.finish(self._now_s, reason)
            self._close_if_over(sitting)

    def forget(self) -> None:
        """Drops every input it holds, since the process was stopped for a while."""
        self.surroundings.forget()
        self._frame = None
        if self._sitting is not None:
            self._sitting.session.forget()

    def turn(self) -> None:
        """Lets time pass until now."""
        now_s = self._now_s
        elapsed_s = min(MAX_TURN_S, now_s - self._turned_s)
        self._turned_s = now_s
        self.tokens.renew_if_due()
        if self.surroundings.less_button.pop():
            self._obey_child(ChildCommand(action=ChildAction.LESS))
        sitting = self._running
        session = sitting.session if sitting else None
        self.sound.turn(elapsed_s, session, now_s, self.senses.rhythm)
        if sitting is not None:
            sitting.turn(now_s, elapsed_s)
            self._close_if_over(sitting)
        else:
            self._preferences.turn()

    @property
    def overrides(self) -> OverrideState:
        """What a caregiver has set."""
        return self._overrides

    def pop_arm_request(self) -> str:
        """The id of a start for which the chair is to be armed, once; else empty."""
        return self._sitting.pop_arm_request() if self._sitting else ""

    def pop_setpoint(self) -> Setpoint | None:
        """What the chair should do now; None when nothing is asked of it.

        The first one after a reading carries the reading's frame.
        """
        sitting = self._sending
        if sitting is None:
            return None
        session = sitting.session
        frame, self._frame = self._frame, None
        stimulus = session.repertoire.player.moved(session.stimulus)
        return Setpoint(
            session_id=session.plan.session_id,
            vibration=stimulus.vibration,
            sound=stimulus.sound,
            light=stimulus.light,
            frame_seq=frame.frame_seq if frame else None,
            captured_ns=frame.captured_ns if frame else None,
        )

    @property
    def state(self) -> SessionState:
        """The session as everyone may see it; after its end, how it ended."""
        sitting = self._sitting
        said = hearing.heard(sitting.session if sitting else None, self.senses.troubles) | {
            "start_token": self.tokens.current,
            "trouble": self._records.trouble[:300],
            "ceiling_pct": self._ceiling_pct,
        }
        if sitting is None:
            return SessionState(phase=Phase.IDLE, **said)
        said["minutes_today"] = sitting.books.minutes_on(self._moment().day)
        return sitting.state(said)

    def _obey(self, command: SessionCommand) -> None:
        sitting = self._running
        match command.action:
            case SessionAction.START:
                self._start(command)
            case SessionAction.RESUME:
                session = sitting.session if sitting else None
                requests.resume(command, session, self.surroundings, self.tokens, self._now_s)
            case SessionAction.ALLOW_CHILD:
                known = (self._library, self._preferences)
                requests.allow_page(command, sitting, *known, self.tokens)
            case SessionAction.DISMISS:
                hearing.dismiss(command, sitting.session if sitting else None, self.tokens)
            case _ if sitting is not None:
                self._conduct(command, sitting)
            case _:
                refuse_if(requests.lost(command))

    def _conduct(self, command: SessionCommand, sitting: Sitting) -> None:
        session, now_s = sitting.session, self._now_s
        match command.action:
            case SessionAction.PAUSE:
                session.pause(now_s, "paused by a caregiver")
            case SessionAction.FINISH:
                sitting.books.remarks = sitting.books.remarks.rated(command.rating)
                session.finish(now_s, "finished by a caregiver")
            case SessionAction.ANSWER:
                requests.answer(command, session.watch, self.tokens)
            case SessionAction.FORBID_CHILD:
                sitting.child.forbid()
        self._close_if_over(sitting)

    def _start(self, command: SessionCommand) -> None:
        if sitting := self._running:
            raise RefusedError(f"a session is {sitting.session.phase.value}: finish it first")
        refuse_if(self.surroundings.start_blocker(command.mode))
        known = (self._library, self._records, self._overrides)
        plan = admission.plan(command, *known, self._moment(), self._preferences)
        books = Bookkeeping(self._records, self._preferences, plan.code, command.rating)
        refuse_if(self.tokens.use(command.token))
        books.save()
        self._frame = None
        self.senses.begin()
        session = Session(plan, self._tuning, self._overrides, self._now_s)
        self._sitting = Sitting(session, books, self.surroundings, self._moment)
        self.lessons.show(session)

    def _obey_child(self, command: ChildCommand) -> None:
        if sitting := self._running:
            sitting.child.obey(command, self._library, self._now_s)
        elif command.action is not ChildAction.LESS:
            raise RefusedError(f"'{command.action}' needs a running session: ask a caregiver")

    def _obey_override(self, command: OverrideCommand) -> None:
        session = self._running.session if self._running else None
        ceiling_pct = self._ceiling_pct
        overrides.check(command, session, self._library, ceiling_pct)
        if overrides.needs_token(command, ceiling_pct):
            refuse_if(self.tokens.use(command.token))
        self._overrides = overrides.after(self._overrides, command)
        if session is not None:
            session.override(self._overrides)
            overrides.carry_out(command, session, self._library, self._now_s)

    def _close_if_over(self, sitting: Sitting) -> None:
        if sitting.is_over:
            sitting.close_books()
            self.lessons.show(sitting.session)

    @property
    def _running(self) -> Sitting | None:
        sitting = self._sitting
        return sitting if sitting is not None and not sitting.is_over else None

    @property
    def _sending(self) -> Sitting | None:
        sitting = self._sitting
        return sitting if sitting is not None and sitting.is_sending else None

    @property
    def _ceiling_pct(self) -> float:
        if sitting := self._running:
            return sitting.session.intensity.ceiling_pct
        own = self._overrides.ceiling_pct
        return 100.0 if own is None else own

    @property
    def _now_s(self) -> float:
        return monotonic_s(self._clock)
