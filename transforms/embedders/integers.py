"""Matrix products in integers: exact, so the same bits on every processor, and faster than floats.

A sum of floats depends on its order, and each kernel of a matrix library adds up in an order of its own. Integers don't
round. ONNX Runtime multiplies 8-bit integers into 32-bit sums by the instructions that a processor has for it (VNNI, or
AVX2's, whose sums of pairs end at 16 bits: that is why weights keep to `WEIGHT_LIMIT`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from onnx import GraphProto
    from onnxruntime import InferenceSession

# Two products of an unsigned byte and such a weight fit 16 bits with their sign: 2 * 255 * 64 < 2 ** 15.
WEIGHT_LIMIT = 63

_HIGH = 7  # bits of the lower part of a number cut in two; the upper part of an input has 8, that of a weight 7
_INPUT_LIMIT = 2**14 - 1
_FINE_WEIGHT_LIMIT = 63 * 2**_HIGH + 63


def session_of(graph: GraphProto) -> InferenceSession:
    """A graph of ONNX, ready to run. Threads may share it: each call computes on the thread that makes it."""
    import onnxruntime
    from onnx import helper

    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # nothing that joins multiplication and addition into one rounding, as some processors could and others not
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class IntegerProduct:
    """Multiplies rows of bytes by a fixed matrix of integers. Threads may share it."""

    def __init__(self, weights: np.ndarray) -> None:
        """weights: int8 [inputs, outputs], at most 64 in size."""
        from onnx import TensorProto, helper, numpy_helper

        graph = helper.make_graph(
            [helper.make_node("MatMulInteger", ["rows", "weights"], ["sums"])],
            "product",
            [helper.make_tensor_value_info("rows", TensorProto.UINT8, [None, weights.shape[0]])],
            [helper.make_tensor_value_info("sums", TensorProto.INT32, [None, weights.shape[1]])],
            [numpy_helper.from_array(np.ascontiguousarray(weights), "weights")],
        )
        self._session = session_of(graph)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """rows: uint8 [n, inputs]. Returns int32 [n, outputs]."""
        return np.asarray(self._session.run(None, {"rows": rows})[0])


class FineProduct:
    """Multiplies rows of floats by a fixed matrix as integers of 15 and 14 bits; error about 1e-4 of a row's length.

    Both are cut into bytes, so one call of the 8-bit product gives the four parts that add up to the whole.
    """

    def __init__(self, weights: np.ndarray) -> None:
        """weights: float [inputs, outputs]."""
        steps = np.maximum(np.abs(weights).max(axis=0), 1e-30) / _FINE_WEIGHT_LIMIT
        whole = np.rint(weights / steps).astype(np.int32)
        low = (whole + 64) % 2**_HIGH - 64
        parts = np.concatenate([(whole - low) >> _HIGH, low], axis=1).astype(np.int8)
        self._steps = steps.astype(np.float64)
        self.size = weights.size
        self._offset = whole.sum(axis=0, dtype=np.int64) * (_INPUT_LIMIT + 1)
        self._product = IntegerProduct(parts)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """rows: float [n, inputs], finite. Returns float64 [n, outputs]."""
        n, outputs = len(rows), len(self._steps)
        steps = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-30).astype(np.float64) / _INPUT_LIMIT
        whole = np.rint(rows / steps).astype(np.int32) + (_INPUT_LIMIT + 1)
        parts = np.concatenate([whole >> _HIGH, whole % 2**_HIGH]).astype(np.uint8)
        sums = self._product(parts)
        high, low = sums[:n].astype(np.int64), sums[n:]
        total = high[:, :outputs] << 2 * _HIGH
        total += (high[:, outputs:] + low[:, :outputs]) << _HIGH
        total += low[:, outputs:]
        total -= self._offset
        return np.asarray(total * (steps * self._steps))
