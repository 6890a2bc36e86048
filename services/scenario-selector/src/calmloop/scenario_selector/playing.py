"""How much of the sound that a session asks for the chair is asked for, by what its player tells.

A chair without a player has another source of sound, or none: there all of it. Once a player was
heard, an amplifier that is up while nothing plays would let its next sound come all at once.
"""

from calmloop.base.freshness import Ages, Latest, Received
from calmloop.base.tracks import TrackLibrary
from calmloop.contract import topics
from calmloop.contract.messages.session import Mode
from calmloop.contract.messages.sound import SoundCondition, SoundState
from calmloop.scenario_selector.entrainment import Rhythm
from calmloop.scenario_selector.following import SoundPlaces
from calmloop.scenario_selector.limits import SOUND_BACK_S
from calmloop.scenario_selector.session import AWAKE, Session

ABLE = frozenset({SoundCondition.PLAYING, SoundCondition.SILENT})
"""It plays what the setpoint names, or would."""


class SoundShare:
    """0 to 1: at once 0 while the player cannot play, and then slowly back.

    It keeps what was last heard over a stop of the process, since that counts by its age.
    """

    def __init__(self, ages: Ages, tracks: TrackLibrary | None = None) -> None:
        """All of it, until a player tells otherwise.

        Args:
            ages: Of what it tells.
            tracks: Where the sidecars of what it plays are; without, nothing follows the sound.
        """
        self._latest = Latest[SoundState](ages, topics.SOUND_STATE.max_age_s or 0.0)
        self._places = SoundPlaces(ages.boot_id, tracks)
        self._share = 1.0

    def receive(self, received: Received[SoundState]) -> None:
        """The player tells what it does."""
        self._latest.put(received)

    def turn(
        self,
        elapsed_s: float,
        session: Session | None,
        now_s: float,
        rhythm: Rhythm | None = None,
    ) -> float:
        """The share now, after `elapsed_s` of a session; without one nothing has to rise slowly.

        It is the session's from now on, and so is what of it follows the sound or breathes. A
        session that does not listen to the child does not know its `rhythm` either.
        """
        if not self._is_able:
            self._share = 0.0
        elif session is None:
            self._share = 1.0
        elif self._share < 1.0 and may_rise(session, now_s):
            self._share = min(1.0, self._share + elapsed_s / SOUND_BACK_S)
        if session is not None:
            player, heard = session.repertoire.player, None
            if self._latest.age_s() is not None:
                heard = self._places.heard(self._latest.get(), now_s)
            player.sound_share = self._share
            player.crosses = self._latest.age_s() is not None
            own = rhythm if session.plan.mode is Mode.ADAPTIVE else None
            player.move(elapsed_s, heard, may_rise=may_rise(session, now_s), rhythm=own)
        return self._share

    @property
    def _is_able(self) -> bool:
        if self._latest.age_s() is None:
            return True
        state = self._latest.get()
        return state is not None and state.condition in ABLE


def may_rise(session: Session, now_s: float) -> bool:
    """Whether anything may that is no answer to the child."""
    if session.phase not in AWAKE or session.is_held or session.is_closing:
        return False
    return session.plan.mode is Mode.MANUAL or not session.watch.doubt(now_s)
