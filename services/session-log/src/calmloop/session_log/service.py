"""The log on the bus: hears everything but pictures, and commands nothing."""

from collections.abc import Callable
from typing import Any

from calmloop.base.clock import monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.base.freshness import Received
from calmloop.contract import topics
from calmloop.contract.messages.log import LogCondition, LogState
from calmloop.contract.messages.session import SessionState
from calmloop.service.runtime import Context, Health
from calmloop.session_log.api import build_app
from calmloop.session_log.archive import LogArchive
from calmloop.session_log.desk import LogDesk
from calmloop.session_log.hearing import LogHearing
from calmloop.session_log.installation import HeardInstallation
from calmloop.session_log.outbox_desk import OutboxDesk
from calmloop.session_log.records import LogFact
from calmloop.session_log.senses import HeardSenses
from calmloop.session_log.server import HttpServer
from calmloop.session_log.settings import Settings
from calmloop.session_log.tokens import access_tokens, outbox_token

STATE_PERIOD_S = 60.0
MIN_STATE_PERIOD_S = 1.0
LOOK_S = 5.0
"""How often the disk is looked at, and a port that was taken is tried again."""
CLOSE_S = 2.0


class SessionLogService:
    """Nothing waits for it: a chair is as safe without a log."""

    period_s = 0.25

    def __init__(self, context: Context[Settings]) -> None:
        section, clock = context.settings.session_log, context.clock
        self._bus, self._clock = context.bus, clock
        self._archive = LogArchive(section, clock.utc_now, None, context.log)
        self._installation = HeardInstallation()
        self._hearing = LogHearing(clock.utc_now, lambda: self._archive.codes, self._installation)
        self._senses = HeardSenses(context.bus.ages, clock)
        desk = LogDesk(self._archive.writer, self._archive, clock.utc_now, self._archive.state)
        outbox = OutboxDesk(
            self._archive.writer, lambda: self._archive.outbox, outbox_token(section)
        )
        app = build_app(desk, *access_tokens(section), outbox if section.outbox else None)
        self._server = HttpServer(app, section.http_host, section.http_port, context.log)
        self._told: LogState | None = None
        self._told_s = self._looked_s = float("-inf")
        self._subscribe()
        self._archive.writer.start()

    def turn(self) -> Health:
        """Takes a sample when one is due, and tells how the log is."""
        self._installation.network = self._senses.network
        self._archive.writer.sample(*self._senses.take(self._hearing.session))
        now_s = monotonic_s(self._clock)
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            self._server.start()
            self._archive.look()
            self._archive.writer.hear(self._hearing.late())
        state = self._archive.state()
        self._tell(state, now_s)
        if self._archive.writer.crashed or self._server.crashed:
            raise DeviceError("the log's writer or its HTTP has crashed: see the traceback above")
        troubles = (self._server.trouble, self._archive.waits_for)
        ill = state.condition is LogCondition.FAILING or self._server.trouble != ""
        return Health(not ill, "; ".join(filter(None, troubles))[:200])

    def discard(self) -> None:
        """Forgets what it would sample; what happened is kept."""
        self._senses.discard()

    def close(self) -> None:
        """Keeps what is left, and lets the database go."""
        self._server.stop(CLOSE_S)
        self._archive.writer.sample(*self._senses.rest())
        self._archive.close(CLOSE_S)

    def _subscribe(self) -> None:
        bus, hearing, senses = self._bus, self._hearing, self._senses
        bus.subscribe(topics.SESSION_STATE, self._on_session)
        bus.subscribe(topics.OVERRIDE_STATE, self._hears(hearing.receive_overrides))
        bus.subscribe(topics.LEARNING_STATE, self._hears(hearing.receive_learning))
        bus.subscribe(topics.ALARM, self._hears(hearing.receive_alarm))
        bus.subscribe(topics.STOP_STATE, self._hears(hearing.receive_stop))
        bus.subscribe(topics.REJECTED, self._hears(hearing.receive_rejected))
        bus.subscribe(topics.SERVICE_STATUS, self._hears(hearing.receive_service))
        bus.subscribe(topics.CHAIR_STATUS, self._hears(hearing.receive_chair))
        # What streams is sampled: it can wait for the turn that comes anyway.
        late_s, heard = self.period_s, self._hears(hearing.receive_service)
        bus.subscribe(topics.HEARTBEAT, heard, may_wait_s=late_s)
        bus.subscribe(topics.CHAIR_STATE, senses.chair.put, latest_only=True, may_wait_s=late_s)
        movement = senses.movement
        bus.subscribe(topics.MOVEMENT_STATE, movement.put, latest_only=True, may_wait_s=late_s)
        bus.subscribe(topics.HEART_STATE, senses.heart.put, latest_only=True, may_wait_s=late_s)
        bus.subscribe(topics.VOICE_STATE, senses.voice.put, latest_only=True, may_wait_s=late_s)
        bus.subscribe(topics.EMOTION_STATE, senses.receive_emotion, may_wait_s=late_s)

    def _hears(self, receive: Callable[[Any], list[LogFact]]) -> Callable[[Received[Any]], None]:
        return lambda received: self._archive.writer.hear(receive(received.message))

    def _on_session(self, received: Received[SessionState]) -> None:
        self._senses.session.put(received)
        self._archive.writer.hear(self._hearing.receive_session(received.message))

    def _tell(self, state: LogState, now_s: float) -> None:
        quick = {"size_bytes", "free_bytes", "unkept", "waiting"}
        told = self._told.model_dump(exclude=quick) if self._told else None
        if now_s - self._told_s < MIN_STATE_PERIOD_S:
            return
        if state.model_dump(exclude=quick) != told or now_s - self._told_s >= STATE_PERIOD_S:
            self._told, self._told_s = state, now_s
            self._bus.publish(topics.LOG_STATE, state)
