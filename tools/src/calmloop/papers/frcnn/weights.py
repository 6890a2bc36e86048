"""Weights that were trained elsewhere: a file by its path, or what torchvision's loader has."""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from urllib.error import URLError

import torch
from torchvision.models import ResNet50_Weights, VGG16_Weights

from calmloop.base.errors import InputError
from calmloop.papers.frcnn.settings import Backbone, DetectorSettings

BY_TORCHVISION = "torchvision"
"""In the place of a path: its own file of ImageNet's weights, fetched once where it is missing."""
OWN = {
    Backbone.RESNET50_FPN: ResNet50_Weights.IMAGENET1K_V1,
    Backbone.VGG16: VGG16_Weights.IMAGENET1K_V1,
}
OF_ITS_CLASSES = "roi_heads.box_predictor."
COUNTER = ".num_batches_tracked"
"""Of a batch normalisation that is trained; a frozen one has none."""


def load_weights(detector: Any, settings: DetectorSettings, source: str) -> int:
    """Puts trained tensors into a detector; how many.

    A file holds either a classifier's (`conv1.weight`, `features.0.weight`), whose feature part
    becomes the backbone, or a whole detector's (`backbone.…`), all of which is taken but the
    layer that knows its classes.

    Raises:
        InputError: there is no such file, or it does not fit.
    """
    state = _by_torchvision(settings) if source == BY_TORCHVISION else _read(Path(source))
    if any(name.startswith("backbone.") for name in state):
        wanted = {n: v for n, v in state.items() if not n.startswith(OF_ITS_CLASSES)}
        return _put(detector, wanted, source, OF_ITS_CLASSES)
    return _put(*_backbone_part(detector, settings, state), source)


def _backbone_part(
    detector: Any, settings: DetectorSettings, state: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    if settings.backbone is Backbone.VGG16:
        part = "features."
        mine = {n.removeprefix(part): v for n, v in state.items() if n.startswith(part)}
        return detector.backbone, mine
    if settings.backbone is Backbone.RESNET50_FPN:
        return detector.backbone.body, {n: v for n, v in state.items() if not n.startswith("fc.")}
    return detector.backbone, state


def _by_torchvision(settings: DetectorSettings) -> dict[str, Any]:
    if settings.backbone not in OWN:
        raise InputError(f"torchvision has no weights of {settings.backbone}: name a file")
    weights = OWN[settings.backbone]
    try:
        state: dict[str, Any] = weights.get_state_dict(progress=False, weights_only=True)
    except (URLError, OSError) as error:
        raise InputError(
            f"{weights.url} cannot be had ({error}): fetch it elsewhere and name the file"
        ) from error
    return state


def _read(path: Path) -> dict[str, Any]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError) as error:
        raise InputError(f"{path} holds no weights of PyTorch ({error})") from error
    if not isinstance(state, dict) or not all(torch.is_tensor(value) for value in state.values()):
        raise InputError(f"{path} is no state dict: save model.state_dict() alone")
    return state


def _put(module: Any, state: dict[str, Any], source: str, may_lack: str = "?") -> int:
    mine = {n: v for n, v in module.state_dict().items() if not n.endswith(COUNTER)}
    given = {name: value for name, value in state.items() if name in mine}
    _check_fit(mine, given, source, may_lack)
    module.load_state_dict(given, strict=False)
    return len(given)


def _check_fit(mine: dict[str, Any], given: dict[str, Any], source: str, may_lack: str) -> None:
    wanted = [name for name in mine if not name.startswith(may_lack)]
    lacking = sorted(set(wanted) - given.keys())
    if lacking:
        raise InputError(
            f"{source} lacks {len(lacking)} of {len(mine)} tensors, like {lacking[0]}: name weights"
            " of this backbone"
        )
    for name, value in given.items():
        if value.shape != mine[name].shape:
            raise InputError(
                f"{source}: {name} is {tuple(value.shape)}, {tuple(mine[name].shape)} is expected:"
                " name weights of this backbone and head"
            )
