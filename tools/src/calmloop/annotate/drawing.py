"""Draws boxes and labels onto a picture."""

from collections.abc import Iterable

import cv2

from calmloop.annotate.reading import Face
from calmloop.camera.picture import Picture
from calmloop.messages.emotion import Label

COLOURS_BGR = {
    Label.NEGATIVE: (60, 60, 230),
    Label.NEUTRAL: (220, 180, 60),
    Label.POSITIVE: (80, 190, 80),
    Label.UNKNOWN: (160, 160, 160),
}
FONT = cv2.FONT_HERSHEY_SIMPLEX
FULL_SCALE_HEIGHT_PX = 480


def draw(picture: Picture, faces: Iterable[Face]) -> Picture:
    """A copy of the picture (BGR, uint8) with every face framed and named."""
    drawn = picture.copy()
    scale = max(0.4, drawn.shape[0] / FULL_SCALE_HEIGHT_PX)
    for face in faces:
        _draw_face(drawn, face, scale)
    return drawn


def caption(face: Face) -> str:
    """The label and its confidence, or the strongest of the seven classes behind a doubt."""
    reading = face.reading
    if reading.label is not Label.UNKNOWN:
        return f"{reading.label} {reading.confidence:.0%}"
    name, score = max(reading.scores.items(), key=lambda item: item[1])
    return f"unknown ({name} {score:.0%}?)"


def _draw_face(drawn: Picture, face: Face, scale: float) -> None:
    colour = COLOURS_BGR[face.reading.label]
    square, width = face.square, max(1, round(2 * scale))
    left, top = round(square.left), round(square.top)
    right, bottom = round(square.left + square.side), round(square.top + square.side)
    cv2.rectangle(drawn, (left, top), (right, bottom), colour, width, cv2.LINE_AA)
    text = caption(face)
    (text_width, text_height), below = cv2.getTextSize(text, FONT, 0.5 * scale, width)
    margin = round(3 * scale)
    label_top = max(0, top - text_height - below - margin)
    baseline = label_top + text_height + margin // 2
    corner = (left + text_width + 2 * margin, baseline + below)
    cv2.rectangle(drawn, (left, label_top), corner, colour, cv2.FILLED)
    white = (255, 255, 255)
    place = (left + margin, baseline)
    cv2.putText(drawn, text, place, FONT, 0.5 * scale, white, max(1, width // 2), cv2.LINE_AA)
