"""Random edits of nodes and wires, as a careful person would make them: what they leave behind is a model as good as before."""

from __future__ import annotations

from typing import Any

from onnx_scalpel.document.records import MAIN_GRAPH, Attribute, NodeRecord
from onnx_scalpel.document.schemas import Slot, normal_domain
from tests.proofs.site import FLOATS, Site

EditJson = dict[str, Any]
ALIKE = (("Relu", "Abs", "Neg", "Sigmoid", "Tanh", "Exp", "Softplus"), ("Add", "Sub", "Mul"), ("Max", "Min", "Sum"))
KEEPING = ("Identity", "Dropout", "Relu", "Abs", "Neg", "Sigmoid", "Tanh", "LeakyRelu", "Softmax")
OF_LIKE_INPUTS = ("Max", "Min", "Sum", "Mean")


def rename_node(site: Site) -> EditJson:
    return {"node": site.node().id, "name": site.fresh(site.pick(["renamed", "ümlaut ☃", "a b"]))}


def insert_node(site: Site) -> EditJson:
    value = site.value(lambda v: site.is_read(v.id) and bool(site.type_of(v.id)[0]))
    op_type = site.pick(["Identity", "Identity", *(("Abs", "Neg") if site.is_float(value.id) else ())])
    return {"op_type": op_type, "value": value.id}


def insert_identity(site: Site) -> EditJson:
    value = site.value(
        lambda v: site.is_read(v.id) or (site.document.is_output(v.id) and not site.document.is_input(v.id))
    )
    return {"op_type": "Identity", "value": value.id}


def add_node(site: Site) -> EditJson:
    value = site.value(lambda v: bool(site.type_of(v.id)[0]))
    how = site.pick(["Identity", "own", *(("Abs", "Add") if site.is_float(value.id) else ())])
    if how == "own":
        return {"op_type": "Ponder", "domain": "org.example.lab", "graph": value.graph, "inputs": [value.id]}
    return {"op_type": how, "graph": value.graph, "inputs": [value.id] * (1 + (how == "Add"))}


def remove_nodes(site: Site) -> EditJson:
    """A node that keeps the type of what flows through it, or one that nothing reads."""

    def fits(node: NodeRecord) -> bool:
        if not any(site.is_read(o) or site.is_listed(o) for o in node.outputs if o):
            return True
        used = [place for place, o in enumerate(node.outputs) if o and (site.is_read(o) or site.is_listed(o))]
        if node.op_type not in KEEPING or used != [0] or not node.inputs or not site.is_float(node.inputs[0]):
            return False
        free = not site.is_listed(node.inputs[0]) and site.document.producer(node.inputs[0]) is not None
        return free or not site.is_listed(node.outputs[0])

    node = site.node(fits)
    through = {node.id: node.inputs[0]} if node.inputs and node.inputs[0] else {}
    return {"nodes": [node.id], "reconnect": True, "through": through}


def remove_identity(site: Site) -> EditJson:
    def fits(node: NodeRecord) -> bool:
        listed = site.is_listed(node.outputs[0])
        free = not site.is_listed(node.inputs[0]) and site.document.producer(node.inputs[0]) is not None
        return free or not listed

    node = site.node(lambda n: (n.op_type, normal_domain(n.domain)) == ("Identity", "") and fits(n))
    return {"nodes": [node.id], "reconnect": True}


def remove_branch(site: Site) -> EditJson:
    """What ends in nothing, or in one of several outputs."""
    document = site.document

    def fits(node: NodeRecord) -> bool:
        outputs = [o for o in node.outputs if o]
        if node.graph != MAIN_GRAPH or any(site.is_read(o) for o in outputs):
            return False
        return not set(site.outputs) <= set(outputs) and all(
            document.is_output(o) or not site.is_listed(o) for o in outputs
        )

    node = site.node(fits)
    return {"node": node.id, "direction": site.pick(["up", "down"]), "outputs": "remove"}


def replace_node(site: Site) -> EditJson:
    kinds = {op: group for group in ALIKE for op in group}
    node = site.node(
        lambda n: (
            n.op_type in kinds and not normal_domain(n.domain) and all(site.type_of(i)[0] in FLOATS for i in n.inputs)
        )
    )
    return {"node": node.id, "op_type": site.pick(op for op in kinds[node.op_type] if op != node.op_type)}


def connect(site: Site) -> EditJson:
    """A value of real numbers of the same type: whole ones say what shapes follow."""
    node = site.node(lambda n: any(site.is_float(value) for value in n.inputs))
    slot = site.pick(place for place, value in enumerate(node.inputs) if site.is_float(value))
    now = node.inputs[slot]
    return {
        "node": node.id,
        "slot": slot,
        "value": site.pick(v for v in site.earlier(node.id) if v != now and site.same_type(v, now)),
    }


