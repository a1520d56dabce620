"""One small model for each construct of ONNX, an edit of the very thing that carries it, and what the file must say then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT
info = helper.make_tensor_value_info
Change = Callable[[ModelProto], None]


@dataclass(frozen=True)
class Construct:
    """`edit` changes what carries the construct, and `expected` does to the proto what it must do, and nothing else.
    `seen` are (subject, words): what a page is told of the subject has these words, before and after."""

    name: str
    model: ModelProto
    edit: dict[str, Any]
    expected: Change
    seen: tuple[tuple[str, str], ...]


def node(op_type: str, inputs: list[str], outputs: list[str], **more: Any) -> NodeProto:
    return helper.make_node(op_type, inputs, outputs, **more)


def model(nodes: list[NodeProto] | None = None, **more: Any) -> ModelProto:
    """x -> Relu 'first' -> h -> Exp 'second' -> y, or these nodes between x and y."""
    nodes = nodes or [node("Relu", ["x"], ["h"], name="first"), node("Exp", ["h"], ["y"], name="second")]
    imports = [helper.make_opsetid("", 21), *(helper.make_opsetid(d, 1) for d in more.pop("domains", ()))]
    ir_version, functions = more.pop("ir_version", 11), more.pop("functions", [])
    inputs = more.pop("inputs", None) or [info("x", FLOAT, ["N", 4])]
    outputs = more.pop("outputs", None) or [info("y", FLOAT, ["N", 4])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, more.pop("initializer", []), **more)
    return helper.make_model(graph, opset_imports=imports, ir_version=ir_version, functions=functions)


def rename_value(value: str, name: str) -> dict[str, Any]:
    return {"kind": "rename-value", "value": value, "name": name}


def rename_node(which: str, name: str) -> dict[str, Any]:
    return {"kind": "rename-node", "node": which, "name": name}


def named(was: str, now: str) -> Change:
    """Every input and output of nodes, value and tensor of the main graph that is called `was` is called `now`."""

    def change(proto: ModelProto) -> None:
        graph = proto.graph
        for one in graph.node:
            for names in (one.input, one.output):
                names[:] = [now if name == was else name for name in names]
        tensors = [*graph.initializer, *(sparse.values for sparse in graph.sparse_initializer)]
        for held in (*graph.input, *graph.output, *graph.value_info, *tensors):
            held.name = now if held.name == was else held.name

    return change


def first_node(**fields: str) -> Change:
    def change(proto: ModelProto) -> None:
        for name, value in fields.items():
            setattr(proto.graph.node[0], name, value)

    return change


def then(*changes: Change) -> Change:
    def change(proto: ModelProto) -> None:
        for one in changes:
            one(proto)

    return change


def put(message: Any, path: str, value: Any) -> None:
    """Set a field by its path, such as `graph.node[0].name`; a message is filled in, a list is extended."""
    *parents, last = path.replace("[", ".").replace("]", "").split(".")
    for part in parents:
        message = message[int(part)] if part.isdigit() else getattr(message, part)
    if isinstance(value, dict):
        held = getattr(message, last)
        held = held.add() if hasattr(held, "add") else held
        for name, inner in value.items():
            put(held, name, inner)
    elif isinstance(value, list):
        getattr(message, last).extend(value)
    else:
        setattr(message, last, value)


def setting(path: str, value: Any) -> Change:
    return lambda proto: put(proto, path, value)


def with_(proto: ModelProto, **paths: Any) -> ModelProto:
    for path, value in paths.items():
        put(proto, path, value)
    return proto


def odd(proto: ModelProto, *settings: tuple[str, Any]) -> ModelProto:
    for path, value in settings:
        put(proto, path, value)
    return proto


def unknown(message: Any, number: int = 900, payload: bytes = b"from-the-future") -> None:
    """A field that ONNX does not define."""
    tag = number << 3 | 2
    message.MergeFromString(bytes((tag & 0x7F | 0x80, tag >> 7, len(payload))) + payload)


def ones(name: str, *shape: int) -> TensorProto:
    return numpy_helper.from_array(np.ones(shape or 4, "f"), name)


def sparse(name: str) -> Any:
    values = helper.make_tensor(name, FLOAT, [2], [1.5, 2.5])
    return helper.make_sparse_tensor(values, helper.make_tensor(f"{name}_places", TensorProto.INT64, [2], [0, 3]), [4])


def body(output: str, nodes: list[NodeProto], initializer: list[TensorProto] | None = None) -> GraphProto:
    return helper.make_graph(nodes, f"body_{output}", [], [info(output, FLOAT, None)], initializer or [])


def function(name: str, nodes: list[NodeProto], **more: Any) -> Any:
    return helper.make_function("c", name, ["a"], ["b"], nodes, [helper.make_opsetid("", 21)], **more)


PAIR = {"key": "kind", "value": "kept-entry"}


def metadata() -> Iterator[Construct]:
    """metadata_props and doc strings of everything that has them."""
    yield Construct(
        "metadata and doc of the model",
        odd(
            model(),
            ("metadata_props", PAIR),
            ("doc_string", "kept-doc"),
            ("domain", "kept.domain"),
            ("model_version", 77),
        ),
        {"kind": "set-model-info", "producer": "me"},
        setting("producer_name", "me"),
        (("model:", "kept-entry"), ("model:", "kept-doc"), ("model:", "kept.domain"), ("model:", "77")),
    )
    yield Construct(
        "metadata of a graph",
        odd(model(), ("graph.metadata_props", PAIR)),
        {"kind": "set-doc", "subject": "graph:", "text": "new"},
        setting("graph.doc_string", "new"),
        (("graph:", "kept-entry"),),
    )
    yield Construct(
        "metadata and doc of a node",
        odd(model(), ("graph.node[0].metadata_props", PAIR), ("graph.node[0].doc_string", "kept-doc")),
        rename_node("node:h", "other"),
        first_node(name="other"),
        (("node:h", "kept-entry"), ("node:h", "kept-doc")),
    )
    yield Construct(
        "metadata and doc of a declared value",
        odd(
            model(value_info=[info("h", FLOAT, ["N", 4])]),
            ("graph.value_info[0].metadata_props", PAIR),
            ("graph.value_info[0].doc_string", "kept-doc"),
        ),
        rename_value("value:h", "other"),
        named("h", "other"),
        (("value:h", "kept-entry"), ("value:h", "kept-doc")),
    )
    yield Construct(
        "metadata and doc of an input",
        odd(model(), ("graph.input[0].metadata_props", PAIR), ("graph.input[0].doc_string", "kept-doc")),
        rename_value("value:x", "other"),
        named("x", "other"),
        (("value:x", "kept-entry"), ("value:x", "kept-doc")),
    )
    added = [node("Add", ["x", "w"], ["y"])]
    yield Construct(
        "metadata, doc and segment of an initializer",
        odd(
            model(added, initializer=[ones("w")]),
            ("graph.initializer[0].metadata_props", PAIR),
            ("graph.initializer[0].doc_string", "kept-doc"),
            ("graph.initializer[0].segment.begin", 4321),
        ),
        rename_value("value:w", "other"),
        named("w", "other"),
        (("value:w", "kept-entry"), ("value:w", "kept-doc"), ("value:w", "4321")),
    )
    leaky = [node("LeakyRelu", ["x"], ["y"], alpha=0.5)]
    yield Construct(
        "doc of an attribute",
        odd(model(leaky), ("graph.node[0].attribute[0].doc_string", "kept-doc")),
        {"kind": "set-attribute", "node": "node:y", "attribute": "alpha", "value": 0.25},
        setting("graph.node[0].attribute[0].f", 0.25),
        (("node:y", "kept-doc"),),
    )
    yield Construct(
        "metadata and doc of a function and in it",
        odd(
            model(
                [node("F", ["x"], ["y"], domain="c")],
                domains=["c"],
                functions=[function("F", [node("Relu", ["a"], ["b"])])],
            ),
            ("functions[0].metadata_props", PAIR),
            ("functions[0].doc_string", "kept-doc"),
            ("functions[0].node[0].metadata_props", {"key": "kind", "value": "kept-inside"}),
        ),
        rename_value("value:a@c::F:", "other"),
        then(
            setting("functions[0].input", ["other"]),
            lambda p: p.functions[0].input.pop(0),
            lambda p: _reads(p.functions[0].node[0], "other"),
        ),
        (("graph:c::F:", "kept-entry"), ("graph:c::F:", "kept-doc"), ("node:b@c::F:", "kept-inside")),
    )
    branch = body("t", [node("Relu", ["x"], ["t"])])
    yield Construct(
        "metadata and doc of a body",
        odd(
            model(
                [node("If", ["c"], ["y"], then_branch=branch, else_branch=body("e", [node("Exp", ["x"], ["e"])]))],
                inputs=[info("x", FLOAT, ["N", 4]), info("c", TensorProto.BOOL, [])],
            ),
            ("graph.node[0].attribute[1].g.metadata_props", PAIR),
            ("graph.node[0].attribute[1].g.doc_string", "kept-doc"),
        ),
        rename_value("value:t@y.then_branch", "other"),
        lambda p: _rename_body(p.graph.node[0].attribute[1].g, "other"),
        (("graph:node:y.then_branch", "kept-entry"), ("graph:node:y.then_branch", "kept-doc")),
    )


def _reads(one: NodeProto, *names: str) -> None:
    one.input[:] = names


def _rename_body(graph: GraphProto, name: str) -> None:
    graph.node[0].output[:] = [name]
    graph.output[0].name = name


def attached() -> Iterator[Construct]:
    """What names a value from elsewhere in the file, and follows it."""
    annotated = odd(
        model(),
        (
            "graph.quantization_annotation",
            {"tensor_name": "h", "quant_parameter_tensor_names": {"key": "SCALE_TENSOR", "value": "kept-scale"}},
        ),
    )
    yield Construct(
        "quantization annotation",
        annotated,
        rename_value("value:h", "other"),
        then(named("h", "other"), setting("graph.quantization_annotation[0].tensor_name", "other")),
        (("value:h", "kept-scale"), ("graph:", "kept-scale")),
    )
    sharding = {
        "tensor_name": "h",
        "device": [5, 6],
        "sharded_dim": {"axis": 1, "simple_sharding": {"dim_param": "kept-dim", "num_shards": 2}},
    }
    yield Construct(
        "device configurations and sharding",
        odd(
            model(),
            ("configuration", {"name": "kept-config", "num_devices": 2, "device": ["kept-device", "b"]}),
            (
                "graph.node[0].device_configurations",
                {"configuration_id": "kept-config", "pipeline_stage": 3, "sharding_spec": sharding},
            ),
        ),
        rename_value("value:h", "other"),
        then(
            named("h", "other"), setting("graph.node[0].device_configurations[0].sharding_spec[0].tensor_name", "other")
        ),
        (("model:", "kept-device"), ("node:h", "kept-config"), ("node:h", "kept-dim")),
    )
    sharded = odd(
        model([node("Add", ["x", "a"], ["h"]), node("Relu", ["h"], ["y"])], initializer=[ones("a"), ones("b")]),
        (
            "graph.node[0].device_configurations",
            {"configuration_id": "kept-config", "sharding_spec": {"tensor_name": "a"}},
        ),
    )
    spec = "graph.node[0].device_configurations[0].sharding_spec[0].tensor_name"
    for name, edit, change in (
        ("another value", {"kind": "connect", "node": "node:h", "slot": 1, "value": "value:b"}, setting(spec, "b")),
        ("no value", {"kind": "disconnect", "node": "node:h", "slot": 1}, lambda _: None),
        ("twice the other value", {"kind": "connect", "node": "node:h", "slot": 0, "value": "value:a"}, lambda _: None),
    ):
        slots = {"another value": ["x", "b"], "no value": ["x"], "twice the other value": ["a", "a"]}[name]
        wires = lambda p, slots=slots: _reads(p.graph.node[0], *slots)  # noqa: E731
        yield Construct(
            f"sharding of a slot that takes {name}", sharded, edit, then(wires, change), (("node:h", "kept-config"),)
        )
    trained = model([node("Mul", ["x", "w"], ["y"])], initializer=[ones("w")])
    step = helper.make_graph(
        [node("Sub", ["w", "kept-rate"], ["w_next"])],
        "kept-step",
        [info("kept-rate", FLOAT, [])],
        [info("w_next", FLOAT, [4])],
    )
    trained.training_info.add().algorithm.CopyFrom(step)
    put(trained, "training_info[0].update_binding", {"key": "w", "value": "w_next"})
    put(trained, "training_info[0].initialization_binding", {"key": "w", "value": "kept-start"})
    yield Construct(
        "training info",
        trained,
        rename_value("value:w", "other"),
        then(
            named("w", "other"),
            setting("training_info[0].update_binding[0].key", "other"),
            setting("training_info[0].initialization_binding[0].key", "other"),
            lambda p: _reads(p.training_info[0].algorithm.node[0], "other", "kept-rate"),
        ),
        (("model:", "kept-step"), ("model:", "kept-start"), ("model:", "w_next = Sub(")),
    )


def functions() -> Iterator[Construct]:
    """Overloads, attributes that functions declare, references to them, and functions' own imports."""
    pair = [
        function("F", [node(op, ["a"], ["b"])], overload=over)
        for op, over in (("Relu", "kept-one"), ("Exp", "kept-two"))
    ]
    calls = [
        node("F", ["x"], ["h"], domain="c", overload="kept-one"),
        node("F", ["h"], ["y"], domain="c", overload="kept-two"),
    ]
    yield Construct(
        "overloads",
        model(calls, domains=["c"], functions=pair),
        rename_node("node:h", "other"),
        first_node(name="other"),
        (("node:h", "kept-one"), ("graph:c::F:kept-one", "kept-one"), ("graph:c::F:kept-two", "kept-two")),
    )
    leaky = function(
        "F", [node("LeakyRelu", ["a"], ["t"]), node("Relu", ["t"], ["b"])],
        attributes=["kept-required"], attribute_protos=[helper.make_attribute("kept-default", 0.375)],
    )  # fmt: skip
    reference = leaky.node[0].attribute.add(name="alpha", type=1)
    reference.ref_attr_name = "kept-default"
    leaky.opset_import.append(helper.make_opsetid("kept.import", 44))
    yield Construct(
        "attributes of a function and references to them",
        model([node("F", ["x"], ["y"], domain="c")], domains=["c"], functions=[leaky]),
        rename_value("value:t@c::F:", "other"),
        lambda p: _between(p.functions[0].node, "other"),
        (
            ("graph:c::F:", "kept-required"),
            ("graph:c::F:", "kept-default"),
            ("graph:c::F:", "0.375"),
            ("graph:c::F:", "kept.import"),
            ("node:t@c::F:", "kept-default"),
        ),
    )


