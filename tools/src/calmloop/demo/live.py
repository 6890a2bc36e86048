"""The live view of a demo in the terminal, and the caregiver's keys."""

import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Group
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from calmloop.base.errors import NotConnectedError
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Phase
from calmloop.contract.messages.sound import SoundState
from calmloop.contract.messages.stimulus import Light
from calmloop.demo.report import Rejection
from calmloop.demo.run import Demo

COLOURS = {
    Label.NEGATIVE: "red",
    Label.NEUTRAL: "cyan",
    Label.POSITIVE: "green",
    Label.UNKNOWN: "bright_black",
}
REFUSALS_SHOWN_S = 10.0
KEYS = "   ".join(
    f"[b]{key}[/b] {meaning}"
    for key, meaning in {
        "space": "stop",
        "r": "reset",
        "s": "start",
        "-": "less",
        "+": "more",
        "p": "pause or resume",
        "q": "quit",
    }.items()
)


class LiveView:
    """Draws the newest states, and turns keys into commands."""

    def __init__(self, demo: Demo, minutes: float, live: Live) -> None:
        caregiver = demo.caregiver
        self._demo = demo
        self._live = live
        self._quit = False
        self._actions: dict[str, Callable[[], None]] = {
            " ": caregiver.stop,
            "r": caregiver.reset,
            "s": lambda: caregiver.start(minutes),
            "-": caregiver.less,
            "+": caregiver.more,
            "=": caregiver.more,
            "p": caregiver.pause_or_resume,
            "q": self._leave,
        }

    def turn(self) -> bool:
        """Redraws, obeys a key; False when it is time to leave."""
        for key in _pressed():
            action = self._actions.get(key)
            if action is not None:
                try:
                    action()
                except NotConnectedError as error:
                    self._live.console.print(f"[red]{error}")
        self._live.update(self._picture())
        return not self._quit

    def _leave(self) -> None:
        self._quit = True

    def _picture(self) -> Panel:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bright_black", justify="right")
        table.add_column(min_width=50)
        table.add_row("child", self._child())
        table.add_row("movement", self._movement())
        table.add_row("heart", self._heart())
        table.add_row("voice", self._voice())
        if self._demo.tally.sound is not None:
            table.add_row("sound", _sound(self._demo.tally.sound))
        table.add_row("session", self._session())
        table.add_row("intensity", self._intensity())
        table.add_row("chair", self._chair())
        table.add_row("stop", self._stop())
        for rejected in self._recent_refusals():
            table.add_row("refused", Text(f"{rejected.topic}: {rejected.reason}", "yellow"))
        title = f"Calmloop  {self._demo.observer.elapsed_s():.0f} s"
        return Panel(Group(table, Text(), Text.from_markup(KEYS)), title=title)

    def _recent_refusals(self) -> list[Rejection]:
        since_s = self._demo.observer.elapsed_s() - REFUSALS_SHOWN_S
        return [r for r in self._demo.tally.report.rejected if r.at_s > since_s][-2:]

    def _child(self) -> Text:
        emotion, face = self._demo.tally.emotion, self._demo.tally.face
        if emotion is None:
            return Text("nothing seen yet", "bright_black")
        text = Text(emotion.label, COLOURS[emotion.label])
        text.append(f"  confidence {emotion.confidence:.2f}  valence {emotion.valence:+.2f}")
        if emotion.reason is not None:
            text.append(f"  ({emotion.reason})", "bright_black")
        if face is not None and face.box is not None:
            text.append(f"  face {face.box.width_px:.0f} px", "bright_black")
        return text

    def _movement(self) -> Text:
        movement = self._demo.tally.movement
        if movement is None:
            return Text("nothing seen yet", "bright_black")
        if movement.log_energy is None:
            return Text(f"unknown: {movement.reason}", "bright_black")
        text = Text(f"{movement.log_energy:.1f}")
        if movement.head_speed is not None:
            text.append(f"  head {movement.head_speed:.2f} face widths/s")
        return text.append("  (log energy: 0 still, 1 lively)", "bright_black")

    def _heart(self) -> Text:
        heart = self._demo.tally.heart
        if heart is None:
            return Text("nothing heard yet", "bright_black")
        if heart.rate_bpm is None:
            return Text(f"unknown: {heart.reason}", "bright_black")
        text = Text(f"{heart.rate_bpm:.0f} a minute")
        if heart.rmssd_ms is not None:
            text.append(f"  RMSSD {heart.rmssd_ms:.0f} ms")
        return text.append(f"  ({heart.source_kind})", "bright_black")

    def _voice(self) -> Text:
        voice = self._demo.tally.voice
        if voice is None:
            return Text("nothing heard yet", "bright_black")
        if voice.above_floor_db is None:
            return Text(f"unknown: {voice.condition}", "bright_black")
        text = Text(f"{voice.above_floor_db:.0f} dB above the room")
        if voice.pitch_hz is not None:
            text.append(f"  {voice.pitch_hz:.0f} Hz")
        if voice.is_crying:
            text.append("  sounds like crying")
        return text.append(f"  ({voice.source_kind})", "bright_black")

    def _session(self) -> Text:
        session = self._demo.tally.session
        if session is None:
            return Text("unknown", "bright_black")
        text = Text(session.phase, "bold")
        if session.phase is not Phase.IDLE:
            text.append(f"  {session.scenario}  cycle {session.cycle}")
            text.append(f"  {session.minutes_left:.1f} min left", "bright_black")
        return text.append(f"\n{session.reason}", "bright_black")

    def _intensity(self) -> Group:
        session = self._demo.tally.session
        level = session.intensity_pct if session else 0.0
        ceiling = session.ceiling_pct if session else 0.0
        bar = ProgressBar(total=100, completed=level, width=40)
        return Group(bar, Text(f"{level:.0f} %, ceiling {ceiling:.0f} %"))

    def _chair(self) -> Text:
        chair = self._demo.tally.chair
        if chair is None:
            return Text("no chair", "red")
        applied = chair.applied
        text = Text(chair.mode, "bold")
        text.append(f"  vibration {applied.vibration_pct:.1f} % at {applied.vibration_hz:.0f} Hz")
        text.append(f"  sound {applied.sound_pct:.1f} %  light ")
        text.append("   ", f"on {_colour(applied.light)}")
        if chair.mode is ChairMode.SAFE and chair.arm_blocker:
            text.append(f"\n{chair.arm_blocker}", "bright_black")
        return text

    def _stop(self) -> Text:
        stop = self._demo.tally.stop
        if stop is None:
            return Text("unknown", "bright_black")
        return Text(f"latched: {stop.cause}", "red") if stop.latched else Text("clear", "green")


def _sound(sound: SoundState) -> Text:
    if sound.position_s is None or sound.length_s is None:
        return Text(f"{sound.condition}: {sound.reason}"[:200], "bright_black")
    return Text(f"{sound.track}  {sound.position_s:.0f} of {sound.length_s:.0f} s")


@contextmanager
def live_view(demo: Demo, minutes: float) -> Iterator[LiveView]:
    """The view, with the terminal set to give single keys."""
    with _single_keys(), Live(refresh_per_second=8, screen=False) as live:
        yield LiveView(demo, minutes, live)


@contextmanager
def _single_keys() -> Iterator[None]:
    if not sys.stdin.isatty():
        yield
        return
    descriptor = sys.stdin.fileno()
    saved = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, saved)


def _pressed() -> str:
    if not sys.stdin.isatty() or not select.select([sys.stdin], [], [], 0)[0]:
        return ""
    return os.read(sys.stdin.fileno(), 64).decode(errors="ignore")


def _colour(light: Light) -> str:
    channels = (light.red_pct, light.green_pct, light.blue_pct)
    # Square root: linear light shown on a screen that expects gamma of about 2.
    return "#" + "".join(f"{round(255 * (pct / 100) ** 0.5):02x}" for pct in channels)
