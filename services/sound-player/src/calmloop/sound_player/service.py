"""The sound player on the bus: what may sound comes in, what sounds is told."""

from dataclasses import replace
from typing import Any

from calmloop.base.clock import monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.base.freshness import Received
from calmloop.base.tracks import RATE_HZ
from calmloop.contract import topics
from calmloop.contract.messages.base import Command
from calmloop.contract.messages.sound import SoundCondition, SoundState
from calmloop.service.runtime import Context, Health
from calmloop.sound_player.first_rendering import FirstRendering
from calmloop.sound_player.mixer import Mixer, Place
from calmloop.sound_player.playback import SoundPlayback, SoundPlaybackReport
from calmloop.sound_player.rules import SilenceRules, Verdict
from calmloop.sound_player.settings import OUTPUTS, Settings
from calmloop.sound_player.shelf import Shelf

STATE_PERIOD_S = 0.1
CLOSE_S = 2.0
"""How long an output may take to let go when the service ends; the process' end closes the rest."""
STUCK_S = 60.0
"""A driver that does not return for so long will not any more."""


class SoundPlayerService:
    """Lets sound while the rules say so; without news it falls silent by itself."""

    period_s = 0.05

    def __init__(self, context: Context[Settings]) -> None:
        section = context.settings.sound_player
        self._bus, self._clock, self._log = context.bus, context.clock, context.log
        self._rules = SilenceRules(context.clock, context.bus.ages)
        self._mixer = Mixer()
        self._shelf = Shelf(context.settings.tracks)
        output = OUTPUTS.chosen(section)[0].load(context.clock, section.buffer_s)
        self._playback = SoundPlayback(
            output, self._mixer, self._shelf, context.clock, context.bus.wake
        )
        self._told = SoundState(condition=SoundCondition.SILENT)
        self._tell_at_s = 0.0
        self._bus.subscribe(topics.STOP, self._on_stop)
        self._bus.subscribe(topics.STOP_STATE, self._rules.receive_stop_state)
        self._bus.subscribe(topics.CHAIR_STATE, self._rules.receive_chair, latest_only=True)
        self._bus.subscribe(
            topics.STIMULUS_SETPOINT, self._rules.receive_setpoint, latest_only=True
        )
        folder = context.settings.soundscapes_dir
        self._rendering = FirstRendering(folder, context.log) if folder is not None else None
        self._shelf.start()
        self._playback.start()
        if self._rendering is not None:
            self._rendering.start()

    def turn(self) -> Health:
        """Follows what came, and tells ten times a second what sounds."""
        verdict, report = self._rules.verdict(), self._report()
        self._playback.ask(verdict.track)
        self._mixer.permit(0 if report.track else verdict.until_ns)
        self._tell(self._said(verdict, report))
        self._check_threads()
        return Health(not report.output, (report.output or report.track)[:200])

    def discard(self) -> None:
        """Forgets every input but stops, and falls silent until there is a new one."""
        self._rules.clear()
        self._mixer.permit(0)

    def close(self) -> None:
        """Lets the output go."""
        self._mixer.permit(0)
        if self._rendering is not None:
            self._rendering.stop()
        self._shelf.stop()
        self._playback.stop(CLOSE_S)

    def _on_stop(self, _received: Received[Command]) -> None:
        self._rules.stop()
        self._mixer.permit(0)

    def _report(self) -> SoundPlaybackReport:
        """What cannot be played; that a track is still to be rendered comes first."""
        report = self._playback.report
        told = self._rendering.told if self._rendering is not None else ""
        return (
            replace(report, track=f"{told} ({report.track})") if report.track and told else report
        )

    def _said(self, verdict: Verdict, report: SoundPlaybackReport) -> dict[str, Any]:
        """The fields of the state: they are looked at more often than they are told."""
        output = self._playback.output
        said: dict[str, Any] = {
            "track": verdict.track,
            "device": output.origin[:200],
            "output_kind": output.kind,
            "underruns": output.underruns + self._mixer.starved,
        }
        if report.output:
            said |= {"condition": SoundCondition.NO_OUTPUT, "reason": report.output[:300]}
        elif report.track and verdict.track:
            said |= {"condition": SoundCondition.NO_TRACK, "reason": report.track[:300]}
        elif (place := self._mixer.place) is not None:
            said |= {"condition": SoundCondition.PLAYING} | _told_of(place)
        else:
            reason = verdict.reason or "the track is being read"
            said |= {"condition": SoundCondition.SILENT, "reason": reason[:300]}
        return said

    def _tell(self, said: dict[str, Any]) -> None:
        now_s, told = monotonic_s(self._clock), self._told
        changed = (said["condition"], said["track"]) != (told.condition, told.track)
        if not changed and now_s < self._tell_at_s:
            return
        state = SoundState(**said)
        if changed:
            self._log.info(
                "sound", **state.model_dump(include={"condition", "track", "reason", "device"})
            )
        # By a schedule: what a turn came late by is no time that the next one waits longer.
        due_s = now_s if changed else self._tell_at_s
        self._told, self._tell_at_s = state, max(due_s + STATE_PERIOD_S, now_s)
        self._bus.publish(topics.SOUND_STATE, state)

    def _check_threads(self) -> None:
        if self._playback.crashed or self._shelf.crashed:
            raise DeviceError("playing has crashed: see the traceback above")
        if self._playback.busy_s > STUCK_S:
            raise DeviceError(
                f"{self._playback.output.origin} has not returned for {STUCK_S:.0f} s: this process"
                " ends, so that the driver is let go and its supervisor starts it again"
            )


def _told_of(place: Place) -> dict[str, Any]:
    sidecar = place.deck.sidecar
    return {
        "track": sidecar.name,
        "position_s": round(place.frame / RATE_HZ, 6),
        "output_ns": place.output_ns,
        "length_s": sidecar.duration_s,
    }
