"""Runs the face detector: `python -m calmloop.face_detector`."""

import sys

import cv2

from calmloop.contract.topics import Account
from calmloop.face_detector.service import FaceDetectorService
from calmloop.face_detector.settings import Settings
from calmloop.service.runtime import run

if __name__ == "__main__":
    cv2.setNumThreads(1)
    sys.exit(run(Account.FACE_DETECTOR, Settings, FaceDetectorService))
