"""What happened in a session, as rows of the report's tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calmloop.report.language import MISSING, Speaker, clock
from calmloop.report.records import RecordedSession, Row

PEOPLE = ("override", "question", "learning", "action", "rating", "consent", "contraindications",
          "notice", "setting")  # fmt: skip
TROUBLE = ("stop", "chair", "service", "refused", "trouble", "lost", "distress")
FAULTY = ("fault", "estop", "disconnected")
PRESSED = ("estop", "child_button", "child_less")
MAX_ROWS = 40
SAYS_SOMETHING = 0.005
"""Log-odds a second; less says nothing either way."""


@dataclass(frozen=True)
class ChangeRow:
    """A change of the intensity.

    Attributes:
        number: In the plot and in the table.
        at: Since the session's start.
        minute: The same.
        step: From where to where.
        why: In the reader's language.
        reason: In the engine's own words, English.
        signals: What each said.
        face: What the face was read as; empty where that is not kept.
    """

    number: int
    at: str
    minute: float
    step: str
    why: str
    reason: str
    signals: str
    face: str


@dataclass(frozen=True)
class RaisedAlarm:
    """An alarm from when it was raised until it was over."""

    at: str
    name: str
    severity: str
    text: str
    by: str = ""
    acknowledged: bool = False
    after: str = ""
    over: str = ""


@dataclass(frozen=True)
class Deed:
    """What somebody did, or what went wrong."""

    at: str
    what: str
    who: str
    details: str
    own_words: str
    """Of the log, English."""


def since(session: RecordedSession, event: Row) -> str:
    """When it was, since the session's start; with a minus before it."""
    seconds = (event["at_ms"] - session.began_ms) / 1000
    return f"−{clock(-seconds)}" if seconds < -0.5 else clock(seconds)


def changes(session: RecordedSession, speaker: Speaker) -> list[ChangeRow]:
    """Every change of the intensity that was kept."""
    told: list[ChangeRow] = []
    events = [e for e in session.of_kind("change") if e["data"].get("change") != "none"]
    for place, event in enumerate(events):
        data = event["data"]
        following = events[place + 1]["data"] if place + 1 < len(events) else {}
        face = str(data.get("label") or "")
        told.append(
            ChangeRow(
                number=len(told) + 1,
                at=since(session, event),
                minute=(event["at_ms"] - session.began_ms) / 60_000,
                step=_step(data, following, speaker),
                why=speaker.named("change", str(data.get("change", ""))),
                reason=event["text"],
                signals=_signals(data.get("signals") or {}, speaker),
                face=speaker.text(f"group.{face}") if speaker.has(f"group.{face}") else "",
            )
        )
    return told


def _step(data: Row, following: Row, speaker: Speaker) -> str:
    """From where to where; and where it had come to, for the same reason, when the next came."""
    start, end, later = data.get("from_pct"), data.get("to_pct"), following.get("from_pct")
    told = " → ".join(_level(level, speaker) for level in (start, end))
    went_on = end is not None and later is not None and abs(later - end) >= 1
    return f"{told} … {_level(later, speaker)}" if went_on else told


def _level(level: float | None, speaker: Speaker) -> str:
    return speaker.percent(None if level is None else level / 100)


def _signals(signals: Row, speaker: Speaker) -> str:
    told = []
    for name, said in signals.items():
        told.append(f"{speaker.named('signal', name)} {_saying(said, speaker)}")
    return "; ".join(told) or speaker.text("signal.none")


def _saying(said: Row, speaker: Speaker) -> str:
    status, weight = said.get("status"), said.get("log_odds_per_s")
    if status != "present":
        return speaker.named("saying", str(status))
    if weight is None or abs(weight) < SAYS_SOMETHING:
        return speaker.text("saying.nothing")
    words = speaker.text("saying.distress" if weight > 0 else "saying.calm")
    sign = "+" if weight > 0 else "−"
    return f"{words} ({sign}{speaker.number(abs(weight), 2)})"