def _between(nodes: Any, name: str) -> None:
    nodes[0].output[:] = [name]
    nodes[1].input[:] = [name]


def types() -> Iterator[Construct]:
    """Types that are no dense tensor, and denotations."""
    tensor = helper.make_tensor_type_proto(FLOAT, ["kept-dim", 2])
    held = helper.make_map_type_proto(TensorProto.INT64, tensor)
    opaque = type(tensor)()
    opaque.opaque_type.domain, opaque.opaque_type.name = "kept.domain", "kept-name"
    cases = {
        "sequence": (helper.make_sequence_type_proto(tensor), "sequence of float32 [kept-dim, 2]"),
        "sequence of maps": (
            helper.make_sequence_type_proto(held),
            "sequence of map from int64 to float32 [kept-dim, 2]",
        ),
        "map": (held, "map from int64 to float32 [kept-dim, 2]"),
        "optional": (
            helper.make_optional_type_proto(helper.make_sequence_type_proto(tensor)),
            "optional sequence of float32",
        ),
        "sparse tensor": (helper.make_sparse_tensor_type_proto(FLOAT, ["kept-dim", 2]), "sparse float32 [kept-dim, 2]"),
        "opaque": (opaque, "opaque type kept.domain.kept-name"),
    }
    for name, (kind, words) in cases.items():
        proto = model(
            [node("Foo", ["x"], ["y"], domain="c")], domains=["c"], inputs=[helper.make_value_info("x", kind)]
        )
        yield Construct(
            f"type: {name}", proto, rename_value("value:x", "other"), named("x", "other"), (("value:x", words),)
        )
    denoted = odd(
        model(),
        ("graph.input[0].type.denotation", "KEPT_IMAGE"),
        ("graph.input[0].type.tensor_type.shape.dim[0].denotation", "KEPT_BATCH"),
    )
    yield Construct(
        "denotations of a type and a dim",
        denoted,
        {"kind": "set-value-type", "value": "value:x", "shape": ["M", 4]},
        setting("graph.input[0].type.tensor_type.shape.dim[0].dim_param", "M"),
        (("value:x", "KEPT_IMAGE"), ("value:x", "KEPT_BATCH")),
    )
    inside = helper.make_sequence_type_proto(tensor)
    inside.sequence_type.elem_type.denotation = "KEPT_INSIDE"
    yield Construct(
        "denotation inside a sequence",
        model([node("Foo", ["x"], ["y"], domain="c")], domains=["c"], inputs=[helper.make_value_info("x", inside)]),
        rename_value("value:x", "other"),
        named("x", "other"),
        (("value:x", "KEPT_INSIDE"),),
    )
    yield Construct(
        "types in attributes",
        model([node("Foo", ["x"], ["y"], domain="c", one=tensor, many=[inside])], domains=["c"]),
        rename_node("node:y", "other"),
        first_node(name="other"),
        (("node:y", "float32 [kept-dim, 2]"), ("node:y", "KEPT_INSIDE")),
    )


