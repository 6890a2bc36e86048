"""Runs the voice listener."""

import sys

from calmloop.contract.topics import Account
from calmloop.service.runtime import run
from calmloop.voice_listener.service import VoiceListenerService
from calmloop.voice_listener.settings import Settings

if __name__ == "__main__":
    sys.exit(run(Account.VOICE_LISTENER, Settings, VoiceListenerService))
