"""`calmloop voice`: what the listener makes of recordings and of made-up sound."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from calmloop.base.errors import InputError
from calmloop.cli.failures import failures_reported, say
from calmloop.cli.outputs import file_option
from calmloop.voice import soundscapes
from calmloop.voice.clips import SoundClip, read_folder, speech
from calmloop.voice.curve import (
    CRYING,
    SNRS_DB,
    Scores,
    Share,
    chosen_threshold,
    mixed,
    thinned,
)
from calmloop.voice.drawing import draw
from calmloop.voice_listener import NetworkSection, Samples, Yamnet

app = typer.Typer(no_args_is_help=True, help="What the voice listener makes of sound.")
SHIPPED = NetworkSection().threshold
CHAIRS_SOUNDS = ("surf", "rain", "singing bowl", "forest")
OTHERS_SNR_DB = 10.0
MAX_OTHERS = 16
"""Clips of each kind: those of speech alone are hundreds."""


@app.callback()
def voice() -> None:
    """What the voice listener makes of sound."""


@app.command()
def curve(
    model: Annotated[Path, typer.Option(help="yamnet_spectra_in.tflite.")],
    crying: Annotated[Path, typer.Option(help="Folder of WAV files of crying.")],
    other: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of WAV files of something else, by its name; repeatable."),
    ] = None,
    picture: Annotated[Path | None, file_option(help="A PNG of the curve.")] = None,
) -> None:
    """Measures which sound is called crying, and which threshold it takes.

    Each clip counts once, by its highest score; longer ones are cut to 7 s. Speech needs espeak-ng.
    """
    with failures_reported():
        network = Yamnet(model)
        cries = read_folder(crying, CRYING)
        others = [clip for folder in other or [] for clip in read_folder(folder, folder.name)]
        if any(clip.kind == CRYING for clip in others):
            raise InputError(f"--other: a folder is called '{CRYING}': give it another name")
        spoken, made = list(speech()), list(soundscapes.made())
        if not spoken:
            say("espeak-ng is not installed: speech is left out", failed=True)
        console = Console()
        clips = track([*cries, *others, *spoken, *made], "listening", console=Console(stderr=True))
        scores = Scores(clips, network)
        console.print(_calls(scores))
        console.print(_noisy(cries, network))
        console.print(_others_noisy([*others, *spoken, *made], network))
        console.print(_choice(scores))
        if picture is not None:
            draw(scores, SHIPPED, picture)


def _calls(scores: Scores) -> Table:
    table = Table(title="Clips called crying (95 % interval)")
    table.add_column("sound")
    table.add_column("clips", justify="right")
    marks = (0.3, SHIPPED, 0.7)
    for mark in marks:
        table.add_column(f"at {mark:g}", justify="right")
    table.add_column(f"at {SHIPPED:g}, not chosen on", justify="right")
    rest = scores.half(chosen_on=False)
    for kind in scores.kinds:
        shares = [scores.called(kind, mark) for mark in marks]
        table.add_row(
            kind,
            str(shares[0].count),
            *map(_percent, shares),
            _percent(rest.called(kind, SHIPPED)),
        )
    return table


def _noisy(cries: list[SoundClip], network: Yamnet) -> Table:
    table = _over_the_chair(f"Crying, called at {SHIPPED:g}", "the chair's sound is below by")
    for snr_db in SNRS_DB:
        scores = [Scores(mixed(cries, around, snr_db), network) for around in _chairs_sounds()]
        cells = [_percent(one.called(CRYING, SHIPPED)) for one in scores]
        table.add_row(f"{snr_db:g} dB", *cells)
    return table


def _others_noisy(others: list[SoundClip], network: Yamnet) -> Table:
    title = f"The rest, the chair's sound {OTHERS_SNR_DB:g} dB below, called at {SHIPPED:g}"
    table = _over_the_chair(title, "sound")
    some = thinned(others, MAX_OTHERS)
    scores = [Scores(mixed(some, around, OTHERS_SNR_DB), network) for around in _chairs_sounds()]
    for kind in scores[0].kinds:
        table.add_row(kind, *(_percent(one.called(kind, SHIPPED)) for one in scores))
    return table


def _over_the_chair(title: str, first: str) -> Table:
    table = Table(title=title)
    table.add_column(first)
    for name in CHAIRS_SOUNDS:
        table.add_column(name, justify="right")
    return table


def _chairs_sounds() -> list[Samples]:
    around = {clip.name: clip.samples for clip in soundscapes.made(seeds=1)}
    return [around[f"{name} 0"] for name in CHAIRS_SOUNDS]


def _choice(scores: Scores) -> str:
    chosen = chosen_threshold(scores.half(chosen_on=True))
    rest = scores.half(chosen_on=False)
    if chosen is None:
        return "No threshold keeps both bounds on every second clip."
    return (
        f"Chosen on every second clip: {chosen:g}. On the others it calls"
        f" {_percent(rest.called(CRYING, chosen))} of the crying and"
        f" {_percent(rest.others_called(chosen))} of the rest. Shipped: {SHIPPED:g}."
    )


def _percent(share: Share) -> str:
    low, high = share.interval
    return f"{100 * share.share:.0f} % ({100 * low:.0f}–{100 * high:.0f})"
