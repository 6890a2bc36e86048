"""Feature maps: the paper's ResNet-50 and VGG-16 by torchvision, and two small ones."""

from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torchvision.models import vgg16
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.ops import FrozenBatchNorm2d

from calmloop.papers.frcnn.settings import Backbone

SMALL_WIDTHS = (16, 32, 64, 64)
"""Channels of the stages; each of the first three halves the map."""
TRAINED_STAGES = 3
"""Of a ResNet-50 whose weights were loaded, as in torchvision: the first ones stay as they are."""


def build_backbone(kind: Backbone, *, frozen_norms: bool) -> Any:
    """A module from pictures (N, 3, H, W) to one map, or a map for each level of a pyramid."""
    norm = FrozenBatchNorm2d if frozen_norms else nn.BatchNorm2d
    if kind is Backbone.RESNET50_FPN:
        return resnet_fpn_backbone(
            backbone_name="resnet50",
            weights=None,
            norm_layer=norm,
            trainable_layers=TRAINED_STAGES,
        )
    if kind is Backbone.VGG16:
        return _vgg16()
    return SmallBackbone(norm, residual=kind is Backbone.SMALL_RESIDUAL)


def _vgg16() -> Any:
    """Its thirteen convolutions, without the last pooling: one place for each 16 pixels."""
    with torch.device("meta"):
        features = vgg16(weights=None).features[:-1]
    # Without its three dense layers, which are most of it and are not used.
    features = features.to_empty(device=torch.empty(0).device)
    for layer in features:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    features.out_channels = 512
    return features


class SmallBackbone(nn.Module):  # type: ignore[misc]
    """One place for each 8 pixels; with ways around its blocks, as a ResNet has, or without."""

    def __init__(self, norm: Any, *, residual: bool) -> None:
        super().__init__()
        widths = (3, *SMALL_WIDTHS)
        stages = []
        for n, (before, after) in enumerate(pairwise(widths)):
            stride = 2 if n < 3 else 1
            stages += [_Convolution(norm, before, after, stride), _Block(norm, after, residual)]
        self.stages = nn.Sequential(*stages)
        self.out_channels = SMALL_WIDTHS[-1]

    def forward(self, pictures: Any) -> Any:
        """(N, 3, H, W) to (N, 64, H / 8, W / 8)."""
        return self.stages(pictures)


class _Convolution(nn.Sequential):  # type: ignore[misc]
    def __init__(self, norm: Any, before: int, after: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(before, after, 3, stride, padding=1, bias=False),
            norm(after),
            nn.ReLU(),
        )


class _Block(nn.Module):  # type: ignore[misc]
    """y = F(x) + x, the paper's equation 1, or y = F(x)."""

    def __init__(self, norm: Any, width: int, residual: bool) -> None:
        super().__init__()
        self.inner = _Convolution(norm, width, width)
        self._residual = residual

    def forward(self, x: Any) -> Any:
        return self.inner(x) + x if self._residual else self.inner(x)
