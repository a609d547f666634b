"""Trained nets as the integers that ship."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from benchmarks.boundaries.net import Axes, BoundaryNet, Sample
from scenesign.transforms.embedders.texts import VECTOR_STEP
from scenesign.transforms.scenes.boundaries import CUE_STEP, TOP, BoundaryScorer, WindowLayer

_MOST = 127
_SAMPLE = 200_000  # sentences that the greatest hidden value is looked for in
_QUANTILE = 0.9999  # of hidden values that must fit


def as_integers(nets: Sequence[BoundaryNet], axes: Axes, sample: Sample) -> BoundaryScorer:
    """The nets side by side, weights rounded to 8 bits. Each output of a layer has a scale of its own; hidden values
    have one for all, chosen on the sample so that hardly any is cut."""
    step = _step(nets, sample)
    fold = axes.axes / axes.spread  # [D, axes]
    share = np.mean(sample.starts.numpy() > 0)
    dilations = [int(layer.dilation[0]) for layer in nets[0].layers]
    layers = tuple(
        (
            _layer([_array(net.layers[i].weight).transpose(2, 1, 0) for net in nets], 1.0, dilation),
            _offset([_array(net.layers[i].bias) for net in nets], step),
        )
        for i, dilation in enumerate(dilations)
    )
    return BoundaryScorer(
        _layer([(fold @ _array(net.vectors.weight).T)[None] for net in nets], VECTOR_STEP / step),
        _layer([_array(net.cues.weight).T[None] for net in nets], CUE_STEP / step),
        _offset([_array(net.cues.bias) for net in nets], step),
        layers,
        _layer([_array(net.out.weight).T[None] for net in nets], step),
        float(np.log(share / (1 - share)) - np.mean([_array(net.out.bias)[0] for net in nets])),
    )


def _layer(weights: Sequence[np.ndarray], unit: float, dilation: int = 1) -> WindowLayer:
    """weights: of each net float [taps, inputs, width]; unit: what one step of the input is in steps of the output."""
    stacked = np.stack(weights).astype(np.float64)
    scale = np.maximum(np.abs(stacked).max(axis=(1, 2), keepdims=True), 1e-12) / _MOST
    return WindowLayer(np.rint(stacked / scale).astype(np.float32), (scale[:, 0] * unit).astype(np.float32), dilation)


def _offset(biases: Sequence[np.ndarray], step: float) -> np.ndarray:
    return (np.stack(biases)[:, None] / step).astype(np.float32)


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy()


def _step(nets: Sequence[BoundaryNet], sample: Sample) -> float:
    top = 0.0
    vectors, table = sample.vectors[None, :_SAMPLE], sample.table[None, :_SAMPLE]
    with torch.no_grad():
        for net in nets:
            hidden = torch.relu(net.vectors(vectors) + net.cues(table)).transpose(1, 2)
            for layer in net.layers:
                hidden = hidden + torch.relu(layer(hidden))
            top = max(top, float(np.quantile(hidden.numpy(), _QUANTILE)))
    return top / TOP
