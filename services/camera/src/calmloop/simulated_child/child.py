"""The simulated child: its mood, its movement and its room, drawn as one picture."""

from dataclasses import replace

import cv2
import numpy as np

from calmloop.contract.messages.chair import Applied
from calmloop.simulated_child.body import Body
from calmloop.simulated_child.canvas import LEFT, TOP, Picture, lay_over
from calmloop.simulated_child.choices import MoodPin
from calmloop.simulated_child.expression import expression_of
from calmloop.simulated_child.face import Face, FacePainter
from calmloop.simulated_child.mood import Mood, MoodModel
from calmloop.simulated_child.motion import Motion, Pose
from calmloop.simulated_child.room import RoomLight, SensorNoise, draw_room

FACE_SHARE = 0.19
"""Half the face's width as a share of the picture's height."""
EYES_SHARE = 0.45
"""Where the eyes are, from the top."""
REACH = 2.1
"""Half the side of the region that the moving head may cover, in half face widths."""


class SimulatedChild:
    """Lives on the caller's clock and is drawn when asked. Same seed and calls: same pictures."""

    def __init__(
        self,
        *,
        seed: int = 1,
        mood: MoodPin = MoodPin.AUTO,
        width_px: int = 640,
        height_px: int = 480,
    ) -> None:
        rng = np.random.default_rng(seed)
        self._unit = FACE_SHARE * min(height_px, 0.75 * width_px)
        self._centre = (0.5 * width_px, EYES_SHARE * height_px)
        self._model = MoodModel(rng, mood)
        self._motion = Motion(rng)
        self._noise = SensorNoise(rng, width_px, height_px)
        self._painter = FacePainter(self._unit, seed)
        self._room = draw_room(width_px, height_px, self._unit, self._centre)
        self._body = Body(width_px, height_px, self._unit, self._centre)
        self._light = RoomLight()
        self._applied = Applied()
        self._now_s = 0.0

    @property
    def mood(self) -> Mood:
        """What it feels: for tests only; the loop has to read it from the face."""
        return self._model.mood

    def live_until(self, now_s: float, applied: Applied) -> None:
        """Goes on to `now_s` (seconds, never back) under what the chair does."""
        self._now_s = now_s
        self._applied = applied
        self._model.live_until(now_s, applied)

    def draw(self) -> Picture:
        """The child as a camera sees it now: BGR, height x width x 3."""
        mood = self.mood
        pose = self._motion.pose(self._now_s, mood.arousal)
        face = expression_of(mood.valence)
        face = replace(face, eye_open=face.eye_open * pose.eyelids)
        picture = self._room.copy()
        self._body.lay_on(picture, *pose.body)
        self._place(picture, self._painter.draw(face, pose.gaze), pose)
        return self._noise.add(self._light.shine(picture, self._applied.light))

    def _place(self, picture: Picture, face: Face, pose: Pose) -> None:
        height, width = picture.shape[:2]
        left = max(0, round(self._centre[0] - REACH * self._unit))
        top = max(0, round(self._centre[1] - REACH * self._unit))
        region = picture[
            top : min(height, round(self._centre[1] + REACH * self._unit)),
            left : min(width, round(self._centre[0] + REACH * self._unit)),
        ]
        size = (region.shape[1], region.shape[0])
        where = self._placement(pose) - np.array([[0, 0, left], [0, 0, top]])
        drawn = cv2.warpAffine(face.picture, where, size, borderMode=cv2.BORDER_REPLICATE)
        cover = cv2.warpAffine(face.cover, where, size)
        lay_over(region, np.asarray(drawn, np.uint8), np.asarray(cover, np.uint8))

    def _placement(self, pose: Pose) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        """Affine map from the head's patch to the picture; it tilts about the chin."""
        pivot = (-LEFT * self._unit, (1.1 - TOP) * self._unit)
        turn = cv2.getRotationMatrix2D(pivot, pose.roll_deg, pose.scale)
        turn[0, 2] += self._centre[0] + (LEFT + pose.x) * self._unit
        turn[1, 2] += self._centre[1] + (TOP + pose.y) * self._unit
        return np.asarray(turn, np.float64)
