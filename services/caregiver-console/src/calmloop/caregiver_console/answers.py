"""What is answered, as JSON: a model each, from which the OpenAPI document derives, too."""

from pydantic import BaseModel, ConfigDict, Field

from calmloop.base.use_context import UseContext
from calmloop.caregiver_console.actors import Role
from calmloop.caregiver_console.face_rule import Ground
from calmloop.caregiver_console.logins import Login
from calmloop.caregiver_console.missing import MissingThing
from calmloop.contract.messages.profiles import ErasedPart, ProfileBounds
from calmloop.contract.messages.scenarios import ScenarioShown


class AnswerModel(BaseModel):
    """What every answer is."""

    model_config = ConfigDict(frozen=True)


class Refusal(AnswerModel):
    """Why not: what, the limit, what to do."""

    error: str
    retry_s: float = Field(0.0, ge=0.0, description="Not before so long; only where it is known.")


class Who(AnswerModel):
    """Who has logged in here; nulls: nobody."""

    name: str | None = None
    role: Role | None = None
    csrf: str | None = Field(None, description="For the header X-CSRF-Token.")

    @classmethod
    def of(cls, login: Login | None) -> "Who":
        """What is told of a login."""
        if login is None:
            return cls()
        return cls(name=login.user.name, role=login.user.role, csrf=login.csrf)


class AuthorityAnswer(AnswerModel):
    """What another screen needs to trust this console."""

    fingerprint: str | None = Field(
        description="SHA-256 of the authority's certificate, in hex; null: it has none of its own."
    )
    names: list[str] = Field(description="To which it answers, beside addresses and localhost.")


class UserEntry(AnswerModel):
    """Somebody who may log in."""

    name: str
    role: Role


class Users(AnswerModel):
    """Who may log in."""

    users: list[UserEntry]


class RemovedUser(AnswerModel):
    """Whose login was taken away."""

    name: str


class SelectorErased(AnswerModel):
    """What an erasure reached of what scenario-selector keeps of a child."""

    erased: tuple[ErasedPart, ...] = ()
    left: tuple[ErasedPart, ...] = Field((), description="`dose`: today's minutes, till tomorrow.")
    refusal: str = Field("", description="Why nothing, or not all of it.")

    @property
    def told(self) -> str:
        """In one line, for the record."""
        return self.refusal or ", ".join(self.erased) or "nothing"


class LogErased(AnswerModel):
    """The same of the session-log."""

    sessions: int = 0
    events: int = 0
    samples: int = 0
    refusal: str = Field("", description="Why not; empty, too, where it had nothing.")


class ChildErased(AnswerModel):
    """An erasure: at least one of both reached something."""

    log: LogErased
    selector: SelectorErased


class CommandTold(AnswerModel):
    """What became of a command: published says that the broker has it, not that it was obeyed."""

    id: str
    outcome: str
    reason: str = ""
    confirmed: bool = Field(
        False, description="A repeated stop that the chair has confirmed: end repeating it."
    )


class MissingList(AnswerModel):
    """What is missing before a session can start."""

    ready: bool
    missing: list[MissingThing]


class ScenarioList(AnswerModel):
    """What may be played; empty until scenario-selector was heard."""

    scenarios: list[ScenarioShown]
    contraindications: dict[str, str]


class ContextAnswer(AnswerModel):
    """Where the chair is used, and whether a face may be read there."""

    use_context: UseContext
    face_allowed: bool
    reason: str
    ground: Ground | None


class ReportsAnswer(AnswerModel):
    """Whether reports can be made here."""

    available: bool
    reason: str = Field(description="What is missing, and what to do; empty where nothing is.")


class ChildCodes(AnswerModel):
    """The codes of those who have a profile."""

    children: list[str]


class ChildProfile(AnswerModel):
    """The bounds of one child."""

    code: str
    profile: ProfileBounds
