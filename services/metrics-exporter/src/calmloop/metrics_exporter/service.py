"""The exporter on the bus: the only module here that knows it. It hears, and commands nothing."""

from prometheus_client import CollectorRegistry, ProcessCollector

from calmloop.base.clock import monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.base.freshness import Received
from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairState
from calmloop.contract.messages.service import ServiceStatus
from calmloop.metrics_exporter.board import BoardMetrics
from calmloop.metrics_exporter.chain import ChainObserver
from calmloop.metrics_exporter.loop import LoopObserver
from calmloop.metrics_exporter.metrics import ChainMetrics, LoopMetrics
from calmloop.metrics_exporter.presence import ServicePresence
from calmloop.metrics_exporter.server import MetricsServer
from calmloop.metrics_exporter.settings import Settings
from calmloop.service.runtime import Context, Health

RETRY_S = 5.0
"""How often a port that was taken is tried again."""


class MetricsExporterService:
    """Nothing waits for it: a chair is as safe without it."""

    period_s = 0.25

    def __init__(self, context: Context[Settings]) -> None:
        section, clock = context.settings.metrics_exporter, context.clock
        self._bus, self._clock = context.bus, clock
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        BoardMetrics(registry, section.disk_path)
        chain = ChainMetrics(registry, clock)
        self._connected = chain.connected
        self._chain = ChainObserver(chain, context.bus.ages)
        self._loop = LoopObserver(LoopMetrics(registry, clock), context.bus.ages)
        self._presence = ServicePresence(registry, clock)
        self._server = MetricsServer(registry, section.http_host, section.http_port, context.log)
        self._tried_s = float("-inf")
        self._subscribe()

    def turn(self) -> Health:
        """Says whether it hears the broker, and answers as soon as it can."""
        self._connected.set(self._bus.connected)
        now_s = monotonic_s(self._clock)
        if now_s - self._tried_s >= RETRY_S:
            self._tried_s = now_s
            self._server.start()
        if self._server.crashed:
            raise DeviceError("what answers Prometheus has crashed: see the traceback above")
        return Health(not self._server.trouble, self._server.trouble)

    def discard(self) -> None:
        """Forgets nothing: what was counted has happened, and what is old is not shown."""

    def close(self) -> None:
        """Answers no more."""
        self._server.stop()

    def _subscribe(self) -> None:
        bus, loop, chain = self._bus, self._loop, self._chain
        bus.subscribe(topics.FACE_STATE, loop.receive_face)
        bus.subscribe(topics.EMOTION_STATE, loop.receive_emotion)
        bus.subscribe(topics.STIMULUS_SETPOINT, loop.receive_setpoint)
        bus.subscribe(topics.SESSION_STATE, loop.receive_session)
        bus.subscribe(topics.CHAIR_STATE, self._on_chair)
        bus.subscribe(topics.STOP_STATE, chain.receive_stop)
        bus.subscribe(topics.ALARM, chain.receive_alarm)
        bus.subscribe(topics.REJECTED, chain.receive_rejected)
        bus.subscribe(topics.SERVICE_STATUS, self._on_status)
        bus.subscribe(topics.HEARTBEAT, self._presence.receive_heartbeat)

    def _on_chair(self, received: Received[ChairState]) -> None:
        self._loop.receive_chair(received)
        self._chain.receive_chair(received)

    def _on_status(self, received: Received[ServiceStatus]) -> None:
        self._presence.receive_status(received)
        self._chain.receive_status(received)