def tensors() -> Iterator[Construct]:
    """Sparse tensors, strings, every dtype, defaults of inputs, references to attributes."""
    add = [node("Add", ["x", "s"], ["y"])]
    yield Construct(
        "sparse initializer",
        model(add, sparse_initializer=[sparse("s")]),
        rename_value("value:s", "other"),
        named("s", "other"),
        (("value:s", "2.5"), ("value:s", "s_places"), ("value:s", '"sparse": true')),
    )
    yield Construct(
        "sparse tensor in an attribute",
        model([node("Constant", [], ["k"], sparse_value=sparse("inner")), node("Add", ["x", "k"], ["y"])]),
        rename_node("node:k", "other"),
        first_node(name="other"),
        (("node:k", "2.5"), ("node:k", "inner_places")),
    )
    text = helper.make_tensor("s", TensorProto.STRING, [2], [b"kept-text", b"\xffbytes"])
    yield Construct(
        "strings, also ones that are no UTF-8",
        model([node("Foo", ["s"], ["y"], domain="c")], domains=["c"], initializer=[text]),
        rename_value("value:s", "other"),
        named("s", "other"),
        (("value:s", "kept-text"), ("value:s", "\\\\xffbytes")),
    )
    for dtype, number in TensorProto.DataType.items():
        if dtype in ("UNDEFINED", "STRING"):
            continue
        held = helper.make_tensor("w", number, [5], [0, 1, 1, 0, 1])
        yield Construct(
            f"dtype {dtype}",
            model([node("Foo", ["x", "w"], ["y"], domain="c")], domains=["c"], initializer=[held], ir_version=13),
            rename_value("value:w", "other"),
            named("w", "other"),
            (("value:w", '"elements": 5'),),
        )
    yield Construct(
        "an initializer that is an input",
        model(
            [node("Add", ["x", "w"], ["y"])],
            inputs=[info("x", FLOAT, ["N", 4]), info("w", FLOAT, [4])],
            initializer=[ones("w")],
        ),
        rename_value("value:w", "other"),
        named("w", "other"),
        (("value:w", '"kind": "input"'), ("value:w", '"values": [1.0, 1.0, 1.0, 1.0]')),
    )
    yield Construct(
        "an initializer that is declared otherwise",
        model([node("Add", ["x", "w"], ["y"])], initializer=[ones("w")], value_info=[info("w", FLOAT, ["kept-dim"])]),
        rename_value("value:w", "other"),
        named("w", "other"),
        (("value:w", "kept-dim"),),
    )
    yield Construct(
        "names, docs and metadata of tensors in attributes",
        odd(
            model([node("Constant", [], ["k"], value=ones("kept-name")), node("Add", ["x", "k"], ["y"])]),
            ("graph.node[0].attribute[0].t.doc_string", "kept-doc"),
            ("graph.node[0].attribute[0].t.metadata_props", PAIR),
        ),
        rename_node("node:k", "other"),
        first_node(name="other"),
        (("node:k", "kept-name"), ("node:k", "kept-doc"), ("node:k", "kept-entry")),
    )


