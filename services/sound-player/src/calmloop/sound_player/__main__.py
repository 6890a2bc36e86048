"""Runs the sound player."""

import sys

from calmloop.contract.topics import Account
from calmloop.service.runtime import run
from calmloop.sound_player.service import SoundPlayerService
from calmloop.sound_player.settings import Settings

if __name__ == "__main__":
    sys.exit(run(Account.SOUND_PLAYER, Settings, SoundPlayerService))
