"""What is trained at full size: counted on ViT-L/14's real configuration, without its weights."""

from dataclasses import dataclass

import torch
from transformers import CLIPConfig, CLIPModel

from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.papers.clip.classifier import ALPHA, RANK, build_head, count_parameters, with_lora

VIT_L_14 = {
    "projection_dim": 768,
    "text_config": {
        "hidden_size": 768,
        "intermediate_size": 3072,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "projection_dim": 768,
    },
    "vision_config": {
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "image_size": 224,
        "patch_size": 14,
        "projection_dim": 768,
    },
}
"""As in the config.json of openai/clip-vit-large-patch14; the rest is transformers' default."""


@dataclass(frozen=True)
class Counts:
    """Numbers of parameters."""

    clip: int
    tower: int
    lora: int
    head: int

    def lines(self) -> list[str]:
        """Each number, and what share of CLIP or its vision tower is trained."""
        trained = self.lora + self.head
        return [
            f"CLIP ViT-L/14: {self.clip:,} parameters, of them {self.tower:,} in the vision tower",
            f"LoRA on q and v, rank {RANK}, alpha {ALPHA}: {self.lora:,}, "
            f"{self.lora / self.clip:.2%} of CLIP, {self.lora / self.tower:.2%} of the tower",
            f"head: {self.head:,}; LoRA and head: {trained / self.clip:.2%} of CLIP",
        ]


def count_full_size() -> Counts:
    """Builds ViT-L/14 with LoRA and head on PyTorch's meta device, which holds no numbers."""
    with torch.device("meta"):
        clip = CLIPModel(CLIPConfig(**VIT_L_14))
        whole, tower = count_parameters(clip), count_parameters(clip.vision_model)
        adapted = with_lora(clip.vision_model)
        head = build_head(clip.config.vision_config.hidden_size, len(EMOTIONS))
    lora = count_parameters(adapted, trained_only=True)
    return Counts(whole, tower, lora, count_parameters(head))