def replaced() -> Iterator[Construct]:
    """Data that edits replace, and what stands beside it in the same message."""
    beside = (("doc_string", "kept-doc"), ("metadata_props", PAIR))
    halves = numpy_helper.from_array(np.array([0.5, 0.5], "f")).raw_data

    def new_data(tensor: TensorProto) -> None:
        tensor.raw_data = halves
        tensor.dims[:] = [2]

    weighted = odd(
        model([node("Add", ["x", "w"], ["y"])], initializer=[ones("w", 2)], inputs=[info("x", FLOAT, ["N", 2]), info("w", FLOAT, [2])]),
        *((f"graph.initializer[0].{field}", value) for field, value in beside),
    )  # fmt: skip
    unknown(weighted.graph.initializer[0])
    yield Construct(
        "what an initializer says beside its data",
        weighted,
        {"kind": "set-tensor", "value": "value:w", "tensor": {"dtype": "float32", "shape": [2], "data": [0.5, 0.5]}},
        lambda p: new_data(p.graph.initializer[0]),
        (("value:w", "kept-doc"), ("value:w", "kept-entry"), ("value:w", "from-the-future")),
    )
    constant = odd(
        model([node("Constant", [], ["k"], value=ones("kept-name", 2)), node("Add", ["x", "k"], ["y"])]),
        *((f"graph.node[0].attribute[0].t.{field}", value) for field, value in beside),
    )
    unknown(constant.graph.node[0].attribute[0].t)
    yield Construct(
        "what a tensor in an attribute says beside its data",
        constant,
        {"kind": "set-tensor", "value": "value:k", "tensor": {"dtype": "float32", "shape": [2], "data": [0.5, 0.5]}},
        lambda p: new_data(p.graph.node[0].attribute[0].t),
        (("node:k", "kept-name"), ("node:k", "kept-doc"), ("node:k", "kept-entry"), ("node:k", "from-the-future")),
    )


