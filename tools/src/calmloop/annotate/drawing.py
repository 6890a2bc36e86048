"""Draws boxes and labels onto a picture."""

import cv2

from calmloop.annotate.reading import FaceAnnotation
from calmloop.camera import Picture
from calmloop.contract.messages.emotion import Label
from calmloop.face_detector import Square

COLOURS_BGR = {
    Label.NEGATIVE: (60, 60, 230),
    Label.NEUTRAL: (220, 180, 60),
    Label.POSITIVE: (80, 190, 80),
    Label.UNKNOWN: (160, 160, 160),
}
FONT = cv2.FONT_HERSHEY_SIMPLEX
FULL_SCALE_HEIGHT_PX = 480


def draw(picture: Picture, answer: FaceAnnotation) -> Picture:
    """A copy of the picture (BGR, uint8): the child's face framed and named, others framed."""
    drawn = picture.copy()
    scale = max(0.4, drawn.shape[0] / FULL_SCALE_HEIGHT_PX)
    for other in answer.others:
        _frame(drawn, other, COLOURS_BGR[Label.UNKNOWN], max(1, round(scale)))
    if answer.square is not None:
        _draw_face(drawn, answer.square, answer, scale)
    return drawn


def caption(answer: FaceAnnotation) -> str:
    """The label and its confidence, or why it is unknown: what is wrong with the face, or a guess.

    The guess is the strongest of the seven classes behind a doubt.
    """
    reading = answer.reading
    if reading is None:
        return f"unknown ({str(answer.reason).replace('_', ' ')})"
    if reading.label is not Label.UNKNOWN:
        return f"{reading.label} {reading.confidence:.0%}"
    name, score = max(reading.scores.items(), key=lambda item: item[1])
    return f"unknown ({name} {score:.0%}?)"


def _frame(
    drawn: Picture, square: Square, colour: tuple[int, int, int], width: int
) -> tuple[int, int]:
    """Draws a square; returns its left and upper edge."""
    left, top = round(square.left), round(square.top)
    right, bottom = round(square.left + square.side), round(square.top + square.side)
    cv2.rectangle(drawn, (left, top), (right, bottom), colour, width, cv2.LINE_AA)
    return left, top


def _draw_face(drawn: Picture, square: Square, answer: FaceAnnotation, scale: float) -> None:
    colour, width = COLOURS_BGR[answer.label], max(1, round(2 * scale))
    left, top = _frame(drawn, square, colour, width)
    text = caption(answer)
    (text_width, text_height), below = cv2.getTextSize(text, FONT, 0.5 * scale, width)
    margin = round(3 * scale)
    label_top = max(0, top - text_height - below - margin)
    baseline = label_top + text_height + margin // 2
    corner = (left + text_width + 2 * margin, baseline + below)
    cv2.rectangle(drawn, (left, label_top), corner, colour, cv2.FILLED)
    white = (255, 255, 255)
    place = (left + margin, baseline)
    cv2.putText(drawn, text, place, FONT, 0.5 * scale, white, max(1, width // 2), cv2.LINE_AA)
