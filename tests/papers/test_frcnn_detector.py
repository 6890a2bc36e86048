"""Both backbones of the paper at full size with files of the right shape, and the loss."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional
from torchvision.models import resnet50, vgg16
from torchvision.models.detection import fasterrcnn_resnet50_fpn

from calmloop.base.errors import InputError
from calmloop.papers.frcnn.detector import SpatialPyramid, build_detector
from calmloop.papers.frcnn.loss import box_loss
from calmloop.papers.frcnn.settings import (
    Backbone,
    BoxLoss,
    DetectorSettings,
    Pooling,
    settings_for,
)
from calmloop.papers.frcnn.weights import OWN, load_weights

FULL = {Backbone.RESNET50_FPN: resnet50, Backbone.VGG16: vgg16}


def shaped(model: Any, value: float) -> dict[str, Any]:
    """A state dict of a model on the meta device, each tensor one number that is shown often.

    A file of it has every name and shape, and next to no bytes.
    """
    return {
        name: torch.full((1,) * tensor.dim(), value).expand(tensor.shape)
        for name, tensor in model.state_dict().items()
    }


def write_classifier(backbone: Backbone, path: Path) -> Path:
    with torch.device("meta"):
        model = FULL[backbone](weights=None)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(shaped(model, 0.25), path)
    return path


def first_of(detector: Any, backbone: Backbone) -> Any:
    inner = detector.backbone
    return inner.body.conv1.weight if backbone is Backbone.RESNET50_FPN else inner[0].weight


@pytest.mark.parametrize("backbone", list(FULL))
def test_a_file_of_imagenets_weights_becomes_the_backbone(
    backbone: Backbone, tmp_path: Path
) -> None:
    settings = settings_for(backbone)
    detector = build_detector(settings)
    path = write_classifier(backbone, tmp_path / "weights.pt")
    count = load_weights(detector, settings, str(path))
    body = detector.backbone.body if backbone is Backbone.RESNET50_FPN else detector.backbone
    assert count == len(body.state_dict())
    assert (first_of(detector, backbone) == 0.25).all()


@pytest.mark.parametrize("backbone", list(FULL))
def test_torchvisions_own_loader_finds_its_file(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    name = OWN[backbone].url.rsplit("/", 1)[-1]
    write_classifier(backbone, tmp_path / "hub" / "checkpoints" / name)
    settings = settings_for(backbone)
    detector = build_detector(settings)
    load_weights(detector, settings, "torchvision")
    assert (first_of(detector, backbone) == 0.25).all()


def test_a_whole_detector_of_torchvision_gives_all_but_its_classes(tmp_path: Path) -> None:
    with torch.device("meta"):
        coco = fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None)
    torch.save(shaped(coco, 0.5), tmp_path / "coco.pt")
    settings = settings_for(Backbone.RESNET50_FPN)
    detector = build_detector(settings)
    load_weights(detector, settings, str(tmp_path / "coco.pt"))
    for name, value in detector.state_dict().items():
        assert (value == 0.5).all() == (not name.startswith("roi_heads.box_predictor.")), name


@pytest.mark.parametrize("backbone", list(FULL))
def test_a_full_size_detector_answers(backbone: Backbone) -> None:
    detector = build_detector(settings_for(backbone, min_side_px=96, proposals_after_nms=20))
    detector.eval()
    with torch.no_grad():
        (seen,) = detector([torch.rand(3, 96, 128)])
    assert set(seen) == {"boxes", "labels", "scores"}
    assert seen["labels"].lt(4).all()


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    settings = DetectorSettings()
    detector = build_detector(settings)
    torch.save({"stages.0.0.weight": torch.zeros(1)}, tmp_path / "few.pt")
    with pytest.raises(InputError, match=r"lacks .* name weights of this backbone"):
        load_weights(detector, settings, str(tmp_path / "few.pt"))
    wrong = detector.backbone.state_dict() | {"stages.0.0.weight": torch.zeros(1)}
    torch.save(wrong, tmp_path / "wrong.pt")
    with pytest.raises(InputError, match=r"stages\.0\.0\.weight is \(1,\), \(16, 3, 3, 3\) is"):
        load_weights(detector, settings, str(tmp_path / "wrong.pt"))
    (tmp_path / "text.pt").write_text("no weights")
    with pytest.raises(InputError, match="holds no weights of PyTorch"):
        load_weights(detector, settings, str(tmp_path / "text.pt"))
    with pytest.raises(InputError, match="torchvision has no weights of small-residual"):
        load_weights(detector, settings, "torchvision")


def losses(loss: BoxLoss) -> dict[str, float]:
    torch.manual_seed(1)
    detector = build_detector(DetectorSettings(loss=loss, dropout=0.0))
    detector.train()
    torch.manual_seed(2)
    target = {"boxes": torch.tensor([[20.0, 30.0, 60.0, 70.0]]), "labels": torch.tensor([2])}
    told = detector([torch.rand(3, 96, 96)], [target])
    return {name: float(value.detach()) for name, value in told.items()}


def test_the_weight_multiplies_the_box_losses_and_nothing_else() -> None:
    one, ten = losses(BoxLoss(weight=1)), losses(BoxLoss(weight=10))
    for name in ("loss_rpn_box_reg", "loss_box_reg"):
        assert one[name] > 0
        assert ten[name] == pytest.approx(10 * one[name], rel=1e-4)
    for name in ("loss_objectness", "loss_classifier"):
        assert ten[name] == pytest.approx(one[name])


def test_over_all_anchors_the_box_loss_is_smaller_than_over_the_sampled() -> None:
    """96 x 96 pixels have 12 x 12 places of nine anchors, of which 256 are sampled."""
    every, sampled = losses(BoxLoss()), losses(BoxLoss(per_candidate=False))
    ratio = sampled["loss_rpn_box_reg"] / every["loss_rpn_box_reg"]
    assert ratio == pytest.approx(12 * 12 * 9 / 256)


def test_smooth_l1_is_the_papers_equation_5() -> None:
    given = torch.tensor([[0.5, 1.0, 2.0, -3.0]])
    loss = box_loss(BoxLoss(weight=2), given, torch.zeros(1, 4), 1)
    assert float(loss) == pytest.approx(2 * (0.5 * 0.25 + 0.5 + 1.5 + 2.5))


def test_a_spatial_pyramid_has_21_values_a_channel_of_any_size() -> None:
    for side in (4, 7, 13):
        regions = torch.rand(2, 3, side, side)
        pooled = SpatialPyramid()(regions)
        assert pooled.shape == (2, 3 * (16 + 4 + 1))
        torch.testing.assert_close(
            pooled[:, -3:], functional.adaptive_max_pool2d(regions, 1)[..., 0, 0]
        )


def test_each_setting_reaches_its_part() -> None:
    detector = build_detector(
        DetectorSettings(
            pooling=Pooling.PYRAMID,
            proposals_nms_iou=0.6,
            proposals_positive_iou=0.65,
            proposals_negative_iou=0.25,
            head_positive_iou=0.55,
            head_negative_iou=0.45,
            nms_iou=0.35,
            min_score=0.15,
            anchors_px=(20, 30),
            ratios=(1.0,),
        )
    )
    proposals, heads = detector.rpn, detector.roi_heads
    assert proposals.nms_thresh == 0.6
    matcher = proposals.proposal_matcher
    assert (matcher.high_threshold, matcher.low_threshold) == (0.65, 0.25)
    matcher = heads.proposal_matcher
    assert (matcher.high_threshold, matcher.low_threshold) == (0.55, 0.45)
    assert (heads.nms_thresh, heads.score_thresh) == (0.35, 0.15)
    assert proposals.anchor_generator.num_anchors_per_location() == [2]
    assert heads.box_head.fc6.in_features == 64 * 21
