"""A CLIP of under two million numbers, trained from nothing on faces and sentences about them."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch.nn import functional
from transformers import CLIPConfig, CLIPModel

from calmloop.base.errors import InputError
from calmloop.papers.clip.captions import CONTEXT, build_tokenizer, can_be_captioned, draw_captions
from calmloop.papers.clip.pixels import to_pixels
from calmloop.papers.clip.zero_shot import zero_shot_logits
from calmloop.papers.runs import Metrics, run_epochs
from calmloop.papers.schedule import cosine_schedule
from calmloop.training.augment.augmentation import flip, jitter_crop
from calmloop.training.data.faces import FACE_SIDE_PX, Faces, UInt8Array, split_validation
from calmloop.training.measure.metrics import accuracy

Told = Callable[[int, Metrics], None]
MAX_LOGIT_SCALE = float(np.log(100))
"""As for CLIP itself."""


class PretrainRecipe(BaseModel):
    """Every choice of a run of the tiny CLIP."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    epochs: Annotated[int, Field(ge=1, le=1000)] = 6
    batch_size: Annotated[int, Field(ge=2, le=4096)] = 64
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 1.5e-3
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.05
    warmup: Annotated[float, Field(gt=0, lt=1)] = 0.05
    width: Annotated[int, Field(ge=16, le=1024, multiple_of=16)] = 96
    layers: Annotated[int, Field(ge=1, le=24)] = 3
    patch_px: Annotated[int, Field(ge=4, le=24)] = 12
    validation_fraction: Annotated[float, Field(gt=0, lt=0.5)] = 0.06
    seed: Annotated[int, Field(ge=0)] = 1


def build_tiny(recipe: PretrainRecipe, tokenizer: Any) -> Any:
    """A CLIP of transformers' own make, with random weights."""
    special = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    size = {"hidden_size": recipe.width, "intermediate_size": 4 * recipe.width}
    heads = {"num_attention_heads": max(1, recipe.width // 32), "projection_dim": recipe.width}
    text = {"vocab_size": len(tokenizer), "max_position_embeddings": CONTEXT, **special}
    vision = {"image_size": FACE_SIDE_PX, "patch_size": recipe.patch_px}
    return CLIPModel(
        CLIPConfig(
            text_config={**size, **heads, **text, "num_hidden_layers": 2},
            vision_config={**size, **heads, **vision, "num_hidden_layers": recipe.layers},
            projection_dim=recipe.width,
        )
    )


def contrastive_loss(logits: Any, captions: list[str]) -> Any:
    """CLIP's symmetric loss of similarities (N pictures, N sentences).

    Equal sentences are one: their pictures share the target evenly, else the loss would push a
    picture away from the very sentence that it has.
    """
    numbers = {caption: n for n, caption in enumerate(dict.fromkeys(captions))}
    which = torch.tensor([numbers[caption] for caption in captions])
    equal = (which[:, None] == which[None]).float()
    targets = equal / equal.sum(1, keepdim=True)
    both = functional.cross_entropy(logits, targets), functional.cross_entropy(logits.T, targets)
    return (both[0] + both[1]) / 2


def captioned(faces: Faces) -> Faces:
    """The Training faces that FER+ votes say something of.

    Raises:
        InputError: the data have no votes.
    """
    training = faces.to_train_on()
    if training.votes is None:
        raise InputError("these faces have no FER+ votes: captions are made from them")
    return training.where(can_be_captioned(training.votes))


def pretrain(recipe: PretrainRecipe, faces: Faces, out: Path, told: Told) -> list[Metrics]:
    """Trains the tiny CLIP, or goes on; writes it with its tokenizer to ``out``/clip.

    Raises:
        InputError: no votes, or ``out`` holds another run.
    """
    usable = captioned(faces)
    training, validation = split_validation(usable, recipe.validation_fraction, recipe.seed)
    tokenizer = build_tokenizer()
    torch.manual_seed(recipe.seed)
    model = build_tiny(recipe, tokenizer)
    decayed = {"weight_decay": recipe.weight_decay, "lr": recipe.learning_rate}
    optimizer = torch.optim.AdamW(model.parameters(), **decayed)
    batches = max(1, len(training) // recipe.batch_size)
    schedule = cosine_schedule(optimizer, recipe.epochs * batches, recipe.warmup)

    def epoch(number: int) -> Metrics:
        model.train()
        losses = [
            _step(model, optimizer, schedule, tokenizer, *batch)
            for batch in _batches(training, recipe, number, batches)
        ]
        called = zero_shot_logits(model, tokenizer, validation.images)
        metrics = {
            "loss": float(np.mean(losses)),
            "validation_accuracy": accuracy(called, validation.emotion),
        }
        told(number, metrics)
        return metrics

    parts = {"model": model, "optimizer": optimizer, "schedule": schedule}
    history = run_epochs(out, recipe, usable.digest(), parts, recipe.epochs, epoch)
    model.save_pretrained(out / "clip")
    tokenizer.save_pretrained(out / "clip")
    return history


def _batches(faces: Faces, recipe: PretrainRecipe, epoch: int, count: int) -> Any:
    assert faces.votes is not None
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(faces))
    for n in range(count):
        rng = np.random.default_rng((recipe.seed, epoch, n))
        chosen = order[n * recipe.batch_size : (n + 1) * recipe.batch_size]
        images = _moved(faces.images[chosen], rng)
        yield to_pixels(images, FACE_SIDE_PX), draw_captions(faces.votes[chosen], rng)


def _moved(images: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    return jitter_crop(flip(images, rng), rng)


def _step(
    model: Any, optimizer: Any, schedule: Any, tokenizer: Any, pixels: Any, captions: list[str]
) -> float:
    tokens = tokenizer(captions, padding=True, return_tensors="pt")
    out = model(
        pixel_values=pixels,
        input_ids=tokens["input_ids"],
        attention_mask=tokens["attention_mask"],
    )
    loss = contrastive_loss(out.logits_per_image, captions)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    schedule.step()
    with torch.no_grad():
        model.logit_scale.clamp_(max=MAX_LOGIT_SCALE)
    return float(loss.detach())