def alarms(session: RecordedSession, speaker: Speaker) -> list[RaisedAlarm]:
    """Every alarm: when it was raised, who acknowledged it and how soon, when it was over."""
    events = session.of_kind("alarm")
    raised = [(place, e) for place, e in enumerate(events) if e["data"].get("raised")]
    return [_alarm(session, event, events[place + 1 :], speaker) for place, event in raised]


def _alarm(
    session: RecordedSession, event: Row, later: Sequence[Row], speaker: Speaker
) -> RaisedAlarm:
    kind = event["data"].get("kind", "")
    of_it = [one for one in later if one["data"].get("kind") == kind]
    over = next((one for one in of_it if not one["data"].get("active")), None)
    until_over = of_it[: of_it.index(over)] if over else of_it
    seen = next((one for one in until_over if one["data"].get("acknowledged")), None)
    by, after = _acknowledged(event, seen, speaker)
    return RaisedAlarm(
        at=since(session, event),
        name=speaker.named("alarm", str(kind)),
        severity=speaker.named("severity", str(event["data"].get("severity", ""))),
        text=event["text"],
        by=by,
        acknowledged=seen is not None,
        after=after,
        over=since(session, over) if over else speaker.text("alarm.still"),
    )


def _acknowledged(event: Row, seen: Row | None, speaker: Speaker) -> tuple[str, str]:
    """By whom, and how soon."""
    if seen is None:
        return speaker.text("alarm.nobody"), MISSING
    seconds = speaker.number((seen["at_ms"] - event["at_ms"]) / 1000)
    return seen["by"] or speaker.text("alarm.unnamed"), f"{seconds} s"


def deeds(session: RecordedSession, speaker: Speaker, kinds: Sequence[str]) -> list[Deed]:
    """Its events of these kinds, in words."""
    told = [event for event in session.of_kind(*kinds) if _is_news(event)]
    return [deed(event, since(session, event), speaker) for event in told]


def _is_news(event: Row) -> bool:
    """Not so of a chair that goes through a session as it should."""
    data = event["data"]
    pressed = data.get("inputs") or {}
    return event["kind"] != "chair" or bool(
        data.get("fault")
        or data.get("stop_reason")
        or data.get("mode") in FAULTY
        or any(pressed.get(name) for name in PRESSED)
    )


def deed(event: Row, at: str, speaker: Speaker) -> Deed:
    """One of them."""
    what = WHAT.get(event["kind"], lambda data: f"kind.{event['kind']}")(event["data"])
    details = DETAILS.get(event["kind"], lambda data, speaker: "")(event["data"], speaker)
    spoken = event["kind"] in DETAILS
    return Deed(
        at=at,
        what=speaker.text(what),
        who=event["by"],
        details=details,
        own_words="" if spoken else event["text"],
    )


WHAT: dict[str, Any] = {
    "question": lambda data: "kind.question" if data.get("asked") else "kind.answered",
    "consent": lambda data: "kind.consent.given" if data.get("given") else "kind.consent.back",
    "stop": lambda data: "kind.stop" if data.get("latched") else "kind.reset",
}
"""The key of what it is, where that differs by its figures."""


def _rating(data: Row, speaker: Speaker) -> str:
    when = {"before": "rated.before", "after": "rated.after"}.get(str(data.get("when")), "")
    word = speaker.named("rating", str(data.get("value")))
    return f"{speaker.text(when)}: {data.get('value')}, {word}" if when else word


def _contraindications(data: Row, speaker: Speaker) -> str:
    parts = [
        speaker.text(key, what=", ".join(map(str, data[key])))
        for key in ("present", "absent")
        if data.get(key)
    ]
    return "; ".join(parts) or speaker.text("none")


DETAILS: dict[str, Any] = {
    "rating": _rating,
    "consent": lambda data, speaker: ", ".join(map(str, data.get("what") or ())),
    "contraindications": _contraindications,
    "notice": lambda data, speaker: str(data.get("notice", "")),
    "setting": lambda data, speaker: speaker.text("days", days=data.get("keep_days") or 0),
}
"""What it says, of kinds whose words are not the log's own."""
