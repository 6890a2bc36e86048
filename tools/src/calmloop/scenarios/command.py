"""`calmloop scenario`: lists, draws, plays and checks scenarios before a child meets them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from calmloop.base import settings
from calmloop.base.errors import ConfigurationError, InputError
from calmloop.base.languages import Language
from calmloop.base.track_audio import load
from calmloop.base.tracks import TrackLibrary
from calmloop.cli.failures import EXIT_CONFIGURATION, failures_reported, say
from calmloop.cli.outputs import file_option
from calmloop.scenario_selector import (
    Scenario,
    ScenarioPhase,
    Settings,
    load_scenarios,
    scenario_icon,
)
from calmloop.scenarios import drawing, listening
from calmloop.scenarios.timeline import NOTABLE_PCT, ScenarioTimeline, timeline
from calmloop.sound import playing
from calmloop.soundscapes.catalogue import BY_NAME

app = typer.Typer(no_args_is_help=True, help="Scenarios, before a child meets them.")
PHASE_PLAYED_S = 12.0


@app.callback()
def scenario() -> None:
    """Scenarios, before a child meets them."""


@app.command(name="list")
def list_command(
    language: Annotated[
        Language | None, typer.Option(help="Of the titles; English unless given.")
    ] = None,
) -> None:
    """Lists the scenarios: what each is for, how long, and what can speak against it."""
    with failures_reported():
        configured = settings.load(Settings).scenario_selector
        table = Table(title="Scenarios")
        for heading in ("name", "title", "for", "min", "against it"):
            table.add_column(heading)
        for one in load_scenarios(configured.scenarios_dir).values():
            table.add_row(
                one.name,
                one.title_in(language.value if language else ""),
                one.purpose,
                f"{one.duration_s / 60:.0f}",
                ", ".join(one.contraindications),
            )
        Console().print(table)


@app.command()
def preview(
    name: Annotated[str, typer.Argument(help="Of a scenario: that of its file.")],
    out: Annotated[Path | None, file_option(help="Draw it into this PNG, too.")] = None,
    intensity: Annotated[
        float, typer.Option(min=1.0, max=100.0, help="At which it is played, in percent.")
    ] = 60.0,
    play: Annotated[
        bool,
        typer.Option(help="Play its sound, at its levels, on this machine's speakers."),
    ] = False,
) -> None:
    """Shows what a scenario does to vibration, sound and light, and what the gate makes of it."""
    with failures_reported():
        configured = settings.load(Settings)
        tracks = configured.tracks
        library = load_scenarios(configured.scenario_selector.scenarios_dir)
        if name not in library:
            raise InputError(f"no scenario is called '{name}': there are {', '.join(library)}")
        shown = timeline(library[name], intensity, tracks)
        for line in _told(shown):
            typer.echo(line)
        if out is not None:
            drawing.draw(shown, intensity, out)
            say(f"{name} is drawn in {out}")
        if play:
            _play(shown.scenario, intensity, tracks)


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Of scenario files.")],
) -> None:
    """Checks the scenarios of a folder: each file, and the tracks that they name.

    Exit code 2: one is wrong; each fault is told with file, line, key, value and bound.
    """
    with failures_reported():
        tracks = settings.load(Settings).tracks
        names = sorted({path.stem for path in _files(folder)})
        library = load_scenarios(folder)
        for name in names:
            scenario_icon(name, folder)
    if not all([_is_good(library[name], tracks) for name in names]):
        raise typer.Exit(EXIT_CONFIGURATION)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder: name one that holds scenarios")
    found = [path for path in folder.iterdir() if path.suffix in (".yaml", ".yml")]
    if not found:
        raise InputError(f"{folder}: holds no scenario: name a folder of .yaml files")
    return found


def _is_good(one: Scenario, tracks: TrackLibrary) -> bool:
    shown = timeline(one, 100.0, tracks)
    faults = [why for name, why in shown.missing.items() if name not in BY_NAME]
    for why in faults:
        say(f"{one.name}: sound: {why}", failed=True)
    if not faults:
        say(f"good: {one.name}: {one.title}, {one.duration_s / 60:.0f} min{_remark(shown)}")
    return not faults


def _remark(shown: ScenarioTimeline) -> str:
    shaped = {name: apart for name, apart in shown.shaped_away_pct.items() if apart > NOTABLE_PCT}
    told = ", ".join(f"up to {apart:.0f} % of the {name}" for name, apart in shaped.items())
    remarks = [f"the chair's gate takes away {told}"] if told else []
    remarks += [
        f"vibration hardly follows '{name}': it follows swells of some seconds, not beats"
        for name in shown.hardly_followed
    ]
    remarks += [
        f"vibration keeps its own frequency beside '{name}': {why}"
        for name, why in shown.toneless.items()
    ]
    return "".join(f"; {remark}" for remark in remarks)


def _told(shown: ScenarioTimeline) -> list[str]:
    one = shown.scenario
    phases = [
        f"  {phase.title}, {phase.duration_s:g} s: {phase.sound.track if phase.sound else 'silent'}"
        f"{_moving(phase)}"
        for phase in one.phases
    ]
    return [
        f"{one.title}, {one.duration_s / 60:.0f} min",
        one.description,
        *([f"what for: {one.purpose}"] if one.purpose else []),
        f"against it: {', '.join(one.contraindications)}",
        *phases,
        "",
        *drawing.lines(shown),
        "",
        _remark(shown).removeprefix("; ") or "the chair's gate lets all of it through",
        *shown.missing.values(),
    ]


def _moving(phase: ScenarioPhase) -> str:
    """What of a phase moves together."""
    tracks = {"vibration": phase.vibration, "light": phase.light}
    names = _following(phase)
    following = ", ".join(names[:-1]) + " and " * (len(names) > 1) + "".join(names[-1:])
    paced = " and ".join(name for name, track in tracks.items() if track and track.paced)
    told = f", and {following} follow{'s' * (len(names) == 1)} it" if following else ""
    if (pace := phase.pace) is None:
        return told
    own = ", or from the child's own where its heart is known" if pace.starts_at else ""
    per_min = dict.fromkeys((f"{pace.from_per_min:g}", f"{pace.to_per_min:g}"))
    return f"{told}, {paced} at {' to '.join(per_min)} breaths a minute{own}"


def _following(phase: ScenarioPhase) -> list[str]:
    """What follows its sound, in words."""
    vibration, light = phase.vibration, phase.light
    follows = {
        "vibration's frequency": vibration and vibration.frequency_follows,
        "vibration": vibration and vibration.follows,
        "light": light and light.follows,
    }
    return [name for name, yes in follows.items() if yes]


def _play(one: Scenario, intensity_pct: float, library: TrackLibrary) -> None:
    """Plays its sound as the chair would give it, with phases of PHASE_PLAYED_S."""
    tracks = {}
    for name in sorted({phase.sound.track for phase in one.phases if phase.sound}):
        try:
            tracks[name] = load(library, name)
        except ConfigurationError as error:
            say(str(error), failed=True)
    if tracks:
        say(f"plays {PHASE_PLAYED_S:g} s of each phase, the loudest at its track's own level")
        short = timeline(listening.shortened(one, PHASE_PLAYED_S), intensity_pct, library)
        playing.play_blocks(listening.performance(short, tracks), 2)
