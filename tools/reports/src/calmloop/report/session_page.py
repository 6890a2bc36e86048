"""What the report of one session says: figures, plots and tables, for its template."""

from calmloop.report import plots, telling
from calmloop.report.coverage import CHANNELS, GROUPS, Coverage, coverage, dose
from calmloop.report.language import MISSING, Speaker
from calmloop.report.page_parts import LIMITS, limits, of_hundred, picture
from calmloop.report.records import RecordedSession, Row

WHENS = ("before", "after")
Fact = tuple[str, str, str]
"""A name, the figure, and what stands below it."""


def session_values(session: RecordedSession, speaker: Speaker) -> Row:
    """All of it."""
    covered, told = coverage(session), telling.changes(session, speaker)
    marks = [plots.Mark(change.number, change.minute) for change in told]
    raised = telling.alarms(session, speaker)
    beginning = session.beginning
    return {
        "session": session,
        "zone_at_ms": session.began_ms,
        "title": speaker.text("title.session"),
        "child": session.summary["child"],
        "subtitle": _spoken_span(session, speaker),
        "beginning": beginning,
        "facts": _facts(session, covered, raised, speaker),
        "felt": picture(plots.felt(session, marks, speaker)) if session.samples else None,
        "alt_felt": _alt_felt(session, speaker),
        "seen": picture(plots.seen(session, speaker)) if session.samples else None,
        "alt_seen": _alt_seen(covered, speaker),
        "sensed": picture(plots.sensed(session, speaker)) if plots.is_sensed(session) else None,
        "shares": _shares(covered, speaker),
        "groups": _groups(covered, speaker),
        "manual": beginning.get("mode") == "manual",
        "changes": told,
        "alarms": raised,
        "people": telling.deeds(session, speaker, telling.PEOPLE),
        "trouble": telling.deeds(session, speaker, telling.TROUBLE),
        "max_rows": telling.MAX_ROWS,
        "notes": session.of_kind("note"),
        "since": lambda event: telling.since(session, event),
        "doses": [(channel, dose(session, channel)) for channel in CHANNELS],
        "missing": _missing(session, covered, speaker),
        "limits": limits(speaker, LIMITS, {str(beginning.get("calibration", ""))}),
    }


def _spoken_span(session: RecordedSession, speaker: Speaker) -> str:
    began = speaker.date_time(session.began_ms)
    if session.cut_off:
        return f"{began} – ?"
    return f"{began}–{speaker.time(int(session.summary['ended_ms']))}"


def _facts(
    session: RecordedSession, covered: Coverage, raised: list[telling.RaisedAlarm], speaker: Speaker
) -> list[tuple[str, str, str]]:
    """What goes first: a name, the figure, and what stands below it."""
    summary = session.summary
    read = covered.share(covered.read_s) if session.samples else None
    planned = summary.get("planned_minutes")
    certain = covered.confidence
    ceiling = session.beginning["ceiling_pct"]
    ratings = [summary.get(f"rating_{when}") for when in WHENS]
    return [
        (
            speaker.text("fact.length"),
            speaker.text("fact.minutes", minutes=session.length_s / 60),
            speaker.text("fact.planned", minutes=planned)
            if planned is not None
            else speaker.text("fact.unplanned"),
        ),
        (
            speaker.text("fact.rating"),
            " → ".join(str(rating or MISSING) for rating in ratings),
            speaker.text("fact.scale" if any(ratings) else "fact.unrated"),
        ),
        (
            speaker.text("fact.max"),
            of_hundred(_highest(session), speaker),
            _or_unknown("fact.ceiling", "level", ceiling and ceiling / 100, speaker),
        ),
        (
            speaker.text("fact.read"),
            speaker.percent(read),
            _or_unknown("fact.certainty", "certainty", certain, speaker),
        ),
        (
            speaker.text("fact.alarms"),
            str(len(raised)),
            _alarm_words(raised, speaker),
        ),
    ]


def _alarm_words(raised: list[telling.RaisedAlarm], speaker: Speaker) -> str:
    if not raised:
        return speaker.text("alarms.none")
    left = sum(not alarm.acknowledged for alarm in raised)
    return speaker.text("alarms.open", count=left) if left else speaker.text("alarms.all")


def _or_unknown(key: str, name: str, value: float | None, speaker: Speaker) -> str:
    if value is None:
        return speaker.text("plot.none")
    return speaker.text(key, **{name: speaker.percent(value)})


def _highest(session: RecordedSession) -> float | None:
    """The highest intensity; of one that broke off, as far as it is known."""
    told = session.summary.get("max_pct")
    levels = [s["level_pct"] for s in session.samples if s.get("level_pct") is not None]
    highest = max(levels, default=None)
    return float(told) if told is not None else highest


def _shares(covered: Coverage, speaker: Speaker) -> list[tuple[str, str]]:
    named = {
        "read": covered.read_s,
        "doubt": covered.doubt_s,
        "absent": covered.absent_s,
        "unrecorded": covered.unrecorded_s,
    }
    return [
        (speaker.text(f"seen.{name}"), speaker.percent(covered.share(seconds)))
        for name, seconds in named.items()
    ]


def _groups(covered: Coverage, speaker: Speaker) -> list[tuple[str, str]]:
    read_s = sum(covered.groups_s.values())
    shares = {g: covered.groups_s.get(g, 0.0) / read_s if read_s else None for g in GROUPS}
    return [(speaker.text(f"group.{g}"), speaker.percent(share)) for g, share in shares.items()]


def _alt_felt(session: RecordedSession, speaker: Speaker) -> str:
    highest = {channel: dose(session, channel).max_pct for channel in CHANNELS}
    return speaker.text(
        "alt.felt",
        minutes=session.length_s / 60,
        level=of_hundred(_highest(session), speaker),
        **{channel: of_hundred(level, speaker) for channel, level in highest.items()},
    )


def _alt_seen(covered: Coverage, speaker: Speaker) -> str:
    shares = {
        name: speaker.percent(covered.share(getattr(covered, f"{name}_s")))
        for name in ("read", "doubt", "absent")
    }
    return speaker.text("alt.seen", minutes=covered.length_s / 60, **shares)


def _missing(session: RecordedSession, covered: Coverage, speaker: Speaker) -> list[str]:
    """What a reader must not take for a zero."""
    unrecorded = covered.share(covered.unrecorded_s) or 0.0
    from_the_start = bool(session.of_kind("session_started"))
    was_away = bool(session.of_kind("session_resumed"))
    keys = {
        "missing.cut": session.cut_off,
        "missing.joined": was_away and not from_the_start,
        "missing.resumed": was_away and from_the_start,
        "none.samples": not session.samples,
        "missing.thinned": covered.thinned,
        "missing.rating.before": session.summary.get("rating_before") is None,
        "missing.rating.after": session.summary.get("rating_after") is None,
        "missing.signals": bool(session.samples) and not plots.is_sensed(session),
    }
    told = [speaker.text(key) for key, applies in keys.items() if applies]
    if session.samples and round(unrecorded, 2) > 0:
        told.append(speaker.text("missing.unrecorded", share=speaker.percent(unrecorded)))
    if session.unreadable:
        told.append(speaker.text("missing.unreadable", rows=session.unreadable))
    return told
