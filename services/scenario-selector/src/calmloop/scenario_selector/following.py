"""What of a track sounds when a setpoint of now reaches the chair, by what its player tells."""

from calmloop.base.tracks import TrackError, TrackLibrary, TrackSidecar
from calmloop.contract.messages.sound import SoundCondition, SoundState
from calmloop.scenario_selector.movement import LOST, Heard

LEAD_S = 0.08
"""From a level to the chair that gives it: half of the 80 ms that a setpoint stands until the next,
and 38.5 ms from a setpoint to the chair's report of it, the median that `make bench` measured."""

MAX_APART_S = 1.0
"""Between now and the time that a place is told for: the largest buffer and the oldest news."""

LOOKS_EVERY_S = 5.0
"""How often a sidecar is looked for that was missing, or may have been changed."""


class SoundPlaces:
    """Reads the sidecar of the track that sounds, each once until its file changes."""

    def __init__(self, boot_id: str, tracks: TrackLibrary | None) -> None:
        """Has read none.

        Args:
            boot_id: Of this host's kernel: the player's clock is ours only where it is the same.
            tracks: Where the sidecars are; None for none.
        """
        self._boot_id = boot_id
        self._tracks = tracks
        self._name = ""
        self._signature: tuple[int, int] | None = None
        self._sidecar: TrackSidecar | None = None
        self._look_again_s = 0.0

    def heard(self, state: SoundState | None, now_s: float) -> Heard:
        """The place in the track that sounds at the chair's answer to a setpoint of now.

        LOST where nothing plays, or its time is not of this host, or more than MAX_APART_S from
        now: what cannot be true is not followed.

        Args:
            state: What the player tells, while it is fresh.
            now_s: By CLOCK_MONOTONIC.
        """
        if state is None or state.condition is not SoundCondition.PLAYING:
            return LOST
        place_s, output_ns = state.position_s, state.output_ns
        if place_s is None or output_ns is None or state.host_boot_id != self._boot_id:
            return LOST
        ahead_s = now_s - output_ns / 1e9
        if abs(ahead_s) > MAX_APART_S:
            return LOST
        return Heard(state.track, place_s + ahead_s + LEAD_S, self._find(state.track, now_s))

    def _find(self, name: str, now_s: float) -> TrackSidecar | None:
        if name != self._name:
            self._name, self._signature, self._sidecar = name, None, None
        elif now_s < self._look_again_s:
            return self._sidecar
        self._look_again_s = now_s + LOOKS_EVERY_S
        if self._tracks is None:
            return None
        try:
            signature = _signature(self._tracks, name)
            if signature != self._signature:
                self._sidecar = self._tracks.sidecar(name)
                self._signature = signature
        except TrackError:
            self._signature, self._sidecar = None, None
        return self._sidecar


def _signature(tracks: TrackLibrary, name: str) -> tuple[int, int] | None:
    try:
        status = tracks.sidecar_path(name).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
