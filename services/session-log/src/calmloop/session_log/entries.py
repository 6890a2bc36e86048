"""What a person may enter, and what comes back: the bodies of the HTTP interface."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from calmloop.session_log.records import (
    MAX_TEXT,
    ChildSummary,
    LogEvent,
    LogEventKind,
    LogSample,
    SessionSummary,
)

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="A child's code.")]
Words = Annotated[str, Field(min_length=1, max_length=100)]
MAX_ITEMS = 50


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Entry(_Body):
    """What every entry has."""

    child: Code
    session: str = Field("", max_length=64, description="Of the child; empty: of none.")
    by: str = Field("", max_length=64, description="Who enters it.")

    @property
    def text(self) -> str:
        """In plain words."""
        return ""

    @property
    def data(self) -> dict[str, Any]:
        """The figures of it."""
        return self.model_dump(mode="json", exclude={"kind", "child", "session", "by", "text"})


class NoteEntry(_Entry):
    """A caregiver's words."""

    kind: Literal[LogEventKind.NOTE]
    words: str = Field(min_length=1, max_length=MAX_TEXT)

    @property
    def text(self) -> str:
        """The words."""
        return self.words

    @property
    def data(self) -> dict[str, Any]:
        """None."""
        return {}


class RatingEntry(_Entry):
    """How the child is, before or after; the newest counts."""

    kind: Literal[LogEventKind.RATING]
    when: Literal["before", "after"]
    value: int = Field(ge=1, le=5, description="5 is best.")


class ConsentEntry(_Entry):
    """Consent given or taken back."""

    kind: Literal[LogEventKind.CONSENT]
    given: bool
    what: tuple[Words, ...] = Field((), max_length=MAX_ITEMS, description="To what.")


class ContraindicationsEntry(_Entry):
    """What was asked, and answered."""

    kind: Literal[LogEventKind.CONTRAINDICATIONS]
    present: tuple[Words, ...] = Field((), max_length=MAX_ITEMS)
    absent: tuple[Words, ...] = Field((), max_length=MAX_ITEMS)


class NoticeEntry(_Entry):
    """A notice that was shown."""

    kind: Literal[LogEventKind.NOTICE]
    notice: Words
    language: str = Field("", max_length=10)


class ActionEntry(_Entry):
    """What a person did at the console."""

    kind: Literal[LogEventKind.ACTION]
    child: Code | Literal[""] = ""
    words: str = Field(min_length=1, max_length=MAX_TEXT)
    figures: dict[Words, str | float | int | bool | None] = Field(
        default_factory=dict, max_length=MAX_ITEMS
    )

    @property
    def text(self) -> str:
        """The words."""
        return self.words

    @property
    def data(self) -> dict[str, Any]:
        """The figures."""
        return dict(self.figures)


LogEntry = Annotated[
    NoteEntry | RatingEntry | ConsentEntry | ContraindicationsEntry | NoticeEntry | ActionEntry,
    Field(discriminator="kind"),
]


class KeptEntry(_Body):
    """It is on the disk."""

    id: int = Field(description="Of the event.")
    at: str = Field(description="RFC 3339, UTC.")


class KeepDays(_Body):
    """How long a child's sessions are kept."""

    keep_days: int = Field(ge=1, le=36500, description="Local days.")
    by: str = Field("", max_length=64, description="Who sets it.")


class ErasedChild(_Body):
    """What was erased of a child; its key is destroyed."""

    sessions: int
    events: int
    samples: int


class Children(_Body):
    """All children of whom something is kept."""

    children: list[ChildSummary]


class SessionPage(_Body):
    """Sessions, the newest first."""

    sessions: list[SessionSummary]
    before_ms: int | None = Field(description="For the next page; null: there is none.")


class EventPage(_Body):
    """Events in their order."""

    events: list[LogEvent]
    unreadable: int = Field(description="Rows that are damaged, or whose key is not here.")
    after: int | None = Field(description="For the next page; null: there is none.")


class SamplePage(_Body):
    """Samples by time."""

    samples: list[LogSample]
    unreadable: int
    after_ms: int | None = Field(description="For the next page; null: there is none.")


class HttpFault(_Body):
    """Why it was refused, and what to do."""

    detail: str
