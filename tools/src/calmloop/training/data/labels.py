"""The groups as columns of the network's output, and how FER+ votes map onto its classes."""

from collections.abc import Mapping
from types import MappingProxyType

from calmloop.contract.messages.emotion import EMOTIONS, GROUPS, Label

GROUP_COLUMNS: Mapping[Label, list[int]] = MappingProxyType(
    {group: [EMOTIONS.index(name) for name in names] for group, names in GROUPS.items()}
)
"""Which of the seven outputs each group sums; surprise is in none."""

SURPRISE = EMOTIONS.index("surprise")

FER_PLUS_COLUMNS: tuple[str, ...] = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
"""The vote columns of ``fer2013new.csv`` in their order there (ten annotators a face)."""

FER_PLUS_COLUMN_OF: Mapping[str, str] = MappingProxyType(
    {
        "angry": "anger",
        "disgust": "disgust",
        "fear": "fear",
        "happy": "happiness",
        "sad": "sadness",
        "surprise": "surprise",
        "neutral": "neutral",
    }
)
"""Contempt, unknown and NF (not a face) have no class of ours and are left out."""