def splice_node(site: Site) -> EditJson:
    """A node that nothing reads, onto the value that it reads."""
    document = site.document

    def fits(node: NodeRecord) -> bool:
        if node.op_type not in KEEPING or normal_domain(node.domain) or not node.inputs or len(node.outputs) != 1:
            return False
        value, output = node.inputs[0], node.outputs[0]
        loose = not site.is_read(output) and not site.is_listed(output)
        return loose and site.is_float(value) and not site.is_listed(value) and len(document.consumers(value)) > 1

    node = site.node(fits)
    return {"node": node.id, "value": node.inputs[0]}


def disconnect(site: Site) -> EditJson:
    """An input that the operator can do without, and that does not change what it makes."""

    def slots(node: NodeRecord) -> list[int]:
        schema = site.schema(node)
        if schema is None or normal_domain(node.domain):
            return []
        if node.op_type in OF_LIKE_INPUTS and len(node.inputs) > 1:
            return [len(node.inputs) - 1] if site.same_type(node.inputs[0], node.inputs[-1]) else []
        return [
            place
            for place, (slot, value) in enumerate(zip(schema.inputs, node.inputs, strict=False))
            if value and place and _spare(node, slot)
        ]

    node = site.node(lambda n: bool(slots(n)))
    return {"node": node.id, "slot": site.pick(slots(node))}


def _spare(node: NodeRecord, slot: Slot) -> bool:
    return slot.optional and (node.op_type, slot.name) in {
        ("Conv", "B"), ("ConvTranspose", "B"), ("Gemm", "C"), ("Clip", "min"), ("Clip", "max"), ("LayerNormalization", "B"),
        ("LSTM", "B"), ("LSTM", "initial_h"), ("LSTM", "initial_c"), ("LSTM", "P"), ("GRU", "B"), ("GRU", "initial_h"),
        ("RNN", "B"), ("RNN", "initial_h"), ("Dropout", "ratio"), ("Dropout", "training_mode"), ("Pad", "constant_value"),
        ("DequantizeLinear", "x_zero_point"), ("ConvInteger", "w_zero_point"),
        ("QLinearConv", "B"), ("DeformConv", "B"), ("ConvInteger", "x_zero_point"), ("DeformConv", "mask"),
        ("MatMulInteger", "a_zero_point"), ("MatMulInteger", "b_zero_point"), ("NonMaxSuppression", "iou_threshold"),
        ("NonMaxSuppression", "score_threshold"), ("NonMaxSuppression", "max_output_boxes_per_class"),
        ("NegativeLogLikelihoodLoss", "weight"), ("SoftmaxCrossEntropyLoss", "weights"), ("Attention", "attn_mask"),
    }  # fmt: skip


def set_attribute(site: Site) -> EditJson:
    """Another number of real kind, or a default written out."""

    def choices(node: NodeRecord) -> list[tuple[str, Any]]:
        schema = site.schema(node)
        if schema is None:
            return []
        floats = [(name, a) for name, a in node.attributes.items() if a.type == "FLOAT" and not a.ref]
        scaled = [(name, float(a.value) * 0.5) for name, a in floats if isinstance(a.value, float) and a.value]
        absent = [
            a for a in schema.attributes if a.name not in node.attributes and a.type in ("FLOAT", "INT", "STRING")
        ]
        return [*scaled, *((a.name, a.default) for a in absent if isinstance(a.default, (int, float, str)))]

    node = site.node(lambda n: bool(choices(n)))
    name, value = site.pick(choices(node))
    return {"node": node.id, "attribute": name, "value": value}


def remove_attribute(site: Site) -> EditJson:
    """One that is the default, or a number of real kind that has one."""

    def names(node: NodeRecord) -> list[str]:
        schema = site.schema(node)
        known = {a.name: a for a in schema.attributes} if schema is not None else {}
        return [n for n, a in node.attributes.items() if n in known and _spare_attribute(a, known[n].default)]

    node = site.node(lambda n: bool(names(n)))
    return {"node": node.id, "attribute": site.pick(names(node))}


def _spare_attribute(attribute: Attribute, default: Any) -> bool:
    return default is not None and (attribute.type == "FLOAT" or attribute.value == default)


def set_position(site: Site) -> EditJson:
    return {
        "node": site.node().id,
        "x": site.random.randrange(-500, 500),
        "y": 12.5,
        "direction": site.pick(["down", "right"]),
    }


def add_note(site: Site) -> EditJson:
    return {"graph": site.node().graph, "text": "look here ☃", "x": 1, "y": site.random.randrange(500)}


def name_nodes(site: Site) -> EditJson:
    site.node(lambda n: not n.name)
    return {}


def sort_nodes(_: Site) -> EditJson:
    return {}


def infer_shapes(_: Site) -> EditJson:
    return {}


def remove_unused(site: Site) -> EditJson:
    return {"initializers": site.pick([True, False]), "inputs": site.pick([True, False]), "functions": True}


def simplify(site: Site) -> EditJson:
    return {"engine": site.pick(["onnxsim", "onnxruntime-basic"])}
