"""`calmloop sound`: renders, takes in, lists, plays and draws the tracks of the chair."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track as progress
from rich.table import Table

from calmloop.base import settings
from calmloop.base.errors import InputError
from calmloop.base.settings import ServiceSettings
from calmloop.base.track_audio import check, load
from calmloop.base.tracks import (
    LOUDNESS_TOLERANCE_LU,
    MAX_ONSET_DB,
    TARGET_LUFS,
    TrackError,
    TrackLibrary,
    TrackSidecar,
)
from calmloop.cli.failures import EXIT_CONFIGURATION, failures_reported, say
from calmloop.cli.outputs import file_option
from calmloop.sound import drawing, playing
from calmloop.sound.importing import PreparedTrack, check_name, prepare, take_in
from calmloop.sound.looping import LoopMode
from calmloop.soundscapes.catalogue import BY_NAME, SOUNDSCAPES, Soundscape
from calmloop.soundscapes.rendering import is_someone_elses, is_there, render

app = typer.Typer(no_args_is_help=True, help="The tracks that the chair can play.")
Folder = Annotated[
    Path | None,
    typer.Option(help="Of the tracks; else the setting tracks_dir.", show_default=False),
]


@app.callback()
def sound() -> None:
    """The tracks that the chair can play."""


@app.command(name="render")
def render_command(
    names: Annotated[
        list[str] | None, typer.Argument(help="Soundscapes by name; else all that ship.")
    ] = None,
    folder: Folder = None,
    anew: Annotated[bool, typer.Option(help="Also what is there and undamaged.")] = False,
) -> None:
    """Renders the soundscapes that ship: what is missing, damaged or of an older version."""
    with failures_reported():
        library = library_at(folder)
        chosen = _chosen(names)
        wanted = [scape for scape in chosen if anew or not is_there(scape, library)]
        if taken := [scape.name for scape in wanted if is_someone_elses(scape, library)]:
            raise InputError(
                f"{library.folder}: {', '.join(taken)}: a track of your own has the name of a"
                " soundscape: give its two files another name, or render others by name"
            )
        for scape in progress(wanted, "rendering", console=Console(stderr=True)):
            render(scape, library)
        say(f"{library.folder}: {len(wanted)} rendered, {len(chosen) - len(wanted)} were there")


@app.command(name="list")
def list_command(
    folder: Folder = None,
    whole: Annotated[
        bool, typer.Option("--check", help="Decode each, and compare it with its sidecar.")
    ] = False,
) -> None:
    """Lists the tracks. Exit code 2: one cannot be used; its fault is told."""
    with failures_reported():
        library = library_at(folder)
        table, faults = _listed(library, whole)
        Console().print(table)
    for fault in faults:
        say(fault, failed=True)
    if faults:
        raise typer.Exit(EXIT_CONFIGURATION)


@app.command()
def play(
    name: Annotated[str, typer.Argument(help="Of a track.")],
    folder: Folder = None,
    seconds: Annotated[float, typer.Option(min=1.0, max=3600.0, help="How long.")] = 30.0,
    device: Annotated[str, typer.Option(help="Part of an output's name, or its number.")] = "",
) -> None:
    """Plays a track on this machine, faded in and out; Ctrl-C ends it."""
    with failures_reported():
        playing.play(load(library_at(folder), name), seconds, device)


@app.command()
def draw(
    out: Annotated[Path, file_option(help="The PNG to write.")],
    names: Annotated[
        list[str] | None, typer.Argument(help="Of tracks; else all that are there.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Draws tracks: spectrogram, level (blue) and the envelope of the low band (orange)."""
    with failures_reported():
        library = library_at(folder)
        found = names or library.names()
        if not found:
            raise InputError(
                f"{library.folder}: holds no track: make those that ship with `calmloop sound"
                " render`, or name another folder"
            )
        drawn = [drawing.DrawnTrack.of(load(library, name)) for name in found]
        drawing.draw(drawn, out)
        say(f"{len(drawn)} tracks are drawn in {out}")


