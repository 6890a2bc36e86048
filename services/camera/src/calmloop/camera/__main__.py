"""Runs the camera service."""

import sys

from calmloop.camera.service import CameraService
from calmloop.camera.settings import Settings
from calmloop.runtime import run
from calmloop.topics import Account

sys.exit(run(Account.CAMERA, Settings, CameraService))
