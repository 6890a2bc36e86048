"""Every choice of a detector: backbone, region proposals, overlaps, suppression, loss."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=100_000)]


class Backbone(StrEnum):
    """What makes the feature map: the paper's two, and two small ones that stand in for them."""

    RESNET50_FPN = "resnet50-fpn"
    VGG16 = "vgg16"
    SMALL_RESIDUAL = "small-residual"
    SMALL_PLAIN = "small-plain"

    @property
    def is_small(self) -> bool:
        """Whether it is trained here from nothing."""
        return self in (Backbone.SMALL_RESIDUAL, Backbone.SMALL_PLAIN)


class Pooling(StrEnum):
    """How a region becomes as many numbers as the head takes."""

    ALIGN = "align"
    """RoIAlign to 7x7, as in torchvision."""
    PYRAMID = "pyramid"
    """RoIAlign to 8x8, then the largest of 16, 4 and 1 parts: spatial pyramid pooling."""


class BoxLoss(BaseModel):
    """L = sum L_cls / N_cls + weight x sum p* smooth_L1(t - t*) / N_reg, the paper's equation 3.

    It is that of the region proposals (Ren et al., 2015, equation 1); the same weight is set
    before the regression of the head. N_cls are the sampled anchors.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: Annotated[float, Field(gt=0, le=1000)] = 1.0
    """The paper's lambda: of the box regression in both stages."""
    beta: Annotated[float, Field(gt=0, le=10)] = 1.0
    """Where smooth L1 becomes linear: 1 in the paper's equation 5, 1/9 in torchvision."""
    per_candidate: bool = True
    """N_reg of the proposals: all anchors, or torchvision's sampled ones. In the head both are one,
    the sampled proposals."""


class DetectorSettings(BaseModel):
    """The rest is torchvision's default where it does not depend on the pictures' size."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    backbone: Backbone = Backbone.SMALL_RESIDUAL
    pooling: Pooling = Pooling.ALIGN
    min_side_px: Count = 96
    max_side_px: Count = 192
    anchors_px: tuple[Count, ...] = (28, 40, 56)
    """Sides of the anchors at each place: with three ratios nine boxes, as in the paper. The
    feature pyramid has one side for each of its levels instead."""
    ratios: tuple[Annotated[float, Field(gt=0)], ...] = (0.5, 1.0, 2.0)
    proposals_positive_iou: Share = 0.7
    proposals_negative_iou: Share = 0.3
    proposals_sampled: Count = 256
    proposals_before_nms: Count = 300
    proposals_after_nms: Count = 50
    proposals_nms_iou: Share = 0.7
    head_positive_iou: Share = 0.5
    head_negative_iou: Share = 0.5
    head_sampled: Count = 16
    head_positive_share: Share = 0.25
    head_width: Count = 128
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    min_score: Share = 0.05
    nms_iou: Share = 0.5
    most_faces: Count = 20
    frozen_norms: bool = True
    """Whether normalisations stay as loaded, as torchvision has it where weights are loaded: a
    scene is mostly background, whose statistics would unmake what was learned of faces."""
    loss: BoxLoss = BoxLoss()


FULL_SIZE = {
    "min_side_px": 600,
    "max_side_px": 1000,
    "anchors_px": (128, 256, 512),
    "proposals_before_nms": 2000,
    "proposals_after_nms": 1000,
    "head_sampled": 512,
    "head_width": 1024,
    "most_faces": 100,
}
"""As Ren et al. (2015) have it, and torchvision's head."""
PYRAMID_ANCHORS_PX = (32, 64, 128, 256, 512)
"""A side for each level of the feature pyramid."""


def settings_for(backbone: Backbone, **given: object) -> DetectorSettings:
    """A backbone's settings, with others in the place of the default ones."""
    own: dict[str, object] = {} if backbone.is_small else dict(FULL_SIZE)
    if backbone is Backbone.RESNET50_FPN:
        own["anchors_px"] = PYRAMID_ANCHORS_PX
    return DetectorSettings.model_validate({"backbone": backbone, **own, **given})
