"""Whether a start is accepted, and with what plan: profile, scenarios and minutes of one child."""

import random
import uuid
from collections.abc import Mapping

from calmloop.base.errors import CalmloopError
from calmloop.contract.messages.session import AUTO, OverrideState, SessionCommand
from calmloop.scenario_selector.choice import Choice, History, choose
from calmloop.scenario_selector.day import Moment
from calmloop.scenario_selector.profiles import Profile
from calmloop.scenario_selector.records import Records
from calmloop.scenario_selector.scenario import Scenario
from calmloop.scenario_selector.session import Plan

MIN_MINUTES = 0.5
"""A remaining dose shorter than this is none."""


class RefusedError(CalmloopError):
    """A command is not obeyed; the text says why and what to do."""


def find(library: Mapping[str, Scenario], name: str, profile: Profile) -> Scenario:
    """The scenario of that name.

    Raises:
        RefusedError: nobody knows it, or it is not for this child.
    """
    if name not in library:
        known = ", ".join(sorted(library))
        raise RefusedError(f"scenario '{name}' is unknown: known are {known}")
    if name in profile.excluded_scenarios:
        raise RefusedError(f"scenario '{name}' is excluded by this child's profile: name another")
    return library[name]


def plan(
    command: SessionCommand,
    library: Mapping[str, Scenario],
    records: Records,
    overrides: OverrideState,
    now: Moment,
    rng: random.Random,
) -> Plan:
    """What a start would be.

    Raises:
        RefusedError: the day's dose is used up, or no scenario is left.
        RecordError: the profile is unknown, or a file of this child cannot be used.
    """
    profile = records.profile(command.profile)
    history = records.history(command.profile)
    wanted = overrides.scenario if command.scenario == AUTO else command.scenario
    allowed, choice = _choice(wanted or AUTO, library, profile, history, rng)
    left = _minutes_left(command.profile, profile, records, now)
    return Plan(
        session_id=uuid.uuid4().hex,
        code=command.profile,
        profile=profile,
        mode=command.mode,
        minutes=min(command.minutes, profile.minutes_per_session, left),
        allowed=allowed,
        choice=choice,
        history=history,
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


def _choice(
    name: str,
    library: Mapping[str, Scenario],
    profile: Profile,
    history: History,
    rng: random.Random,
) -> tuple[list[Scenario], Choice]:
    if name != AUTO:
        scenario = find(library, name, profile)
        return [scenario], Choice(scenario, "named by a caregiver", ())
    allowed = [
        scenario
        for key, scenario in sorted(library.items())
        if key not in profile.excluded_scenarios
    ]
    if not allowed:
        raise RefusedError("this child's profile excludes every scenario: allow one")
    return allowed, choose(allowed, history, rng, distressed=history.after_distress)
