"""The page can be read: its colours have the contrast that WCAG 2.2 asks for, dark and light."""

import re

import pytest

from calmloop.labelling.server import PAGE

TEXT, EDGE = 4.5, 3.0
"""Least contrast of text (success criterion 1.4.3) and of a control's edge (1.4.11)."""
PALETTES = [
    dict(re.findall(r"--(\w+): #([0-9a-f]{3,6})\b", block))
    for block in re.findall(r":root \{(.*?)\}", PAGE.read_text(), re.DOTALL)
]


def luminance(colour: str) -> float:
    doubled = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    parts = (int(doubled[n : n + 2], 16) / 255 for n in (0, 2, 4))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", PALETTES, ids=["dark", "light"])
def test_text_and_controls_stand_out(palette: dict[str, str]) -> None:
    answers = ("negative", "neutral", "positive", "unsure")
    for ground in ("ground", "raised"):
        for text in ("text", "quiet"):
            assert contrast(palette[text], palette[ground]) >= TEXT, (text, ground)
        for edge in ("edge", *answers):
            assert contrast(palette[edge], palette[ground]) >= EDGE, (edge, ground)
    for answer in answers:  # a pressed button has the ground as its text
        assert contrast(palette["ground"], palette[answer]) >= TEXT, answer
