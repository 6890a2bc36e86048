"""Whether a start is accepted, and with what plan: profile, scenarios and minutes of one child."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence

from calmloop.base.errors import CalmloopError
from calmloop.contract.messages.session import AUTO, OverrideState, SessionCommand
from calmloop.scenario_selector.contraindications import explained
from calmloop.scenario_selector.day import Moment
from calmloop.scenario_selector.learning.choice import Choice
from calmloop.scenario_selector.learning.outcome import distress_of_smiley
from calmloop.scenario_selector.plan import Plan
from calmloop.scenario_selector.preferences import Preferences
from calmloop.scenario_selector.profiles import Profile, RecordError
from calmloop.scenario_selector.records import Records
from calmloop.scenario_selector.scenario import Scenario

MIN_MINUTES = 0.5
"""A remaining dose shorter than this is none."""


class RefusedError(CalmloopError):
    """A command is not obeyed; the text says why and what to do."""


def refuse_if(reason: str | None) -> None:
    """Refuses a command for `reason`, if there is one.

    Raises:
        RefusedError: there is.
    """
    if reason:
        raise RefusedError(reason)


def refusal_of(obey: Callable[[], None]) -> str | None:
    """Why a command is refused that `obey` would obey; None when it is obeyed."""
    try:
        obey()
    except (RefusedError, RecordError) as error:
        return str(error)
    return None


def find(
    library: Mapping[str, Scenario],
    name: str,
    profile: Profile,
    excluded: Collection[str] = (),
) -> Scenario:
    """The scenario of that name.

    Args:
        library: All of them.
        name: Which one.
        profile: The child's.
        excluded: What a caregiver excluded for this child.

    Raises:
        RefusedError: nobody knows it, or it is not for this child.
    """
    if name not in library:
        known = ", ".join(sorted(library))
        raise RefusedError(f"scenario '{name}' is unknown: known are {known}")
    if name in profile.excluded_scenarios:
        raise RefusedError(f"scenario '{name}' is excluded by this child's profile: name another")
    if unticked := profile.unticked(library[name]):
        raise RefusedError(
            f"{_against(name, unticked)}: name another, or have each checked and write"
            f" {profile.line_that_ticks(unticked)}{explained(unticked)}"
        )
    if name in excluded:
        raise RefusedError(
            f"scenario '{name}' is excluded by a caregiver: name another, or send"
            f' {{"action": "allow", "scenario": "{name}"}} to learning/set'
        )
    return library[name]


def plan(
    command: SessionCommand,
    library: Mapping[str, Scenario],
    records: Records,
    overrides: OverrideState,
    now: Moment,
    preferences: Preferences,
) -> Plan:
    """What a start would be.

    Raises:
        RefusedError: the day's dose is used up, or no scenario is left.
        RecordError: the profile is unknown, or a file of this child cannot be used.
    """
    profile = records.profile(command.profile)
    learned = preferences.learned(command.profile)
    wanted = overrides.scenario if command.scenario == AUTO else command.scenario
    by_auto = (wanted or AUTO) == AUTO
    kept_out = learned.excluded
    if by_auto:
        allowed = allowed_of(library, profile, kept_out)
    else:
        allowed = [find(library, wanted or "", profile, kept_out)]
    chooser = preferences.chooser(learned, allowed, profile)
    named = Choice(allowed[0], "named by a caregiver", ())
    left = _minutes_left(command.profile, profile, records, now)
    return Plan(
        session_id=uuid.uuid4().hex,
        code=command.profile,
        profile=profile,
        mode=command.mode,
        minutes=min(command.minutes, profile.minutes_per_session, left),
        allowed=allowed,
        choice=chooser.choose(_arrival(command)) if by_auto else named,
        chooser=chooser,
    )


def _minutes_left(code: str, profile: Profile, records: Records, now: Moment) -> float:
    ledger = records.ledger(code)
    ledger.redate(now)
    used = ledger.minutes_on(now.day)
    left = profile.minutes_per_day - used
    if left >= MIN_MINUTES:
        return left
    later = ledger.later_than(now.day)
    doubt = (
        f"; the clock says {now.day}, but some of it stands under dates up to {later}: set the"
        f" clock, or if it was wrong then, mend dose/{code}.json"
    )
    raise RefusedError(
        f"the dose of profile '{code}' is used up: {used:.1f} of {profile.minutes_per_day:g} min"
        f" today{doubt if later else ''}"
    )


def _against(name: str, unticked: Sequence[str]) -> str:
    touched = ", ".join(f"'{contraindication}'" for contraindication in unticked)
    return f"scenario '{name}' touches {touched}, which nobody ticked off for this child"


def _against_all(profile: Profile, scenarios: Sequence[Scenario]) -> str:
    """One of them in full, since a refusal has 400 characters on the bus, then the others."""
    fewest = min(scenarios, key=lambda each: len(profile.unticked(each)))
    ticks = profile.line_that_ticks(profile.unticked(fewest))
    others = "".join(
        f"; {_against(each.name, profile.unticked(each))}"
        for each in scenarios
        if each is not fewest
    )
    first = _against(fewest.name, profile.unticked(fewest))
    return f"{first}: have each checked and write {ticks}{others}"


def _arrival(command: SessionCommand) -> float:
    return 0.0 if command.rating is None else distress_of_smiley(command.rating)


def allowed_of(
    library: Mapping[str, Scenario], profile: Profile, excluded: Collection[str]
) -> list[Scenario]:
    """The scenarios that a child may have, by name.

    Args:
        library: All of them.
        profile: The child's.
        excluded: What a caregiver excluded for this child.

    Raises:
        RefusedError: none is left.
    """
    out = profile.excluded_scenarios.union(excluded)
    allowed = [scenario for name, scenario in sorted(library.items()) if name not in out]
    if not allowed:
        also = " (with what a caregiver excluded)" if excluded else ""
        raise RefusedError(f"this child's profile excludes every scenario{also}: allow one")
    clear = [scenario for scenario in allowed if not profile.unticked(scenario)]
    if not clear:
        raise RefusedError(_against_all(profile, allowed))
    return clear
