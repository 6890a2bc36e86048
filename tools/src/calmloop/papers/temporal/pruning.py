"""A smaller network: the hidden units that weigh least are taken out, the rest learns on.

Whole units, since a dense kernel takes as long for a zero as for any other weight.
"""

from typing import Any

import torch

from calmloop.base.errors import InputError
from calmloop.papers.temporal.folding import GATES
from calmloop.papers.temporal.network import AttendingLstm


def pruned(network: AttendingLstm, share: float) -> AttendingLstm:
    """The network without that share of its hidden units, and of its attention's.

    A unit weighs what its normalised output is multiplied with behind it (after Li et al., 2017,
    who sum a filter's weights).

    Args:
        network: As it was trained; it stays as it is.
        share: 0 to 1, both excluded.

    Raises:
        InputError: no unit, or every one, would go.
    """
    hidden = network.lstm.hidden_size
    kept = hidden - round(share * hidden)
    if not 0 < kept < hidden:
        raise InputError(
            f"--prune {share:g} leaves {kept} of {hidden} hidden units: name a share that takes"
            " some and leaves some"
        )
    state = network.state_dict()
    behind = state["head.weight"].square().sum(0) + state["project.weight"].square().sum(0)
    units = _largest(state["norm_hidden.weight"].square() * behind, kept)
    asked = state["score.weight"][0].square() * state["project.weight"].square().sum(1)
    rows = _largest(asked, kept)
    gates = torch.cat([units + gate * hidden for gate in range(GATES)])
    smaller = AttendingLstm(kept, network.dropout.p, attends=network.attends)
    smaller.load_state_dict(_cut(state, units, rows, gates))
    smaller.eval()
    return smaller


def _largest(weight: Any, kept: int) -> Any:
    return weight.argsort(descending=True, stable=True)[:kept].sort().values


def _cut(state: dict[str, Any], units: Any, rows: Any, gates: Any) -> dict[str, Any]:
    cut = dict(state)
    for name in ("lstm.weight_ih_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0"):
        cut[name] = state[name][gates]
    cut["lstm.weight_hh_l0"] = state["lstm.weight_hh_l0"][gates][:, units]
    for name in ("weight", "bias", "running_mean", "running_var"):
        cut[f"norm_hidden.{name}"] = state[f"norm_hidden.{name}"][units]
    cut["project.weight"] = state["project.weight"][rows][:, units]
    cut["project.bias"] = state["project.bias"][rows]
    cut["score.weight"] = state["score.weight"][:, rows]
    cut["head.weight"] = state["head.weight"][:, units]
    return cut
