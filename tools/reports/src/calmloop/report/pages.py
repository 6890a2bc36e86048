"""A report as one HTML page: what was recorded, as words, figures and plots."""

from dataclasses import dataclass
from importlib.resources import files

from calmloop.report.course_page import course_values
from calmloop.report.language import MISSING, Speaker
from calmloop.report.libraries import library
from calmloop.report.records import RecordedCourse, RecordedSession, Row
from calmloop.report.session_page import session_values
from calmloop.report.typeface import font_faces


@dataclass(frozen=True)
class Making:
    """Around every report.

    Attributes:
        speaker: The language and the zone.
        now_ms: When it is made, Unix time.
    """

    speaker: Speaker
    now_ms: int


def page_of(record: RecordedSession | RecordedCourse, making: Making) -> str:
    """The page.

    Raises:
        RendererError: a library is not installed.
    """
    if isinstance(record, RecordedSession):
        return _rendered("session.html", session_values(record, making.speaker), making)
    return _rendered("course.html", course_values(record, making.speaker), making)


def _rendered(template: str, values: Row, making: Making) -> str:
    jinja = library("jinja2")
    environment = jinja.Environment(
        loader=jinja.PackageLoader("calmloop.report"),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    speaker = making.speaker
    style = (files("calmloop.report") / "templates" / "report.css").read_text("utf-8")
    made = speaker.text(
        "made", when=speaker.date_time(making.now_ms), zone=speaker.zone_name(values["zone_at_ms"])
    )
    page: str = environment.get_template(template).render(
        values,
        t=speaker.text,
        say=speaker,
        language=speaker.language.value,
        style=font_faces() + style,
        made=made,
        missing_sign=MISSING,
    )
    return page