def bodies() -> Iterator[Construct]:
    """Names in bodies that hide outer ones."""
    shadowing = [
        body("o", [node("Mul", ["x", "k"], ["o"])], [ones("k")]),
        body("o", [node("Add", ["x", "k"], ["o"])], [ones("k")]),
    ]
    proto = model(
        [node("If", ["c"], ["h"], then_branch=shadowing[0], else_branch=shadowing[1]), node("Add", ["h", "k"], ["y"])],
        inputs=[info("x", FLOAT, [4]), info("c", TensorProto.BOOL, [])], initializer=[ones("k")],
    )  # fmt: skip
    yield Construct(
        "an outer name that bodies hide",
        proto,
        rename_value("value:k", "other"),
        named("k", "other"),
        (("value:k", '"name": "k"'), ("value:k@h.then_branch", '"name": "k"')),
    )

    def inner(p: ModelProto) -> None:
        graph = p.graph.node[0].attribute[1].g
        graph.node[0].input[1] = graph.initializer[0].name = "other"

    yield Construct(
        "a name in a body that hides an outer one",
        proto,
        rename_value("value:k@h.then_branch", "other"),
        inner,
        (("value:k@h.then_branch", '"graph": "graph:node:h.then_branch"'),),
    )


def faults() -> Iterator[Construct]:
    """What a file may say although it should not."""
    future = model(
        [node("Foo", ["x", "w"], ["y"], domain="c", a=1)],
        domains=["c"],
        initializer=[ones("w")],
        value_info=[info("x", FLOAT, ["N", 4])],
    )
    carriers = (
        future,
        future.graph,
        future.graph.node[0],
        future.graph.node[0].attribute[0],
        future.graph.initializer[0],
    )
    for carrier in (*carriers, future.graph.input[0], future.graph.input[0].type, future.opset_import[0]):
        unknown(carrier)
    yield Construct(
        "unknown fields, in a node",
        future,
        {"kind": "set-attribute", "node": "node:y", "attribute": "a", "value": 2},
        setting("graph.node[0].attribute[0].i", 2),
        tuple((subject, "from-the-future") for subject in ("model:", "graph:", "node:y", "value:x", "value:w")),
    )
    for value in ("x", "w"):
        yield Construct(
            f"unknown fields, in {value}", future, rename_value(f"value:{value}", "other"), named(value, "other"), ()
        )
    broken = ModelProto.FromString(model().SerializeToString().replace(b"first", b"fi\xffst"))
    yield Construct(
        "a name that is no UTF-8",
        broken,
        rename_node("node:h", "mended"),
        first_node(name="mended"),
        (("node:h", "fi\\\\xffst"),),
    )
    hidden = "a\u202eb\u200bc\x07d"
    yield Construct(
        "a name with characters that nobody sees",
        odd(model(), ("graph.node[0].name", hidden)),
        rename_node("node:h", "mended"),
        first_node(name="mended"),
        (("node:h", "a\\\\u202eb\\\\u200bc\\\\x07d"),),
    )
    yield Construct(
        "duplicate node names",
        model([node("Relu", ["x"], ["h"], name="n"), node("Exp", ["h"], ["y"], name="n")]),
        rename_node("node:h", "other"),
        first_node(name="other"),
        (("node:y", '"name": "n"'),),
    )
    yield Construct(
        "a node without a name",
        model([node("Relu", ["x"], ["h"]), node("Exp", ["h"], ["y"])]),
        rename_node("node:h", "other"),
        first_node(name="other"),
        (("node:y", '"name": ""'),),
    )
    yield Construct(
        "an unsorted graph",
        model([node("Exp", ["h"], ["y"], name="late"), node("Relu", ["x"], ["h"], name="early")]),
        rename_value("value:h", "other"),
        named("h", "other"),
        (("node:h", "early"),),
    )
    yield Construct(
        "omitted slots at the end",
        model([node("Clip", ["x", "", ""], ["h"]), node("Dropout", ["h"], ["y", ""])]),
        rename_value("value:h", "other"),
        named("h", "other"),
        (("node:h", '"inputs": ["value:x", "", ""]'),),
    )
    twice = model([node("Add", ["x", "w"], ["y"])], initializer=[ones("w"), ones("w", 3)])
    twice.graph.initializer[1].doc_string = "kept-second"
    yield Construct(
        "two initializers of one name",
        twice,
        rename_value("value:w", "other"),
        named("w", "other"),
        (("value:w", "kept-second"),),
    )
    again = model([node("LeakyRelu", ["x"], ["y"], name="first", alpha=0.5)])
    again.graph.node[0].attribute.append(helper.make_attribute("alpha", 0.625))
    yield Construct(
        "two attributes of one name",
        again,
        rename_node("node:y", "other"),
        first_node(name="other"),
        (("node:y", "0.625"),),
    )
    yield Construct(
        "a declared value that is not there",
        model(value_info=[info("kept-ghost", FLOAT, [3])]),
        {"kind": "set-doc", "subject": "graph:", "text": "new"},
        setting("graph.doc_string", "new"),
        (("graph:", "kept-ghost"),),
    )
    yield Construct(
        "a value declared twice, differently",
        model(value_info=[info("h", FLOAT, ["N", 4]), info("h", FLOAT, ["kept-dim", 4])]),
        rename_value("value:h", "other"),
        named("h", "other"),
        (("value:h", "kept-dim"),),
    )
    mixed = model([node("LeakyRelu", ["x"], ["y"], name="first", alpha=0.5)])
    mixed.graph.node[0].attribute[0].s = b"kept-beside"
    yield Construct(
        "an attribute with a second value of another type",
        mixed, rename_node("node:y", "other"), first_node(name="other"), (("node:y", "kept-beside"),),
    )  # fmt: skip


CONSTRUCTS = [*metadata(), *attached(), *functions(), *types(), *tensors(), *replaced(), *bodies(), *faults()]
