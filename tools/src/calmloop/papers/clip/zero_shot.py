"""What a CLIP says of faces by sentences alone, without a label seen: the baseline."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from transformers import CLIPModel

from calmloop.base.errors import InputError
from calmloop.papers.clip.captions import load_tokenizer, prompts
from calmloop.papers.clip.pixels import to_pixels
from calmloop.training.data.faces import FloatArray, UInt8Array

BATCH = 256


def load_clip(path: Path) -> tuple[Any, Any]:
    """A whole CLIP and its tokenizer from the disk: nothing is downloaded.

    Raises:
        InputError: one of them is not there.
    """
    try:
        model = CLIPModel.from_pretrained(str(path), local_files_only=True)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} holds no whole CLIP ({error})") from error
    return model, load_tokenizer(path)


def zero_shot_logits(model: Any, tokenizer: Any, images: UInt8Array) -> FloatArray:
    """Logits (N, 7): the scaled cosine of each face and each emotion's mean sentence."""
    model.eval()
    with torch.no_grad():
        return _logits(model, tokenizer, images)


def _logits(model: Any, tokenizer: Any, images: UInt8Array) -> FloatArray:
    sentences = torch.stack([_mean_sentence(model, tokenizer, each) for each in prompts()])
    side_px = int(model.config.vision_config.image_size)
    logits = []
    for start in range(0, len(images), BATCH):
        pixels = to_pixels(images[start : start + BATCH], side_px)
        seen = model.vision_model(pixel_values=pixels).pooler_output
        faces = functional.normalize(model.visual_projection(seen), dim=-1)
        logits.append((model.logit_scale.exp() * faces @ sentences.T).numpy())
    return np.concatenate(logits).astype(np.float32)


def _mean_sentence(model: Any, tokenizer: Any, sentences: list[str]) -> Any:
    tokens = tokenizer(sentences, padding=True, return_tensors="pt")
    read = model.text_model(
        input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
    ).pooler_output
    each = functional.normalize(model.text_projection(read), dim=-1)
    return functional.normalize(each.mean(0), dim=-1)
