"""The engine on the bus: the only module here that knows it."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date

from calmloop.base.clock import monotonic_s
from calmloop.base.errors import NotConnectedError
from calmloop.base.freshness import MessageT, Received
from calmloop.contract import house_topics, topics
from calmloop.contract.messages.base import Command
from calmloop.contract.messages.caregiver import CaregiverPresence
from calmloop.contract.messages.chair import ArmRequest, ChairState
from calmloop.contract.messages.child import ChildCommand
from calmloop.contract.messages.emotion import EmotionState
from calmloop.contract.messages.house import HouseCommand
from calmloop.contract.messages.learning import LearningCommand, LearningState
from calmloop.contract.messages.profiles import ProfileAction, ProfileCommand, ProfilesState
from calmloop.contract.messages.scenarios import ScenarioListState
from calmloop.contract.messages.session import (
    OverrideCommand,
    OverrideState,
    Phase,
    SessionCommand,
    SessionState,
)
from calmloop.contract.topics import Topic
from calmloop.scenario_selector import scenario
from calmloop.scenario_selector.attendance import REASON, Attendance
from calmloop.scenario_selector.day import moment
from calmloop.scenario_selector.engine import Engine
from calmloop.scenario_selector.erasing import Eraser
from calmloop.scenario_selector.house import obey_house
from calmloop.scenario_selector.profile_desk import ProfileDesk
from calmloop.scenario_selector.profiles import RecordError
from calmloop.scenario_selector.records import Folder
from calmloop.scenario_selector.senses import BODY
from calmloop.scenario_selector.settings import Settings, zone_of_environment
from calmloop.scenario_selector.showing import essence_of, listed
from calmloop.service.runtime import Context, Health

SETPOINT_PERIOD_S = 0.08
"""With the loop's own delay still 10 Hz at least; the chair drops to safe after 0.5 s without."""

MIN_PERIOD_S = 0.005
IDLE_PERIOD_S = 0.25
TOGETHER_S = 0.05
"""So long what streams waits for more, for one turn: commands, stops and readings never do."""
STATE_PERIOD_S = 1.0
PROFILES_PERIOD_S = 5.0
RETRY_S = 5.0
"""How often what could not be written is tried again."""


