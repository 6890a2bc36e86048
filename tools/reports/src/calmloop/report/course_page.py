"""What the report of a child's course says: figures, a plot and tables, for its template."""

from collections import Counter, defaultdict

from calmloop.report import telling
from calmloop.report.course_plots import course as course_plot
from calmloop.report.coverage import coverage
from calmloop.report.language import Speaker
from calmloop.report.page_parts import LIMITS, limits, of_hundred, picture
from calmloop.report.records import RecordedCourse, RecordedSession, Row


def course_values(course: RecordedCourse, speaker: Speaker) -> Row:
    """All of it."""
    rows = [_row(session, speaker) for session in course.sessions]
    notes = [event for event in course.events if event["kind"] == "note"]
    people = [e for e in course.events if e["kind"] in telling.PEOPLE and e["kind"] != "rating"]
    return {
        "title": speaker.text("title.course"),
        "child": course.code,
        "zone_at_ms": _newest_ms(course),
        "subtitle": _course_span(course, speaker),
        "facts": _course_facts(course, rows, speaker),
        "plot": picture(course_plot(rows, speaker)) if rows else None,
        "alt_plot": speaker.text("alt.course", count=len(rows)),
        "rows": rows,
        "notes": notes[-telling.MAX_ROWS :],
        "people": [
            telling.deed(event, speaker.short_date(event["at_ms"]), speaker)
            for event in people[-telling.MAX_ROWS :]
        ],
        "missing": _course_missing(course, speaker),
        "limits": limits(
            speaker,
            (*LIMITS, "few"),
            {str(session.beginning.get("calibration", "")) for session in course.sessions},
        ),
    }


def _newest_ms(course: RecordedCourse) -> int:
    return max((session.began_ms for session in course.sessions), default=0)


def _course_span(course: RecordedCourse, speaker: Speaker) -> str:
    if not course.sessions:
        return speaker.text("none.sessions")
    days = [speaker.date(course.sessions[place].began_ms) for place in (0, -1)]
    return " – ".join(dict.fromkeys(days))


def _row(session: RecordedSession, speaker: Speaker) -> Row:
    summary = session.summary
    covered = coverage(session) if session.samples else None
    read = covered.share(covered.read_s) if covered else None
    return {
        "id": summary["id"],
        "began_ms": session.began_ms,
        "label": speaker.short_date(session.began_ms),
        "scenario": summary["scenario"],
        "minutes": summary.get("minutes"),
        "max_pct": summary.get("max_pct"),
        "before": summary.get("rating_before"),
        "after": summary.get("rating_after"),
        "read": None if read is None else 100 * read,
        "distress": summary["distress"],
        "alarms": summary["alarms"],
        "ended": _ended(summary, speaker),
    }


def _ended(summary: Row, speaker: Speaker) -> str:
    if summary.get("ended_ms") is None:
        return speaker.text("ended.unseen")
    return speaker.named("change", str(summary.get("end_change", "")))


def _course_facts(
    course: RecordedCourse, rows: list[Row], speaker: Speaker
) -> list[tuple[str, str, str]]:
    days: dict[str, float] = defaultdict(float)
    for row in rows:
        days[speaker.date(row["began_ms"])] += row["minutes"] or 0.0
    rated, verdict = _verdict(rows, speaker)
    reads = [row["read"] for row in rows if row["read"] is not None]
    return [
        (
            speaker.text("fact.sessions"),
            str(len(rows)),
            speaker.text("fact.onDays", count=len(days)),
        ),
        (
            speaker.text("fact.better"),
            f"{rated} / {len(rows)}",
            verdict,
        ),
        (
            speaker.text("fact.total"),
            speaker.number(sum(days.values()), 1),
            f"{speaker.text('fact.longest')}: {speaker.number(max(days.values(), default=0), 1)}",
        ),
        (
            speaker.text("fact.read"),
            of_hundred(sum(reads) / len(reads) if reads else None, speaker),
            speaker.text("fact.ofTime"),
        ),
        (
            speaker.text("fact.alarms"),
            str(sum(row["alarms"] for row in rows)),
            f"{speaker.text('fact.distress')}: {sum(row['distress'] for row in rows)}",
        ),
    ]


def _sign(step: int) -> int:
    return (step > 0) - (step < 0)


def _verdict(rows: list[Row], speaker: Speaker) -> tuple[int, str]:
    """How many were rated before and after, and how they went."""
    rated = [row for row in rows if None not in (row["before"], row["after"])]
    steps = Counter(_sign(row["after"] - row["before"]) for row in rated)
    if not steps:
        return 0, speaker.text("fact.unrated")
    told = speaker.text("fact.ratedOf", better=steps[1], same=steps[0], worse=steps[-1])
    return steps.total(), told


def _course_missing(course: RecordedCourse, speaker: Speaker) -> list[str]:
    told = []
    read = sum(bool(session.events) for session in course.sessions)
    if read < len(course.sessions):
        told.append(speaker.text("missing.unsampled", sessions=read))
    lengths = [session.summary.get("minutes") for session in course.sessions]
    if None in lengths:
        told.append(speaker.text("missing.minutes", sessions=lengths.count(None)))
    if course.left_out:
        told.append(speaker.text("missing.left", sessions=course.left_out))
    return told
