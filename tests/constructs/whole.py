"""One model with many of the constructs at once, for what a person sees of them."""

from __future__ import annotations

from onnx import ModelProto, TensorProto, helper

from tests.constructs.cases import FLOAT, PAIR, body, function, info, node, odd, ones, put, sparse, unknown

BROKEN = b"caf\xe9"  # Latin-1, and no UTF-8


def whole() -> ModelProto:
    """x goes through a Relu, a sparse weight, a function of two overloads and an If; beside it a sequence and an opaque value."""
    tensor = helper.make_tensor_type_proto(FLOAT, ["N", 4])
    sequence = helper.make_sequence_type_proto(helper.make_map_type_proto(TensorProto.INT64, tensor))
    opaque = type(tensor)()
    opaque.opaque_type.domain, opaque.opaque_type.name = "vendor", "Handle"
    branches = {
        f"{name}_branch": body(name, [node(op, ["f", "k"], [name], name=name)], [ones("k")])
        for name, op in (("then", "Mul"), ("else", "Add"))
    }
    leaky = function(
        "Leaky", [node("LeakyRelu", ["a"], ["b"])], overload="fast", attributes=["needed"],
        attribute_protos=[helper.make_attribute("slope", 0.375)], doc_string="a leak",
    )  # fmt: skip
    leaky.node[0].attribute.add(name="alpha", type=1).ref_attr_name = "slope"
    nodes = [
        node("Relu", ["x"], ["h"], name="first", doc_string="made by hand"),
        node("Add", ["h", "s"], ["m"], name="first"),
        node("Leaky", ["m"], ["f"], domain="c", overload="fast", needed=1),
        node("If", ["flag"], ["y"], name="choose", **branches),
        node(
            "Foo",
            ["seq", "handle", "words", "tiny"],
            ["z"],
            name="caf?",
            domain="c",
            kind=tensor,
            best=opaque,
            bias=ones("bias_name"),
        ),
    ]
    inputs = [
        info("x", FLOAT, ["N", 4]), info("flag", TensorProto.BOOL, []), helper.make_value_info("seq", sequence),
        helper.make_value_info("handle", opaque),
    ]  # fmt: skip
    words = helper.make_tensor("words", TensorProto.STRING, [3], [b"one", b"<b>two</b>", b"\xffthree"])
    tiny = helper.make_tensor("tiny", TensorProto.FLOAT4E2M1, [2, 4], [0.5, 1, 1.5, 2, 3, 4, 6, -6])
    graph = helper.make_graph(
        nodes, "odd", inputs, [info("y", FLOAT, ["N", 4]), info("z", FLOAT, None)], [words, tiny, ones("k")],
        sparse_initializer=[sparse("s")], value_info=[info("h", FLOAT, ["N", 4]), info("ghost", FLOAT, [3])],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 23), helper.make_opsetid("c", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=12, functions=[leaky], producer_name="by hand")
    step = helper.make_graph(
        [node("Sub", ["k", "rate"], ["k_next"])], "one_step", [info("rate", FLOAT, [])], [info("k_next", FLOAT, [4])]
    )
    model.training_info.add().algorithm.CopyFrom(step)
    sharding = {
        "tensor_name": "h",
        "device": [0, 1],
        "sharded_dim": {"axis": 0, "simple_sharding": {"dim_value": 2, "num_shards": 2}},
    }
    odd(
        model,
        ("training_info[0].update_binding", {"key": "k", "value": "k_next"}),
        ("configuration", {"name": "two_gpus", "num_devices": 2, "device": ["gpu0", "gpu1"]}),
        (
            "graph.node[0].device_configurations",
            {"configuration_id": "two_gpus", "pipeline_stage": 1, "sharding_spec": sharding},
        ),
        ("graph.node[0].metadata_props", PAIR),
        ("graph.metadata_props", {"key": "split", "value": "train"}),
        ("graph.input[0].type.denotation", "IMAGE"),
        ("graph.input[0].type.tensor_type.shape.dim[0].denotation", "DATA_BATCH"),
        (
            "graph.quantization_annotation",
            {"tensor_name": "h", "quant_parameter_tensor_names": {"key": "SCALE_TENSOR", "value": "h_scale"}},
        ),
    )
    put(model, "metadata_props", PAIR)
    unknown(model)
    unknown(model.graph.node[0])
    written = model.SerializeToString()
    return ModelProto.FromString(written.replace(b"caf?", BROKEN))