class ScenarioSelectorService:
    """Feeds the engine with what comes, and publishes what it says."""

    def __init__(self, context: Context[Settings]) -> None:
        section = context.settings.scenario_selector
        self.period_s = IDLE_PERIOD_S
        self._bus = context.bus
        self._clock = context.clock
        self._log = context.log
        library = scenario.load(section.scenarios_dir)
        self._records = Folder(section.data_dir, library)
        self._engine = Engine(
            clock=context.clock,
            ages=context.bus.ages,
            library=library,
            records=self._records,
            tuning=section.tuning,
            rng=random.Random(section.seed),
            overrides=self._kept_overrides(),
            zone=zone_of_environment(),
            tracks=context.settings.tracks,
        )
        self._scenarios: ScenarioListState | None = listed(library, section.scenarios_dir)
        self._attendance = Attendance(context.clock)
        self._profiles = ProfileDesk(section.data_dir, library)
        self._eraser = Eraser(self._engine, self._records, self._profiles, self._today)
        self._profiles_due_s = 0.0
        self._last_state: SessionState | None = None
        self._last_essence: SessionState | None = None
        self._saved_overrides: OverrideState | None = None
        self._last_overrides: tuple[OverrideState, bool] | None = None
        self._last_learning: LearningState | None = None
        self._logged_trouble = ""
        self._logged_signals: set[tuple[str, str]] = set()
        self._retry_due_s = 0.0
        self._state_due_s = 0.0
        self._setpoint_due_s = 0.0
        self._subscribe()

    def turn(self) -> Health:
        """Lets time pass, then publishes what is due."""
        self._engine.turn()
        if self._attendance.is_over(self._last_state.phase if self._last_state else Phase.IDLE):
            self._engine.ease_down(REASON)
        self._publish_setpoint()
        self._records.write_queued()
        self._write_what_is_left()
        self._log_unused_signals()
        self._publish_state()
        self._publish_arm_request()
        self._publish_overrides()
        self._publish_learning()
        self._publish_what_there_is()
        return Health(waits_for=self._records.trouble)

    def discard(self) -> None:
        """Forgets every input it holds, except stops."""
        self._engine.forget()

    def close(self) -> None:
        """Leaves nothing running: without setpoints the chair goes to safe by itself."""
        self._engine.stop("the scenario-selector was stopped")
        self._publish_state()

    def _subscribe(self) -> None:
        surroundings = self._engine.surroundings
        self._bus.subscribe(topics.STOP, self._on_stop)
        self._bus.subscribe(topics.STOP_STATE, surroundings.receive_stop_state)
        self._bus.subscribe(topics.CHAIR_STATE, self._on_chair, may_wait_s=TOGETHER_S)
        self._subscribe_to_newest(topics.CAREGIVER_STATE, self._on_presence)
        self._subscribe_to_newest(topics.SOUND_STATE, self._engine.sound.receive)
        self._bus.subscribe(topics.CAMERA_STATE, surroundings.perception.receive_camera)
        self._subscribe_to_newest(topics.FACE_STATE, self._engine.receive_face)
        self._bus.subscribe(topics.EMOTION_STATE, self._on_emotion)
        self._subscribe_to_senses()
        self._bus.subscribe(topics.SESSION_SET, self._on_command)
        self._bus.subscribe(topics.OVERRIDE_SET, self._on_override)
        self._bus.subscribe(house_topics.HOUSE_SET, self._on_house)
        self._bus.subscribe(topics.CHILD_SET, self._on_child)
        self._bus.subscribe(topics.LEARNING_SET, self._on_learning)
        self._bus.subscribe(topics.PROFILE_SET, self._on_profile)

    def _subscribe_to_senses(self) -> None:
        """The newest of each only: what floods is heard once a turn."""
        senses = self._engine.senses
        self._subscribe_to_newest(topics.MOVEMENT_STATE, senses.receive_movement)
        self._subscribe_to_newest(topics.HEART_STATE, senses.receive_heart)
        self._subscribe_to_newest(topics.VOICE_STATE, senses.receive_voice)
        body, heard = topics.BIOSIGNAL_STATE, senses.receive_body
        for kind in BODY:
            self._bus.subscribe(body, heard, latest_only=True, kind=kind)

    def _subscribe_to_newest(
        self, topic: Topic[MessageT], handler: Callable[[Received[MessageT]], None]
    ) -> None:
        self._bus.subscribe(topic, handler, latest_only=True, may_wait_s=TOGETHER_S)

    def _on_stop(self, _received: Received[Command]) -> None:
        self._engine.stop("stop was pressed")

    def _on_chair(self, received: Received[ChairState]) -> None:
        self._engine.surroundings.receive_chair(received)
        self._attendance.note_button(received.message.inputs.ack)

    def _on_presence(self, received: Received[CaregiverPresence]) -> None:
        self._attendance.receive(received.message)

    def _on_emotion(self, received: Received[EmotionState]) -> None:
        self._engine.surroundings.perception.receive_emotion(received)
        if self._engine.receive_emotion(received.message):
            self._setpoint_due_s = 0.0

    def _on_command(self, received: Received[SessionCommand]) -> None:
        self._attendance.note_sign()
        if refusal := self._engine.handle_command(received.message):
            self._bus.reject(received, refusal)

    def _on_override(self, received: Received[OverrideCommand]) -> None:
        self._attendance.note_sign()
        if refusal := self._engine.handle_override(received.message):
            self._bus.reject(received, refusal)

    def _on_house(self, received: Received[HouseCommand]) -> None:
        if refusal := obey_house(self._engine, received.message.action):
            self._bus.reject(received, refusal)

    def _on_child(self, received: Received[ChildCommand]) -> None:
        if refusal := self._engine.handle_child(received.message):
            self._bus.reject(received, refusal)

    def _on_learning(self, received: Received[LearningCommand]) -> None:
        if refusal := self._engine.handle_learning(received.message):
            self._bus.reject(received, refusal)

    def _on_profile(self, received: Received[ProfileCommand]) -> None:
        # A worn memory card takes longer than a turn of the loop may while a child feels something.
        if received.message.action is ProfileAction.ERASE:
            answer = self._eraser.obey(received.message)
        else:
            answer = self._profiles.obey(received.message, may_write=not self._runs)
        if answer.refusal:
            self._bus.reject(received, answer.refusal)
        self._bus.publish(topics.PROFILES_STATE, answer)

    def _today(self) -> date:
        return moment(self._clock, self._bus.ages.boot_id, zone_of_environment()).day

    @property
    def _runs(self) -> bool:
        return self._last_state is not None and self._last_state.phase is not Phase.IDLE

    def _publish_setpoint(self) -> None:
        now_s = monotonic_s(self._clock)
        if now_s >= self._setpoint_due_s:
            setpoint = self._engine.pop_setpoint()
            if setpoint is None:
                self.period_s = IDLE_PERIOD_S
                return
            self._setpoint_due_s = now_s + SETPOINT_PERIOD_S
            self._bus.publish(topics.STIMULUS_SETPOINT, setpoint)
        self.period_s = max(MIN_PERIOD_S, self._setpoint_due_s - now_s)

    def _publish_state(self) -> None:
        now_s, unattended = monotonic_s(self._clock), self._attendance.unattended
        state = self._engine.state.model_copy(update={"unattended": unattended})
        essence = essence_of(state)
        if essence != self._last_essence or now_s >= self._state_due_s:
            self._last_state, self._last_essence = state, essence
            self._state_due_s = now_s + STATE_PERIOD_S
            blocked = {} if self._runs else self._engine.surroundings.start_blockers()
            shown = state.model_copy(update={"blocked": blocked})
            self._bus.publish(topics.SESSION_STATE, shown)

    def _publish_arm_request(self) -> None:
        start_id = self._engine.pop_arm_request()
        if not start_id:
            return
        try:
            self._bus.publish(topics.CHAIR_ARM, ArmRequest(start_id=start_id))
        except NotConnectedError as error:
            self._log.warning("the chair could not be asked to arm", reason=str(error))

    def _publish_overrides(self) -> None:
        overrides = self._engine.overrides
        if overrides != self._saved_overrides:
            self._saved_overrides = overrides
            with suppress(RecordError):
                idle = self._engine.state.phase is Phase.IDLE
                self._records.save_overrides(overrides, flush=idle)
        shown = (overrides, self._records.keeps_overrides)
        if shown != self._last_overrides:  # cheap: the same object is not looked into
            self._last_overrides = shown
            self._bus.publish(
                topics.OVERRIDE_STATE, overrides.model_copy(update={"kept": shown[1]})
            )

    def _publish_what_there_is(self) -> None:
        """The scenarios once, since the bus sends them again; the children's codes, at rest."""
        if self._scenarios is not None:
            self._bus.publish(topics.SCENARIOS_STATE, self._scenarios)
            self._scenarios = None
        now_s = monotonic_s(self._clock)
        if now_s >= self._profiles_due_s and not self._runs:
            self._profiles_due_s = now_s + PROFILES_PERIOD_S
            self._bus.publish(topics.PROFILES_STATE, ProfilesState(codes=self._profiles.codes()))
            self._eraser.sweep()

    def _publish_learning(self) -> None:
        if self._engine.lessons.state != self._last_learning:
            self._last_learning = self._engine.lessons.state
            self._bus.publish(topics.LEARNING_STATE, self._last_learning)

    def _write_what_is_left(self) -> None:
        now_s = monotonic_s(self._clock)
        if now_s >= self._retry_due_s:
            self._retry_due_s = now_s + RETRY_S
            self._records.write_what_is_left()
        if self._records.trouble != self._logged_trouble:
            self._logged_trouble = self._records.trouble
            self._log.warning("records", trouble=self._logged_trouble or "over")

    def _log_unused_signals(self) -> None:
        """Each reason once: of what floods, too."""
        for signal, why in self._engine.senses.troubles.items():
            if (signal, why) not in self._logged_signals:
                self._logged_signals.add((signal, why))
                self._log.warning("a signal is not used", signal=signal.value, reason=why)

    def _kept_overrides(self) -> OverrideState | None:
        try:
            return self._records.overrides()
        except RecordError as error:
            self._log.warning("overrides lost: the ceiling is 0 until released", reason=str(error))
            return OverrideState(ceiling_pct=0.0)
