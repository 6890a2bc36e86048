"""Tower, LoRA and head: what is trained, what merging changes, and what a wrong file says."""

from pathlib import Path

import pytest
import torch
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save_file

from calmloop.base.errors import InputError
from calmloop.papers.clip.captions import build_tokenizer
from calmloop.papers.clip.classifier import (
    TunedClip,
    build_classifier,
    count_parameters,
    load_tower,
)
from calmloop.papers.clip.compare import merge_cost
from calmloop.papers.clip.tiny import PretrainRecipe, build_tiny
from calmloop.training.data.faces import UInt8Array
from tests.papers.drawn_faces import drawn_faces

RECIPE = PretrainRecipe(width=32, layers=2, patch_px=12)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A CLIP of the layout of the real one's files, and small."""
    torch.manual_seed(1)
    build_tiny(RECIPE, build_tokenizer()).save_pretrained(tmp_path)
    return tmp_path


@pytest.fixture
def images() -> UInt8Array:
    return drawn_faces(8, 1).images


@pytest.fixture
def tuned(checkpoint: Path) -> TunedClip:
    """With LoRA matrices that do something: B is zero before training."""
    classifier = build_classifier(load_tower(checkpoint), 7)
    with torch.no_grad():
        for parameter in classifier.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    classifier.train(False)
    return classifier


def test_only_the_low_rank_matrices_and_the_head_are_trained(tuned: TunedClip) -> None:
    names = [name for name, value in tuned.tower.named_parameters() if value.requires_grad]
    assert len(names) == RECIPE.layers * 2 * 2
    assert all(".lora_" in name and (".q_proj." in name or ".v_proj." in name) for name in names)
    assert count_parameters(tuned.tower, trained_only=True) == RECIPE.layers * 2 * 2 * 16 * 32
    assert [layer.out_features for layer in (tuned.head[0], tuned.head[3])] == [512, 7]


def test_a_fresh_lora_changes_nothing(checkpoint: Path, images: UInt8Array) -> None:
    plain, adapted = (build_classifier(load_tower(checkpoint), 7, rank) for rank in (None, 16))
    adapted.head = plain.head
    assert merge_cost(plain, adapted, images).largest_difference == 0


def test_merging_keeps_the_logits_and_costs_what_the_base_does(
    checkpoint: Path, tuned: TunedClip, images: UInt8Array
) -> None:
    base = build_classifier(load_tower(checkpoint), 7, None)
    cost = merge_cost(base, tuned, images)
    assert cost.largest_difference < 1e-4
    of_base, beside, merged = cost.flops
    assert merged == of_base < beside
    assert not any(isinstance(module, LoraLayer) for module in tuned.merged().tower.modules())
    assert count_parameters(tuned.merged().tower) == count_parameters(base.tower)


def test_merging_leaves_the_run_that_it_is_made_of(tuned: TunedClip) -> None:
    before = {name: value.clone() for name, value in tuned.state_dict().items()}
    tuned.merged()
    after = tuned.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_tower_comes_out_of_a_whole_clip_as_it_was(checkpoint: Path) -> None:
    tensors = load_file(checkpoint / "model.safetensors")
    tower = load_tower(checkpoint).state_dict()
    name = "encoder.layers.1.self_attn.q_proj.weight"
    mine = next(value for key, value in tower.items() if key.endswith(name))
    assert torch.equal(mine, tensors[f"vision_model.{name}"])


def test_a_checkpoint_with_a_tensor_missing_is_refused(checkpoint: Path) -> None:
    path = checkpoint / "model.safetensors"
    tensors = load_file(path)
    del tensors["vision_model.encoder.layers.0.mlp.fc1.weight"]
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"lacks 1 tensors .*mlp\.fc1\.weight"):
        load_tower(checkpoint)


def test_a_folder_without_a_clip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no CLIP"):
        load_tower(tmp_path)


def test_trained_tensors_of_another_rank_are_refused(checkpoint: Path, tuned: TunedClip) -> None:
    other = build_classifier(load_tower(checkpoint), 7, rank=4)
    with pytest.raises(InputError, match="do not fit"):
        other.load_state_dict(tuned.state_dict())
