"""The heart monitor on the bus: the only module here that knows it."""

import threading

from calmloop.base.clock import monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.base.freshness import Received
from calmloop.contract import topics
from calmloop.contract.messages.biosignal import Absence
from calmloop.contract.messages.chair import ChairState
from calmloop.heart_monitor.lines import Columns
from calmloop.heart_monitor.listening import Listening, SourceReport
from calmloop.heart_monitor.monitor import Monitor
from calmloop.heart_monitor.settings import SOURCES, Settings
from calmloop.heart_monitor.sources.simulated import SimulatedHeart
from calmloop.heart_monitor.sources.source import SourceContext
from calmloop.service.runtime import Context, Health

PUBLISH_EVERY_S = 1.0
LOG_EVERY_S = 60.0
"""A board at a wrong baud rate is refused each second: the log must not fill a disk with it."""
CLOSE_S = 2.0
"""How long a source may take to let go when the service ends; the process' end closes the rest."""
WELL = (None, Absence.OPENING, Absence.ENDED)


class HeartMonitorService:
    """Tells once a second what is known of the heart, and of each further signal."""

    period_s = 0.1

    def __init__(self, context: Context[Settings]) -> None:
        section = context.settings.heart_monitor
        self._bus, self._clock, self._log = context.bus, context.clock, context.log
        stopping = threading.Event()
        columns = Columns({signal.column: name for name, signal in section.signals.items()})
        self._source = SOURCES.chosen(section)[0].load(
            SourceContext(self._clock, columns, stopping.wait)
        )
        self._listening = Listening(self._source, self._clock, stopping, self._bus.wake)
        self._monitor = Monitor(section, self._source.source_kind)
        self._report = SourceReport(Absence.OPENING)
        self._started = False
        self._due_s = self._log_due_s = 0.0
        self._refused_logged = 0
        self._waits_for = ""
        if isinstance(self._source, SimulatedHeart):
            self._bus.subscribe(topics.CHAIR_STATE, self._on_chair, latest_only=True)

    def turn(self) -> Health:
        """Takes what came; tells the states when they are due, or the source has come or gone."""
        if not self._started:
            self._started = True
            self._listening.start()
        if self._listening.crashed:
            raise DeviceError(f"reading {self._source.origin} has crashed: see the traceback above")
        report, before = self._listening.report(), self._report
        self._report = report
        if report.absence is not None and report != before:
            self._monitor.clear()
        self._monitor.put(self._listening.take())
        now_s = monotonic_s(self._clock)
        if now_s >= self._due_s or report != before:
            self._due_s = now_s + PUBLISH_EVERY_S
            self._tell(report)
        return Health(not self._waits_for, self._waits_for[:200])

    def discard(self) -> None:
        """Forgets what was measured: what waits may be old."""
        self._listening.take()
        self._monitor.clear()

    def close(self) -> None:
        """Lets the source go."""
        if self._started:
            self._listening.stop()
            self._listening.join(CLOSE_S)

    def _on_chair(self, received: Received[ChairState]) -> None:
        if isinstance(self._source, SimulatedHeart):
            self._source.feel(received.message.applied)

    def _tell(self, report: SourceReport) -> None:
        now_ns, origin = self._clock.monotonic_ns(), self._source.origin
        heart = self._monitor.heart(now_ns, origin, report)
        signals = self._monitor.signals(now_ns, origin, report)
        self._bus.publish(topics.HEART_STATE, heart)
        for name, state in signals.items():
            self._bus.publish(topics.BIOSIGNAL_STATE, state, kind=name)
        self._count()
        self._judge(report)

    def _count(self) -> None:
        refused, counters = self._monitor.refused, self._bus.counters
        counters["refused_readings"] = refused
        counters["dropped_readings"] = self._listening.dropped
        now_s = monotonic_s(self._clock)
        if refused != self._refused_logged and now_s >= self._log_due_s:
            self._refused_logged, self._log_due_s = refused, now_s + LOG_EVERY_S
            last = self._monitor.last_refusal
            self._log.warning("readings were refused", refused=refused, last=last)

    def _judge(self, report: SourceReport) -> None:
        waits_for = "" if report.absence in WELL else report.detail
        if waits_for != self._waits_for:
            self._log.info("source", origin=self._source.origin, waits_for=waits_for or "nothing")
        self._waits_for = waits_for