@app.command(name="import")
def import_command(
    file: Annotated[Path, typer.Argument(help="FLAC, WAV, Ogg Vorbis, Opus or MP3.")],
    name: Annotated[str, typer.Option(help="Of the track: a-z, 0-9 and '-'.")],
    licence: Annotated[str, typer.Option(help="Under which it may be played here.")],
    title: Annotated[str, typer.Option(help="For people; else its name.")] = "",
    loop: Annotated[
        LoopMode,
        typer.Option(help="A loop by a crossfade, one as the file stands, or none."),
    ] = LoopMode.CROSSFADE,
    plot: Annotated[Path | None, file_option(help="Draw the place of its largest onset.")] = None,
    force: Annotated[bool, typer.Option(help="Also if it has sudden onsets.")] = False,
    replace: Annotated[bool, typer.Option(help="Write over a track of this name.")] = False,
    folder: Folder = None,
) -> None:
    """Takes in a track of your own: resampled, looped, at the loudness of all, nothing sudden.

    Exit code 2: it cannot be read, or rises by more than 20 dB in 100 ms; nothing is written then
    but the plot.
    """
    with failures_reported():
        library = library_at(folder)
        check_name(name, library, replace=replace)
        prepared = prepare(file, loop)
        if plot is not None:
            drawing.draw_onset(prepared.drawn(name), prepared.onset_db, prepared.onset_at_s, plot)
        if prepared.is_sudden and not force:
            raise InputError(_sudden(file, prepared, plot))
        known = take_in(
            prepared,
            library,
            name=name,
            title=title or name,
            licence=licence,
            source=f"imported from {file.name[:200]}",
        )
        say(_taken_in(known, prepared))


def library_at(folder: Path | None) -> TrackLibrary:
    """The library in a folder, or in that of the settings.

    Raises:
        ConfigurationError: the settings are wrong.
    """
    return TrackLibrary(folder or settings.load(ServiceSettings).tracks_dir)


def _sudden(file: Path, prepared: PreparedTrack, plot: Path | None) -> str:
    seen = f"{plot} shows it" if plot else "--plot FILE draws it"
    return (
        f"{file}: rises by {prepared.onset_db:g} dB within 100 ms at {prepared.onset_at_s:.2f} s,"
        f" and {MAX_ONSET_DB:g} is the most, since what is sudden startles: {seen}; take another"
        " sound, soften that place, or --force it"
    )


def _taken_in(known: TrackSidecar, prepared: PreparedTrack) -> str:
    quiet = known.loudness_lufs < TARGET_LUFS - LOUDNESS_TOLERANCE_LU
    why = f"; its peaks allow no more, the others have {TARGET_LUFS:g}" if quiet else ""
    return (
        f"{known.name}: {known.duration_s:.1f} s, {prepared.gain_db:+.1f} dB to"
        f" {known.loudness_lufs:.1f} LUFS, true peak {known.true_peak_dbtp:.1f} dBTP{why},"
        f" largest onset {known.onset_db:g} dB{', forced' * known.forced}"
    )


def _chosen(names: list[str] | None) -> list[Soundscape]:
    unknown = [name for name in names or () if name not in BY_NAME]
    if unknown:
        raise InputError(
            f"no soundscape is called {', '.join(unknown)}: there are {', '.join(BY_NAME)}"
        )
    return [scape for scape in SOUNDSCAPES if not names or scape.name in names]


def _listed(library: TrackLibrary, whole: bool) -> tuple[Table, list[str]]:
    table = Table(title=f"Tracks in {library.folder}")
    for heading in ("name", "title", "licence"):
        table.add_column(heading)
    for heading in ("s", "LUFS", "dBTP", "onset dB"):
        table.add_column(heading, justify="right")
    table.add_column("")
    faults = []
    for name in library.names():
        try:
            known = check(library, name) if whole else library.sidecar(name)
        except TrackError as error:
            faults.append(str(error))
            table.add_row(name, *[""] * 6, "[red]cannot be used[/red]")
        else:
            table.add_row(name, *_cells(known))
    return table, faults


def _cells(known: TrackSidecar) -> list[str]:
    notes = ["loop"] * known.loop + ["forced"] * known.forced
    figures = (
        f"{known.duration_s:.0f}",
        f"{known.loudness_lufs:.1f}",
        f"{known.true_peak_dbtp:.1f}",
        f"{known.onset_db:.1f}",
    )
    return [known.title, known.licence, *figures, ", ".join(notes)]
