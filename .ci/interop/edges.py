"""Writes small graphs with every way in which a transposed convolution may say what is cropped off what it gives.

usage: edges.py OUT
"""

import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

rng = np.random.RandomState(0)
maps = rng.randn(3, 2 * 4 * 4).astype(np.float32)
kernel = rng.randn(2, 1, 3, 3).astype(np.float32)
forms = {
    "upper": dict(auto_pad="SAME_UPPER"),
    "lower": dict(auto_pad="SAME_LOWER"),
    "upper-shape": dict(auto_pad="SAME_UPPER", output_shape=[8, 8]),
    "lower-shape": dict(auto_pad="SAME_LOWER", output_shape=[8, 8]),
    "shape": dict(output_shape=[8, 8]),
    "even-shape": dict(output_shape=[7, 7]),
    "upper-padding": dict(auto_pad="SAME_UPPER", output_padding=[1, 1]),
    "shape-padding": dict(auto_pad="SAME_UPPER", output_padding=[1, 1], output_shape=[9, 9]),
    "padding": dict(output_padding=[1, 1]),
    "pads": dict(pads=[1, 0, 0, 2], output_padding=[1, 0]),
}
out = sys.argv[1]
os.makedirs(out, exist_ok=True)
for name, attributes in forms.items():
    for opset in (10, 13):
        nodes = [
            helper.make_node("MatMul", ["z", "maps"], ["dense"]),
            helper.make_node("Reshape", ["dense", "shape"], ["source"]),
            helper.make_node("ConvTranspose", ["source", "kernel"], ["sums"], strides=[2, 2], **attributes),
            helper.make_node("Sigmoid", ["sums"], ["picture"]),
        ]
        constants = [numpy_helper.from_array(v, n) for n, v in (("maps", maps), ("kernel", kernel), ("shape", np.array([-1, 2, 4, 4], np.int64)))]
        z = helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 3])
        graph = helper.make_graph(nodes, "edges", [z], [helper.make_tensor_value_info("picture", TensorProto.FLOAT, None)], constants)
        path = os.path.join(out, f"{name}-{opset}")
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7), path + ".onnx")
        rng.randn(2, 3).astype(np.float32).tofile(path + ".z.f32")
