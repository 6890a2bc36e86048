"""A session log with sessions of every kind, behind its own HTTP interface."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

from calmloop.base.clock import SystemClock
from calmloop.contract.messages.log import LogCondition, LogState
from calmloop.report.reading import LogAddress
from calmloop.session_log.api import build_app
from calmloop.session_log.desk import LogDesk
from calmloop.session_log.reading import LogReader
from calmloop.session_log.records import LogEventKind, LogFact, LogSample
from calmloop.session_log.server import HttpServer
from calmloop.session_log.store import LogStore
from calmloop.session_log.writer import LogWriter
from tests.broker import free_port
from tests.unit.session_log.log_rig import NOW_MS, open_log, reader

READ = "r" * 24
CHILD, WHOLE, BARE, THINNED = "k7", "5e55104a", "ba5e0001", "7414aed0"
DAY_MS = 86_400_000
MARKUP = "<script>alert(1)</script> & <b>bold</b>"
Kind = LogEventKind


def _fact(kind_: Kind, at_s: float, text: str = "", by: str = "", **data: object) -> LogFact:
    at_ms = NOW_MS + round(1000 * at_s)
    return LogFact(kind=kind_, text=text, data=data, by=by, at_ms=at_ms, child=CHILD, session=WHOLE)


def _change(at_s: float, change: str, start: float, end: float, reason: str) -> LogFact:
    signals: dict[str, object] = {
        "face": {"status": "present", "log_odds_per_s": 0.8 if change == "negative" else -1.2},
        "heart": {"status": "missing", "log_odds_per_s": None},
    }
    figures: dict[str, Any] = {
        "label": "negative" if change == "negative" else "positive",
        "signals": signals,
    }
    return _fact(Kind.CHANGE, at_s, reason, change=change, from_pct=start, to_pct=end, **figures)


def whole_session() -> list[LogFact]:
    """Six minutes in which there was something of everything."""
    installed: dict[str, Any] = {
        "services": {"camera": "0.1.0"},
        "network": "calm 0.2.1",
        "firmware": "1.2.0",
    }
    alarm: dict[str, Any] = {"kind": "distress", "active": True, "severity": "critical"}
    return [
        _fact(Kind.NOTICE, -20, by="anna", notice="ai-act-50", language="de"),
        _fact(Kind.RATING, -10, by="anna", when="before", value=2),
        _fact(Kind.SESSION_STARTED, 0, "chosen by a caregiver", mode="adaptive",
              scenario="ocean-waves", choice="chosen by a caregiver", minutes=6.0,
              minutes_today=0.0, ceiling_pct=60.0, calibration="measured",
              calibration_hash="8ed8dfcb", **installed),
        _change(0, "none", 0, 0, "waiting for the chair to arm"),
        _change(4, "started", 0, 0, "started: the level of a start at most"),
        _change(100, "positive_sustained", 20, 25, "positive with confidence for 30 s"),
        _change(180, "negative", 35, 30, "distress: a step down"),
        _fact(Kind.DISTRESS, 181, "strong distress", began=True),
        _fact(Kind.ALARM, 181, "look at the child", raised=True, acknowledged=False, **alarm),
        _fact(Kind.ALARM, 188, "look at the child", by="anna", raised=False, acknowledged=True,
              **alarm),
        _fact(Kind.ALARM, 205, "over", raised=False, acknowledged=False, **alarm | {
            "active": False}),
        _fact(Kind.OVERRIDE, 200, "ceiling_pct: 30", by="caregiver", ceiling_pct=30),
        _change(240, "recovered", 30, 35, "calm for a while"),
        _fact(Kind.CHAIR, 250, "child asked for less", mode="active",
              inputs={"child_less": True}),
        _change(300, "closing", 35, 35, "the end is near: fading to zero"),
        _fact(Kind.SESSION_ENDED, 360, "the 6 planned minutes are over", change="closing",
              minutes=6.0, max_pct=35.0),
        _fact(Kind.RATING, 400, by="anna", when="after", value=4),
        _fact(Kind.NOTE, 410, "Fell asleep at the end. " + MARKUP, by="anna"),
    ]  # fmt: skip


def whole_samples(every_s: float = 0.5) -> list[LogSample]:
    """Twice a second of it: the face hides for a while, and for a while no reading comes."""
    return [_sample(number * every_s) for number in range(int(360 / every_s))]


def _sample(at_s: float) -> LogSample:
    rising = 20 * min(at_s / 60, 1) + 5 * min(3, max(0, (at_s - 90) // 30))
    level = max(0.0, rising - (5 if 180 <= at_s < 240 else 0)) * min(1, max(0, (360 - at_s) / 60))
    wave = 0.8 + 0.2 * math.sin(at_s / 4)
    hidden, absent = 120 <= at_s < 150, 150 <= at_s < 165
    upset = 170 <= at_s < 200
    group = "negative" if upset else "neutral" if at_s < 80 else "positive"
    valence = {"negative": -0.7, "neutral": 0.02, "positive": 0.6}[group] + 0.1 * math.sin(at_s)
    seen: dict[str, float | str | None] = {
        "emotion": group, "confidence": 0.85 + 0.08 * math.sin(at_s / 3), "valence": valence,
        "coverage": 0.95,
    }  # fmt: skip
    if hidden:
        seen = {"emotion": "unknown", "confidence": 0.5, "coverage": 0.0}
    fields: dict[str, float | str | None] = {
        "level_pct": level, "vibration_pct": 0.5 * level * wave, "sound_pct": 0.6 * level,
        "red_pct": 0.1 * level, "green_pct": 0.2 * level, "blue_pct": 0.5 * level,
        "distress_fast": 1.1 if 178 <= at_s < 182 else 0.9 if upset else 0.1,
        "distress_slow": 0.4 if upset else 0.05, "heart_bpm": 92 - at_s / 40,
    }  # fmt: skip
    at_ms = NOW_MS + round(1000 * at_s)
    return LogSample.model_validate({"at_ms": at_ms, **fields, **({} if absent else seen)})


def bare_session() -> list[LogFact]:
    """The log was away at its start, the power went, and nobody rated anything."""
    begun = _fact(Kind.SESSION_RESUMED, 0, "heard of late", phase="running", minutes=10.0)
    return [_moved(begun, BARE, DAY_MS), _moved(_fact(Kind.PHASE, 90), BARE, DAY_MS)]


def _moved(fact: LogFact, session: str, by_ms: int) -> LogFact:
    return fact.model_copy(update={"session": session, "at_ms": fact.at_ms + by_ms})


def _fill(store: LogStore) -> None:
    store.append(whole_session(), {WHOLE: whole_samples()})
    store.append(bare_session(), {})
    later = [_moved(fact, THINNED, 2 * DAY_MS) for fact in whole_session()]
    samples = [
        sample.model_copy(update={"at_ms": sample.at_ms + 2 * DAY_MS, "heart_bpm": None})
        for sample in whole_samples(every_s=5.0)
    ]
    store.append([fact for fact in later if fact.kind is not Kind.RATING], {THINNED: samples})


class _Holder:
    def __init__(self, store: LogStore) -> None:
        self._store = store
        self.keys = store.keys

    @property
    def reader(self) -> LogReader:
        return reader(self._store)


@contextmanager
def log_of_k7(folder: Path) -> Iterator[LogAddress]:
    """It answers on loopback."""
    store, _ = open_log(folder)
    _fill(store)
    log = structlog.get_logger()
    writer = LogWriter(lambda: store, lambda _store: False, log)
    state = LogState(condition=LogCondition.KEEPING)
    desk = LogDesk(writer, _Holder(store), SystemClock().utc_now, lambda: state)
    address = LogAddress("127.0.0.1", free_port(), READ)
    server = HttpServer(build_app(desk, READ, "w" * 24), address.host, address.port, log)
    server.start()
    try:
        yield address
    finally:
        server.stop(5)
        store.close()
