"""A drawn child of the camera's simulation, laid where its course says, as a gray picture."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from calmloop.face_detector import Square
from calmloop.papers.restless.courses import FINE_HZ, BodyCourse
from calmloop.simulated_child.body import Body
from calmloop.simulated_child.canvas import LEFT, TOP, Picture, lay_over
from calmloop.simulated_child.expression import expression_of
from calmloop.simulated_child.face import Face, FacePainter
from calmloop.simulated_child.motion import Motion, Pose
from calmloop.simulated_child.room import draw_room
from calmloop.training.data.faces import FloatArray, UInt8Array

WIDTH_PX, HEIGHT_PX = 160, 120
FACE_DOWN, FACE_SIDE = 0.13, 2.2
"""Where Viola-Jones finds the drawn face: below its eyes, and its side, in half face widths."""
NEARER, LOWER = 0.10, 0.15
"""How much larger a head is that came nearer by half a face width, and how much lower."""
HEAD_REACH = 1.5
"""The head swings further than the trunk, which sits."""
SHIRTS = ((20, 90), (190, 250))
"""Levels of its colours: dark or light, so that it stands out from the wall."""
LIDS = 3
SEEN = 0.75
"""Of the face's square: a detector may find it with so much of it in the picture."""
TILT_DEG = 25.0
"""Beyond that a detector of upright faces finds none."""


@dataclass(frozen=True)
class Eye:
    """A camera, the room's light, and the detector behind it.

    Attributes:
        gain: Of the light, about 1.
        noise: Standard deviation in gray levels, of pictures a quarter as high as a camera's: there
            it is four times as much.
        jitter: Of a face's place and side as it is found, in sides.
        misses: Share of the pictures in which a face that is there is not found.
    """

    gain: float
    noise: float
    jitter: float
    misses: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Eye":
        """One at random."""
        return cls(
            gain=float(rng.uniform(0.4, 1.1)),
            noise=float(rng.uniform(0.5, 2.0)),
            jitter=float(rng.uniform(0.005, 0.03)),
            misses=float(rng.uniform(0.0, 0.1)),
        )


class DrawnScene:
    """One child in its room; `look` draws it at a time of its course."""

    def __init__(self, course: BodyCourse, eye: Eye, rng: np.random.Generator) -> None:
        """Draws the child, its shirt, its size and its place at random."""
        self._course, self._eye, self._rng = course, eye, rng
        self._unit = float(rng.uniform(0.09, 0.17)) * HEIGHT_PX
        across, down = rng.uniform(0.4, 0.6), rng.uniform(0.3, 0.45)
        self._centre = (float(across) * WIDTH_PX, float(down) * HEIGHT_PX)
        size = (WIDTH_PX, HEIGHT_PX, self._unit, self._centre)
        blue, green, red = (int(one) for one in rng.integers(*SHIRTS[rng.integers(2)], 3))
        self._body = Body(*size, shirt_bgr=(blue, green, red), stays=False)
        self._room = draw_room(*size, neck=False)
        self._painter = FacePainter(self._unit, int(rng.integers(1 << 31)))
        self._expression = expression_of(float(rng.uniform(-1, 1)))
        self._motion, self._arousal = Motion(rng), float(rng.uniform(0, 0.3))
        self._faces: dict[int, Face] = {}

    def look(self, at_s: float) -> tuple[UInt8Array, Square | None]:
        """The picture, (HEIGHT_PX, WIDTH_PX), and the face as a detector finds it, if it does.

        Times must not go back.
        """
        pose = self._motion.pose(at_s, self._arousal)
        right, down, near = self._at(self._course.trunk, at_s)
        aside, below = self._at(self._course.head, at_s)
        moved = replace(
            pose,
            x=pose.x + HEAD_REACH * right + aside,
            y=pose.y + down + LOWER * near + below,
            roll_deg=pose.roll_deg + self._at(self._course.roll_deg[:, None], at_s)[0],
            scale=max(0.5, pose.scale + NEARER * near),
        )
        picture = self._room.copy()
        self._body.lay_on(picture, right, down + LOWER * near)
        self._lay_head(picture, moved)
        return self._gray(picture), self._found(moved)

    def _at(self, values: FloatArray, at_s: float) -> list[float]:
        """Each column at a time, between those that are known."""
        place = min(at_s * FINE_HZ, len(values) - 1.0)
        low = min(int(place), len(values) - 2)
        between = values[low] + (place - low) * (values[low + 1] - values[low])
        return [float(one) for one in between]

    def _lay_head(self, picture: Picture, pose: Pose) -> None:
        lids = round(pose.eyelids * LIDS)
        if lids not in self._faces:
            eye_open = self._expression.eye_open * lids / LIDS
            self._faces[lids] = self._painter.draw(replace(self._expression, eye_open=eye_open))
        pivot = (-LEFT * self._unit, (1.1 - TOP) * self._unit)
        turn = cv2.getRotationMatrix2D(pivot, pose.roll_deg, pose.scale)
        turn[0, 2] += self._centre[0] + (LEFT + pose.x) * self._unit
        turn[1, 2] += self._centre[1] + (TOP + pose.y) * self._unit
        face, size = self._faces[lids], (WIDTH_PX, HEIGHT_PX)
        drawn = cv2.warpAffine(face.picture, turn, size, borderMode=cv2.BORDER_REPLICATE)
        cover = cv2.warpAffine(face.cover, turn, size)
        lay_over(picture, np.asarray(drawn, np.uint8), np.asarray(cover, np.uint8))

    def _gray(self, picture: Picture) -> UInt8Array:
        gray = self._eye.gain * cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
        noise = self._rng.standard_normal(gray.shape, np.float32)
        return np.asarray(np.clip(gray + self._eye.noise * noise, 0, 255), np.uint8)

    def _found(self, pose: Pose) -> Square | None:
        side = FACE_SIDE * self._unit * pose.scale
        dx, dy, wider = self._eye.jitter * self._rng.standard_normal(3)
        x = self._centre[0] + pose.x * self._unit
        y = self._centre[1] + (pose.y + FACE_DOWN) * self._unit
        inside = min(x, y, WIDTH_PX - x, HEIGHT_PX - y) / side + 0.5
        missed = self._rng.random() < self._eye.misses
        if missed or inside < SEEN or abs(pose.roll_deg) > TILT_DEG:
            return None
        return Square(float(x + dx * side), float(y + dy * side), float(side * (1 + wider)))
