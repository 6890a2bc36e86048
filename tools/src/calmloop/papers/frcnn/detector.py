"""torchvision's Faster R-CNN put together of its own parts, so that each of them can be set."""

from typing import Any

import torch
from torch import nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.models.detection.rpn import RPNHead
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from torchvision.ops import MultiScaleRoIAlign

from calmloop.contract.messages.emotion import GROUPS
from calmloop.papers.frcnn.backbones import build_backbone
from calmloop.papers.frcnn.loss import WeightedHeads, WeightedProposals
from calmloop.papers.frcnn.settings import Backbone, DetectorSettings, Pooling

CLASSES = 1 + len(GROUPS)
"""No face, and the three groups in their order."""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of red, green and blue in ImageNet, as torchvision's weights expect."""
ALIGNED = {Pooling.ALIGN: 7, Pooling.PYRAMID: 8}
PYRAMID = (4, 2, 1)
"""Parts to a side: 16, 4 and 1 of them."""


class SpatialPyramid(nn.Module):  # type: ignore[misc]
    """The largest value of each channel in 16, 4 and 1 parts of a region, one after another."""

    def forward(self, regions: Any) -> Any:
        """(N, C, H, W) of any size to (N, 21 C)."""
        parts = (nn.functional.adaptive_max_pool2d(regions, side).flatten(1) for side in PYRAMID)
        return torch.cat(list(parts), dim=1)


class PyramidHead(TwoMLPHead):  # type: ignore[misc]
    """torchvision's head after a spatial pyramid."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__(channels * sum(side * side for side in PYRAMID), width)
        self._pyramid = SpatialPyramid()

    def forward(self, regions: Any) -> Any:
        """(N, C, H, W) to (N, width)."""
        return super().forward(self._pyramid(regions))


class DroppingPredictor(FastRCNNPredictor):  # type: ignore[misc]
    """The last layers, with dropout before them, as the paper has it."""

    def __init__(self, width: int, classes: int, dropout: float) -> None:
        super().__init__(width, classes)
        self._dropout = nn.Dropout(dropout)

    def forward(self, x: Any) -> Any:
        """(N, width) to logits (N, classes) and boxes (N, 4 classes)."""
        return super().forward(self._dropout(x))


def build_detector(settings: DetectorSettings) -> Any:
    """From a list of pictures (3, H, W) in 0 to 1, RGB, to boxes, labels 1 to 3 and scores."""
    backbone = build_backbone(settings.backbone, frozen_norms=settings.frozen_norms)
    transform = GeneralizedRCNNTransform(
        settings.min_side_px, settings.max_side_px, list(MEAN), list(DEVIATION)
    )
    proposals = _proposals(settings, backbone.out_channels)
    return GeneralizedRCNN(backbone, proposals, _heads(settings, backbone.out_channels), transform)


def _proposals(settings: DetectorSettings, channels: int) -> Any:
    sides = settings.anchors_px
    on_pyramid = settings.backbone is Backbone.RESNET50_FPN
    sizes = tuple((side,) for side in sides) if on_pyramid else (tuple(sides),)
    anchors = AnchorGenerator(sizes, (tuple(settings.ratios),) * len(sizes))
    before, after = settings.proposals_before_nms, settings.proposals_after_nms
    return WeightedProposals(
        settings.loss,
        anchors,
        RPNHead(channels, anchors.num_anchors_per_location()[0]),
        settings.proposals_positive_iou,
        settings.proposals_negative_iou,
        settings.proposals_sampled,
        0.5,
        {"training": before, "testing": before},
        {"training": after, "testing": after},
        settings.proposals_nms_iou,
    )


def _heads(settings: DetectorSettings, channels: int) -> Any:
    side, width = ALIGNED[settings.pooling], settings.head_width
    levels = ["0", "1", "2", "3"] if settings.backbone is Backbone.RESNET50_FPN else ["0"]
    if settings.pooling is Pooling.PYRAMID:
        head = PyramidHead(channels, width)
    else:
        head = TwoMLPHead(channels * side * side, width)
    return WeightedHeads(
        settings.loss,
        MultiScaleRoIAlign(levels, side, sampling_ratio=2),
        head,
        DroppingPredictor(width, CLASSES, settings.dropout),
        settings.head_positive_iou,
        settings.head_negative_iou,
        settings.head_sampled,
        settings.head_positive_share,
        None,
        settings.min_score,
        settings.nms_iou,
        settings.most_faces,
    )
