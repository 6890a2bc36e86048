"""torchvision's two stages with the paper's loss: its weight, its smooth L1 and its N_reg."""

from typing import Any

import torch
from torch.nn import functional
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork

from calmloop.papers.frcnn.settings import BoxLoss


def box_loss(loss: BoxLoss, given: Any, wanted: Any, count: int) -> Any:
    """The weight x sum smooth_L1(given - wanted) / count, over encoded boxes (P, 4)."""
    total = functional.smooth_l1_loss(given, wanted, beta=loss.beta, reduction="sum")
    return loss.weight * total / max(1, count)


class WeightedProposals(RegionProposalNetwork):  # type: ignore[misc]
    """The region proposal network."""

    def __init__(self, loss: BoxLoss, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._loss = loss

    def compute_loss(self, objectness: Any, deltas: Any, labels: Any, wanted: Any) -> Any:
        """Cross-entropy of the sampled anchors, and the box loss of the positive ones."""
        positive, negative = (
            torch.where(torch.cat(chosen))[0] for chosen in self.fg_bg_sampler(labels)
        )
        sampled = torch.cat([positive, negative])
        flat, truth = objectness.flatten(), torch.cat(labels)
        called = functional.binary_cross_entropy_with_logits(flat[sampled], truth[sampled])
        count = len(deltas) if self._loss.per_candidate else len(sampled)
        return called, box_loss(self._loss, deltas[positive], torch.cat(wanted)[positive], count)


class WeightedHeads(RoIHeads):  # type: ignore[misc]
    """The head that names a proposal and moves its box."""

    def __init__(self, loss: BoxLoss, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._loss = loss

    def forward(self, features: Any, proposals: Any, shapes: Any, targets: Any = None) -> Any:
        """As torchvision's; in training the losses are these."""
        if not self.training:
            return super().forward(features, proposals, shapes, targets)
        proposals, _, labels, wanted = self.select_training_samples(proposals, targets)
        pooled = self.box_head(self.box_roi_pool(features, proposals, shapes))
        logits, deltas = self.box_predictor(pooled)
        named, truth = torch.cat(labels), torch.cat(wanted)
        face = torch.where(named > 0)[0]
        own = deltas.reshape(len(deltas), -1, 4)[face, named[face]]
        return [], {
            "loss_classifier": functional.cross_entropy(logits, named),
            "loss_box_reg": box_loss(self._loss, own, truth[face], len(named)),
        }
