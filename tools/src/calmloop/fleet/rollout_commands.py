"""`calmloop fleet rollout`: a release goes through the fleet, ring by ring."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from calmloop.base.clock import SystemClock
from calmloop.base.errors import InputError
from calmloop.cli.failures import say
from calmloop.contract.fleet_health import FLEET_HEALTH, ChairHealth
from calmloop.fleet.judge import in_fleet, judge
from calmloop.fleet.repository import FleetRepository
from calmloop.fleet.repository_commands import Keys, RepositoryFolder
from calmloop.fleet.rollout import RINGS_PCT, Rollout

HOW = "`docker compose exec -T page python -m calmloop.fleet_page chairs` at the centre writes it"
Chairs = Annotated[
    typer.FileText, typer.Option(help="What the centre knows of the chairs, JSON; -: from stdin.")
]

app = typer.Typer(help="A release goes through the fleet, ring by ring.", no_args_is_help=True)


@app.command()
def start(version: str, repository: RepositoryFolder, keys: Keys, chairs: Chairs) -> None:
    """Begins with the first ring; what was rolled out before has to be in all chairs, or halted."""
    there, now = _repository(repository, keys), SystemClock().utc_now()
    fleet = _read(chairs)
    old = _rollout(there)
    if version not in there.releases():
        raise InputError(
            f"{version} is not in {repository}: publish it first; there are {there.releases()}"
        )
    _refuse_under_way(old)
    new = Rollout.begin(version, _most_have(fleet), [chair.name for chair in fleet], now)
    if old:
        bad = tuple(one for one in old.bad if one != version)
        new = new.model_copy(update={"bad": bad})
    there.set_rollout(_text(new))
    say(_told(new, fleet))


@app.command(name="judge")
def judge_command(repository: RepositoryFolder, keys: Keys, chairs: Chairs) -> None:
    """Lets it go on, wait, or halts it, by how the chairs of its ring are; signs what is newest.

    It is what the centre runs all quarters of an hour.
    """
    there = _repository(repository, keys)
    there.refresh()
    old = _rollout(there)
    if old is None:
        say("nothing is rolled out")
        return
    new, why = judge(old, _read(chairs), SystemClock().utc_now())
    if new != old:
        there.set_rollout(_text(new))
    say(f"{new.release}: {why}", failed=bool(new.halted))


@app.command()
def advance(repository: RepositoryFolder, keys: Keys, chairs: Chairs) -> None:
    """Goes on to the next ring, because a person says so."""
    there = _repository(repository, keys)
    old, fleet = _going(there), _read(chairs)
    new = old.advanced((chair.name for chair in fleet), SystemClock().utc_now())
    there.set_rollout(_text(new))
    say(_told(new, fleet))


@app.command()
def halt(repository: RepositoryFolder, keys: Keys, why: Annotated[str, typer.Option()]) -> None:
    """Nobody takes it any more, and who has it goes back, because a person says so."""
    there = _repository(repository, keys)
    new = _going(there).halt(why)
    there.set_rollout(_text(new))
    say(f"{new.release} is halted: who has it goes back to the release before it")


@app.command()
def show(repository: RepositoryFolder) -> None:
    """What is rolled out, and how far."""
    rollout = _rollout(_repository(repository))
    if rollout is None:
        say("nothing is rolled out")
        return
    state = f"halted: {rollout.halted}" if rollout.halted else "goes on"
    say(
        f"{rollout.release} after {rollout.before or 'nothing'}: {rollout.ring_pct} % since"
        f" {rollout.since:%Y-%m-%d %H:%M} UTC, {state}; bad: {', '.join(rollout.bad) or 'none'}"
    )


def _repository(folder: Path, *keys: Path) -> FleetRepository:
    return FleetRepository(folder, SystemClock().utc_now, *keys)


def _rollout(there: FleetRepository) -> Rollout | None:
    text = there.rollout()
    return Rollout.parse(text) if text else None


def _going(there: FleetRepository) -> Rollout:
    rollout = _rollout(there)
    if rollout is None or rollout.halted:
        raise InputError("nothing is rolled out that goes on: `start` begins; nothing was done")
    return rollout


def _refuse_under_way(rollout: Rollout | None) -> None:
    if rollout and not rollout.halted and rollout.ring_pct < RINGS_PCT[-1]:
        raise InputError(
            f"{rollout.release} is at {rollout.ring_pct} %: `halt` it, or wait; nothing was done"
        )


def _most_have(fleet: list[ChairHealth]) -> str:
    """The version that most have; empty: none has said."""
    counted = Counter(chair.version for chair in fleet if chair.version)
    return counted.most_common(1)[0][0] if counted else ""


def _text(rollout: Rollout) -> bytes:
    return (rollout.model_dump_json(indent=1) + "\n").encode()


def _read(chairs: typer.FileText) -> list[ChairHealth]:
    try:
        return in_fleet(FLEET_HEALTH.validate_json(chairs.read()))
    except ValidationError:
        raise InputError(f"{chairs.name}: says not how chairs are: {HOW}") from None


def _told(rollout: Rollout, fleet: list[ChairHealth]) -> str:
    ring = sum(rollout.reaches(chair.name) for chair in fleet)
    return f"{rollout.release}: {rollout.ring_pct} %, {ring} of {len(fleet)} chairs"
