"""Writes the card beside a model."""

from pathlib import Path

from calmloop.cli.outputs import write_text
from calmloop.emotion_classifier import FileCard, card_path, check_digest


def write_card(card: FileCard, model: Path) -> Path:
    """Write the card beside the model; returns its path.

    Raises:
        CardError: the digest is not the model's.
    """
    check_digest(card, model)
    path = card_path(model)
    write_text(path, card.model_dump_json(indent=2) + "\n")
    return path
