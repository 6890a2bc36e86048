"""CLIP's vision tower, frozen, with LoRA on queries and values, and a head of two layers.

h = W0 x + (alpha / r) B A x, where only A and B are trained; merging adds (alpha / r) B A to W0,
after which the tower costs what it did before.
"""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import CLIPVisionModel

from calmloop.base.errors import InputError

RANK = 16
ALPHA = 32
HEAD_WIDTH = 512
DROPOUT = 0.1
"""The paper names dropout and not its rate."""
TARGETS = ("q_proj", "v_proj")


@dataclass
class TunedClip:
    """A tower with or without LoRA, and the head on its pooled feature."""

    tower: Any
    head: Any

    def __call__(self, pixels: Any) -> Any:
        """Logits (N, classes) of pixels (N, 3, side, side), normalised as CLIP's are."""
        return self.head(self.tower(pixel_values=pixels).pooler_output)

    @property
    def side_px(self) -> int:
        """The side of the pictures that the tower takes."""
        return int(self.tower.config.image_size)

    def train(self, on: bool) -> None:
        """Dropout on or off."""
        self.tower.train(on)
        self.head.train(on)

    def parameters(self) -> list[Any]:
        """What is trained."""
        both = (*self.tower.parameters(), *self.head.parameters())
        return [parameter for parameter in both if parameter.requires_grad]

    def state_dict(self) -> dict[str, Any]:
        """What is trained, by name; the tower's own weights are where they were loaded from."""
        named = (*self.tower.named_parameters(prefix="tower"), *self.head.named_parameters("head"))
        return {name: value.detach() for name, value in named if value.requires_grad}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take what ``state_dict`` gave.

        Raises:
            InputError: it is of another tower, rank or head.
        """
        mine = self.state_dict()
        if {k: v.shape for k, v in mine.items()} != {k: v.shape for k, v in state.items()}:
            raise InputError(
                f"the run holds {len(state)} trained tensors that do not fit the {len(mine)} here: "
                "name the CLIP, rank and head that it was begun with"
            )
        with torch.no_grad():
            for name, value in mine.items():
                value.copy_(state[name])

    def merged(self) -> "TunedClip":
        """A copy with LoRA added to the weights that it stands beside, and gone as layers."""
        return TunedClip(copy.deepcopy(self.tower).merge_and_unload(), copy.deepcopy(self.head))


def load_tower(path: Path) -> Any:
    """The vision tower of a CLIP on the disk, as transformers saves one: nothing is downloaded.

    Raises:
        InputError: there is none.
    """
    try:
        loaded, report = CLIPVisionModel.from_pretrained(
            str(path), local_files_only=True, output_loading_info=True
        )
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} holds no CLIP ({error}); name a folder with config.json and model.safetensors"
        ) from error
    if report["missing_keys"]:
        missing = sorted(report["missing_keys"])
        raise InputError(f"{path} lacks {len(missing)} tensors of a CLIP tower, like {missing[0]}")
    return loaded


def with_lora(tower: Any, rank: int = RANK, alpha: int = ALPHA) -> Any:
    """The tower, frozen, with trainable low-rank matrices beside queries and values."""
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=list(TARGETS), bias="none")
    return get_peft_model(tower, config)


def build_head(width: int, classes: int, dropout: float = DROPOUT) -> Any:
    """The head W2 dropout(GELU(W1 x + b1)) + b2, at full size 1024-512-7."""
    return nn.Sequential(
        nn.Linear(width, HEAD_WIDTH), nn.GELU(), nn.Dropout(dropout), nn.Linear(HEAD_WIDTH, classes)
    )


def build_classifier(
    tower: Any,
    classes: int,
    rank: int | None = RANK,
    alpha: int = ALPHA,
    dropout: float = DROPOUT,
) -> TunedClip:
    """A tower of ``load_tower`` with LoRA, or without where ``rank`` is None, and a head."""
    width = int(tower.config.hidden_size)
    tower.requires_grad_(False)
    adapted = tower if rank is None else with_lora(tower, rank, alpha)
    return TunedClip(adapted, build_head(width, classes, dropout))


def count_parameters(module: Any, *, trained_only: bool = False) -> int:
    """How many numbers a module holds."""
    return sum(
        parameter.numel()
        for parameter in module.parameters()
        if parameter.requires_grad or not trained_only
    )
