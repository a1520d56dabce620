"""Makes a dense U-Net of about N nodes: blocks whose layers read all layers before them, and skips from every level to its twin."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LEVELS = 6
CHANNELS = 4
MOST_READ = 16  # a layer reads so many layers before it, at most
NODES_PER_LAYER = 4  # Concat, BatchNormalization, Relu, Conv


def dense_unet(nodes: int) -> onnx.ModelProto:
    """One U-Net: the number of layers per block follows from the number of nodes; the skip of the uppermost level spans it all."""
    blocks = 2 * LEVELS + 1
    layers = max(1, (nodes - 4 * blocks) // (blocks * NODES_PER_LAYER))
    maker = _Maker()
    x, skips = "image", []
    for level in range(LEVELS):
        x = maker.block(f"/down.{level}", x, layers)
        skips.append(x)
        x = maker.node("MaxPool", [x], f"/down.{level}/pool", kernel_shape=[2, 2], strides=[2, 2])
    x = maker.block("/bottom", x, layers)
    for level in reversed(range(LEVELS)):
        up = maker.node("Resize", [x, "", "twice"], f"/up.{level}/resize", mode="nearest")
        x = maker.node("Concat", [up, skips[level]], f"/up.{level}/skip", axis=1)
        x = maker.block(f"/up.{level}", maker.conv([x], f"/up.{level}/merge", 2 * CHANNELS), layers)
    maker.node("Sigmoid", [x], "/head", output="mask")
    side = 1 << (LEVELS + 2)
    shape = {"image": [1, CHANNELS, side, side], "mask": [1, CHANNELS, side, side]}
    declared = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in shape.items()}
    graph = helper.make_graph(
        maker.nodes, "dense_unet", [declared["image"]], [declared["mask"]], list(maker.tensors.values())
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


class _Maker:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: dict[str, onnx.TensorProto] = {}
        self._tensor("twice", np.array([1, 1, 2, 2], np.float32))
        for name in ("scale", "bias", "mean", "var"):
            for width in range(1, MOST_READ + 1):
                self._tensor(f"norm.{name}.{width}", np.ones(width * CHANNELS, np.float32))

    def _tensor(self, name: str, data: np.ndarray) -> str:
        if name not in self.tensors:
            self.tensors[name] = numpy_helper.from_array(data, name)
        return name

    def node(self, op_type: str, inputs: list[str], name: str, output: str = "", **attributes: object) -> str:
        made = output or f"{name}_output_0"
        self.nodes.append(helper.make_node(op_type, inputs, [made], name=name, **attributes))
        return made

    def conv(self, inputs: list[str], name: str, channels: int) -> str:
        weight = self._tensor(f"weight.{channels}", np.full((CHANNELS, channels, 3, 3), 0.01, np.float32))
        return self.node("Conv", [*inputs, weight], name, kernel_shape=[3, 3], pads=[1, 1, 1, 1])

    def block(self, scope: str, x: str, layers: int) -> str:
        made = [x]
        for layer in range(layers):
            name = f"{scope}/layer.{layer}"
            read = made[-MOST_READ:]
            both = self.node("Concat", read, f"{name}/concat", axis=1)
            norm = [f"norm.{part}.{len(read)}" for part in ("scale", "bias", "mean", "var")]
            active = self.node("Relu", [self.node("BatchNormalization", [both, *norm], f"{name}/norm")], f"{name}/relu")
            made.append(self.conv([active], f"{name}/conv", len(read) * CHANNELS))
        return made[-1]


def make(nodes: int, path: Path) -> None:
    onnx.save(dense_unet(nodes), path)


if __name__ == "__main__":
    make(int(sys.argv[1]), Path(sys.argv[2]))
