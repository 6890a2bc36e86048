"""Runs the camera service."""

import sys

import cv2

from calmloop.camera.service import CameraService
from calmloop.camera.settings import Settings
from calmloop.contract.topics import Account
from calmloop.service.runtime import run

if __name__ == "__main__":
    # The pictures are small: a pool of threads costs more than it saves.
    cv2.setNumThreads(1)
    sys.exit(run(Account.CAMERA, Settings, CameraService))
