"""Writes the sample models and index.json beside this file: ten small models, each shows one thing. Same bytes at every run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parent
OPSET = 18
IR_VERSION = 8


class Weights:
    """Initializers of one model, drawn from a seed so that every run writes the same bytes."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.tensors: list[TensorProto] = []

    def normal(self, name: str, *shape: int, scale: float = 0.2) -> str:
        return self.put(name, (self.random.standard_normal(shape) * scale).astype(np.float32))

    def positive(self, name: str, *shape: int) -> str:
        return self.put(name, (self.random.random(shape) + 0.5).astype(np.float32))

    def put(self, name: str, values: np.ndarray) -> str:
        self.tensors.append(numpy_helper.from_array(np.asarray(values), name))
        return name


def floats(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def model(
    graph: onnx.GraphProto, *, functions: Sequence[onnx.FunctionProto] = (), domains: Sequence[str] = ()
) -> onnx.ModelProto:
    imports = [helper.make_opsetid("", OPSET), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return helper.make_model(
        graph, opset_imports=imports, functions=list(functions), producer_name="scalpel-samples", ir_version=IR_VERSION
    )


def mlp() -> onnx.ModelProto:
    weights = Weights(1)
    nodes = [
        helper.make_node(
            "Gemm",
            ["features", weights.normal("fc1.weight", 16, 8), weights.normal("fc1.bias", 16)],
            ["fc1_out"],
            "fc1",
            transB=1,
        ),
        helper.make_node("Relu", ["fc1_out"], ["relu1_out"], "relu1"),
        helper.make_node(
            "Gemm",
            ["relu1_out", weights.normal("fc2.weight", 3, 16), weights.normal("fc2.bias", 3)],
            ["logits"],
            "fc2",
            transB=1,
        ),
        helper.make_node("Softmax", ["logits"], ["probabilities"], "softmax", axis=-1),
    ]
    return model(
        helper.make_graph(nodes, "mlp", [floats("features", 1, 8)], [floats("probabilities", 1, 3)], weights.tensors)
    )


def conv_batchnorm(
    weights: Weights, scope: str, source: str, inputs: int, outputs: int, stride: int = 1
) -> tuple[list[onnx.NodeProto], str]:
    """Conv, BatchNormalization, Relu under one name scope; gives the nodes and the name of what they make."""
    norm = [weights.positive(f"{scope}.bn.scale", outputs), weights.normal(f"{scope}.bn.bias", outputs),
            weights.normal(f"{scope}.bn.mean", outputs), weights.positive(f"{scope}.bn.var", outputs)]  # fmt: skip
    nodes = [
        helper.make_node(
            "Conv", [source, weights.normal(f"{scope}.conv.weight", outputs, inputs, 3, 3)], [f"{scope}/conv_out"],
            f"{scope}/conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[stride, stride],
        ),
        helper.make_node("BatchNormalization", [f"{scope}/conv_out", *norm], [f"{scope}/bn_out"], f"{scope}/bn", epsilon=1e-5),
        helper.make_node("Relu", [f"{scope}/bn_out"], [f"{scope}/relu_out"], f"{scope}/relu"),
    ]  # fmt: skip
    return nodes, f"{scope}/relu_out"


def cnn_batchnorm() -> onnx.ModelProto:
    weights = Weights(2)
    first, value = conv_batchnorm(weights, "stem", "image", 3, 8, stride=2)
    second, value = conv_batchnorm(weights, "block", value, 8, 16, stride=2)
    head = [
        helper.make_node("GlobalAveragePool", [value], ["pooled"], "head/pool"),
        helper.make_node("Flatten", ["pooled"], ["flat"], "head/flatten"),
        helper.make_node(
            "Gemm",
            ["flat", weights.normal("head.weight", 10, 16), weights.normal("head.bias", 10)],
            ["logits"],
            "head/fc",
            transB=1,
        ),
    ]
    return model(
        helper.make_graph(
            first + second + head, "cnn", [floats("image", 1, 3, 32, 32)], [floats("logits", 1, 10)], weights.tensors
        )
    )


def residual_block() -> onnx.ModelProto:
    weights = Weights(3)
    stem, start = conv_batchnorm(weights, "stem", "image", 3, 8)
    branch, value = conv_batchnorm(weights, "layer1/block0", start, 8, 8)
    tail = [
        helper.make_node(
            "Conv", [value, weights.normal("layer1.block0.conv2.weight", 8, 8, 3, 3), weights.normal("layer1.block0.conv2.bias", 8)],
            ["layer1/block0/conv2_out"], "layer1/block0/conv2", kernel_shape=[3, 3], pads=[1, 1, 1, 1],
        ),
        helper.make_node("Add", ["layer1/block0/conv2_out", start], ["layer1/block0/add_out"], "layer1/block0/add"),
        helper.make_node("Relu", ["layer1/block0/add_out"], ["layer1/block0/out"], "layer1/block0/relu_out"),
        helper.make_node("GlobalAveragePool", ["layer1/block0/out"], ["pooled"], "head/pool"),
        helper.make_node("Flatten", ["pooled"], ["features"], "head/flatten"),
    ]  # fmt: skip
    return model(
        helper.make_graph(
            stem + branch + tail,
            "residual_block",
            [floats("image", 1, 3, 16, 16)],
            [floats("features", 1, 8)],
            weights.tensors,
        )
    )


def attention_block() -> onnx.ModelProto:
    weights, width, heads = Weights(4), 16, 2
    split = weights.put("split_heads", np.array([0, -1, heads, width // heads], np.int64))
    merge = weights.put("merge_heads", np.array([0, -1, width], np.int64))
    nodes: list[onnx.NodeProto] = []
    for part, perm in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
        nodes += [
            helper.make_node(
                "MatMul",
                ["hidden", weights.normal(f"attn.{part}.weight", width, width)],
                [f"{part}_flat"],
                f"attn/{part}_proj",
            ),
            helper.make_node("Reshape", [f"{part}_flat", split], [f"{part}_split"], f"attn/{part}_split"),
            helper.make_node("Transpose", [f"{part}_split"], [part], f"attn/{part}_heads", perm=perm),
        ]
    scale = weights.put("attn.scale", np.array((width // heads) ** -0.5, np.float32))
    nodes += [
        helper.make_node("MatMul", ["q", "k"], ["scores_raw"], "attn/scores"),
        helper.make_node("Mul", ["scores_raw", scale], ["scores"], "attn/scale"),
        helper.make_node("Softmax", ["scores"], ["weights"], "attn/softmax", axis=-1),
        helper.make_node("MatMul", ["weights", "v"], ["context"], "attn/context"),
        helper.make_node("Transpose", ["context"], ["context_t"], "attn/merge_transpose", perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["context_t", merge], ["merged"], "attn/merge"),
        helper.make_node(
            "MatMul", ["merged", weights.normal("attn.out.weight", width, width)], ["projected"], "attn/out_proj"
        ),
        helper.make_node("Add", ["hidden", "projected"], ["residual"], "attn/residual"),
        helper.make_node(
            "LayerNormalization",
            ["residual", weights.positive("norm.scale", width), weights.normal("norm.bias", width)],
            ["output"],
            "norm",
            axis=-1,
        ),
    ]
    return model(
        helper.make_graph(
            nodes, "attention_block", [floats("hidden", 1, 6, width)], [floats("output", 1, 6, width)], weights.tensors
        )
    )


def lstm() -> onnx.ModelProto:
    weights, hidden, inputs = Weights(5), 12, 6
    nodes = [
        helper.make_node(
            "LSTM", ["sequence", weights.normal("lstm.W", 1, 4 * hidden, inputs), weights.normal("lstm.R", 1, 4 * hidden, hidden), weights.normal("lstm.B", 1, 8 * hidden)],
            ["lstm_all", "lstm_last", ""], "lstm", hidden_size=hidden,
        ),
        helper.make_node("Squeeze", ["lstm_last", weights.put("direction_axis", np.array([0], np.int64))], ["last"], "squeeze"),
        helper.make_node("Gemm", ["last", weights.normal("tag.weight", 4, hidden), weights.normal("tag.bias", 4)], ["tags"], "tag", transB=1),
    ]  # fmt: skip
    return model(
        helper.make_graph(
            nodes, "lstm_tagger", [floats("sequence", 5, 1, inputs)], [floats("tags", 1, 4)], weights.tensors
        )
    )


def if_and_loop() -> onnx.ModelProto:
    weights = Weights(6)
    double = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["doubled"], "double")], "when_true", [], [floats("doubled", 4)]
    )
    negate = helper.make_graph(
        [helper.make_node("Neg", ["x"], ["negated"], "negate")], "when_false", [], [floats("negated", 4)]
    )
    body = helper.make_graph(
        [
            helper.make_node("Mul", ["state_in", "decay"], ["state_out"], "decay_state"),
            helper.make_node("Identity", ["go_in"], ["go_out"], "keep_going"),
            helper.make_node("ReduceSum", ["state_out"], ["total"], "total", keepdims=0),
        ],
        "body",
        [
            helper.make_tensor_value_info("step", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_in", TensorProto.BOOL, []),
            floats("state_in", 4),
        ],
        [helper.make_tensor_value_info("go_out", TensorProto.BOOL, []), floats("state_out", 4), floats("total")],
    )
    weights.put("decay", np.array(0.5, np.float32))
    weights.put("steps", np.array(3, np.int64))
    nodes = [
        helper.make_node("If", ["flag"], ["chosen"], "choose", then_branch=double, else_branch=negate),
        helper.make_node("Loop", ["steps", "", "chosen"], ["final", "totals"], "repeat", body=body),
    ]
    inputs = [helper.make_tensor_value_info("flag", TensorProto.BOOL, []), floats("x", 4)]
    return model(
        helper.make_graph(nodes, "if_and_loop", inputs, [floats("final", 4), floats("totals", 3)], weights.tensors)
    )


def quantised_qdq() -> onnx.ModelProto:
    weights = Weights(7)
    weights.put("x_scale", np.array(0.02, np.float32)), weights.put("x_zero", np.array(128, np.uint8))
    weights.put("w", weights.random.integers(-127, 127, (4, 3, 3, 3)).astype(np.int8))
    (
        weights.put("w_scale", (weights.random.random(4) * 0.01 + 0.001).astype(np.float32)),
        weights.put("w_zero", np.zeros(4, np.int8)),
    )
    weights.put("y_scale", np.array(0.05, np.float32)), weights.put("y_zero", np.array(0, np.uint8))
    nodes = [
        helper.make_node("QuantizeLinear", ["image", "x_scale", "x_zero"], ["image_q"], "quantize_input"),
        helper.make_node("DequantizeLinear", ["image_q", "x_scale", "x_zero"], ["image_dq"], "dequantize_input"),
        helper.make_node("DequantizeLinear", ["w", "w_scale", "w_zero"], ["w_dq"], "dequantize_weight", axis=0),
        helper.make_node("Conv", ["image_dq", "w_dq"], ["conv_out"], "conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["conv_out"], ["relu_out"], "relu"),
        helper.make_node("QuantizeLinear", ["relu_out", "y_scale", "y_zero"], ["out_q"], "quantize_output"),
        helper.make_node("DequantizeLinear", ["out_q", "y_scale", "y_zero"], ["features"], "dequantize_output"),
    ]
    return model(
        helper.make_graph(
            nodes, "quantised_qdq", [floats("image", 1, 3, 8, 8)], [floats("features", 1, 4, 8, 8)], weights.tensors
        )
    )


def local_functions() -> onnx.ModelProto:
    domain, weights = "sample.functions", Weights(8)
    imports = [helper.make_opsetid("", OPSET)]
    swish = helper.make_function(
        domain, "Swish", ["x"], ["y"],
        [helper.make_node("Sigmoid", ["x"], ["gate"], "gate"), helper.make_node("Mul", ["x", "gate"], ["y"], "apply")], imports,
    )  # fmt: skip
    dense = helper.make_function(
        domain, "DenseSwish", ["x", "weight", "bias"], ["y"],
        [
            helper.make_node("MatMul", ["x", "weight"], ["product"], "matmul"),
            helper.make_node("Add", ["product", "bias"], ["sum"], "add"),
            helper.make_node("Swish", ["sum"], ["y"], "swish", domain=domain),
        ],
        [*imports, helper.make_opsetid(domain, 1)],
    )  # fmt: skip
    nodes = [
        helper.make_node(
            "DenseSwish",
            ["x", weights.normal("dense1.weight", 8, 8), weights.normal("dense1.bias", 8)],
            ["hidden"],
            "dense1",
            domain=domain,
        ),
        helper.make_node(
            "DenseSwish",
            ["hidden", weights.normal("dense2.weight", 8, 4), weights.normal("dense2.bias", 4)],
            ["y"],
            "dense2",
            domain=domain,
        ),
    ]
    graph = helper.make_graph(nodes, "local_functions", [floats("x", 1, 8)], [floats("y", 1, 4)], weights.tensors)
    return model(graph, functions=[swish, dense], domains=[domain])


def dynamic_axes() -> onnx.ModelProto:
    weights = Weights(9)
    nodes = [
        helper.make_node("Gather", [weights.normal("embedding.weight", 32, 8), "tokens"], ["embedded"], "embedding"),
        helper.make_node("Shape", ["tokens"], ["token_shape"], "shape"),
        helper.make_node(
            "Concat",
            ["token_shape", weights.put("two_by_four", np.array([2, 4], np.int64))],
            ["target"],
            "target",
            axis=0,
        ),
        helper.make_node("Reshape", ["embedded", "target"], ["grouped"], "group"),
        helper.make_node(
            "ReduceMean",
            ["grouped", weights.put("mean_axis", np.array([1], np.int64))],
            ["summary"],
            "mean",
            keepdims=0,
        ),
    ]
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["batch", "sequence"])
    return model(
        helper.make_graph(nodes, "dynamic_axes", [tokens], [floats("summary", "batch", 2, 4)], weights.tensors)
    )


def with_a_fault() -> onnx.ModelProto:
    weights = Weights(10)
    nodes = [
        helper.make_node(
            "Conv",
            ["image", weights.normal("conv.weight", 4, 3, 3, 3)],
            ["conv_out"],
            "conv",
            kernel_shape=[3, 3],
            pads=[1, 1, 1, 1],
        ),
        helper.make_node("Relu", ["conv_out"], ["relu_out"], "relu"),
        helper.make_node("GlobalAveragePool", ["relu_out"], ["pooled"], "pool"),
        helper.make_node("Flatten", ["pooled"], ["features"], "flatten"),
    ]
    wrong = floats("conv_out", 1, 4, 8, 9)  # the convolution makes 8×8: the declaration is the fault to find
    return model(
        helper.make_graph(
            nodes,
            "with_a_fault",
            [floats("image", 1, 3, 8, 8)],
            [floats("features", 1, 4)],
            weights.tensors,
            value_info=[wrong],
        )
    )


SAMPLES = {
    "mlp": (mlp, "Multilayer perceptron", "Two fully connected layers: the smallest model worth editing"),
    "cnn_batchnorm": (cnn_batchnorm, "Convolutions with BatchNorm", "Weights as rows of their node, scopes in the node names"),
    "residual_block": (residual_block, "Residual block", "A value with two consumers: the skip connection"),
    "attention_block": (attention_block, "Attention block", "Query, key and value side by side, Reshape and Transpose between"),
    "lstm": (lstm, "LSTM tagger", "A recurrent operator with an omitted output"),
    "if_and_loop": (if_and_loop, "If and Loop", "Bodies that capture values from outside"),
    "quantised_qdq": (quantised_qdq, "Quantised (QDQ)", "QuantizeLinear and DequantizeLinear around a convolution"),
    "local_functions": (local_functions, "Local functions", "Operators that the model itself defines, one calls the other"),
    "dynamic_axes": (dynamic_axes, "Dynamic axes", "Symbolic batch and sequence dimensions"),
    "with_a_fault": (with_a_fault, "With a fault", "A declared shape that contradicts the computed one, for the validator to find"),
}  # fmt: skip


def main() -> None:
    index = []
    for name, (build, title, shows) in SAMPLES.items():
        proto = build()
        path = FOLDER / f"{name}.onnx"
        path.write_bytes(proto.SerializeToString(deterministic=True))
        index.append(
            {
                "name": name,
                "file": path.name,
                "title": title,
                "shows": shows,
                "nodes": len(proto.graph.node),
                "bytes": path.stat().st_size,
            }
        )
    (FOLDER / "index.json").write_text(
        json.dumps({"samples": index}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
