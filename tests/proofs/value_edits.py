"""Random edits of values, inputs, outputs and of what a model says about itself, as a careful person would make them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from onnx_scalpel.document.records import MAIN_GRAPH, Shape, ValueRecord
from tests.proofs.site import FLOATS, Site

EditJson = dict[str, Any]
ALIKE = ["float32", "int64", "bool"]
SIZING = {"OneHot", "Range", "Resize", "Upsample"}  # real numbers say how large their outputs are


def rename_value(site: Site) -> EditJson:
    value = site.value(lambda v: bool(v.name))
    return {"value": value.id, "name": site.fresh(site.pick(["renamed", "ümlaut ☃", "a b", "x::y"]))}


def rename_dim(site: Site) -> EditJson:
    old = site.pick(sorted({d for v in site.values for d in v.shape or () if isinstance(d, str) and d}))
    return {"old": old, "new": site.fresh("dim")}


def add_output(site: Site) -> EditJson:
    """With a type that can be written down: the checker wants a shape for every output."""

    def fits(value: ValueRecord) -> bool:
        dtype, shape = site.type_of(value.id)
        return value.graph == MAIN_GRAPH and not site.is_listed(value.id) and bool(dtype) and shape is not None

    return {"value": site.value(fits).id}


def add_input(site: Site) -> EditJson:
    shape = site.pick([[], [1, 3], ["N", 4], [None]])
    return {"name": site.fresh("input"), "dtype": site.pick(ALIKE), "shape": shape}


def remove_output(site: Site) -> EditJson:
    outputs = site.outputs
    return {"value": site.pick(outputs if len(set(outputs)) > 1 else [])}


def remove_input(site: Site) -> EditJson:
    if unread := [v for v in site.inputs if not site.is_read(v.id) and not site.document.is_output(v.id)]:
        return {"value": site.pick(unread).id}
    return freeze_input(site)


def freeze_input(site: Site) -> EditJson:
    """One of real numbers and known dims: whole numbers, and those that operators take sizes from, say what shapes follow."""

    def fits(value: ValueRecord) -> bool:
        if value.dtype not in FLOATS or value.type is not None or value.shape is None:
            return False
        readers = {site.document.node(found.node).op_type for found in site.document.consumers(value.id)}
        return all(isinstance(dim, int) and dim >= 0 for dim in value.shape) and not readers & SIZING

    value = site.pick(v for v in site.inputs if fits(v))
    sizes = list(value.shape or ())
    return {"value": value.id, "tensor": {"formula": site.pick(["zeros", "ones"]), "shape": sizes}}


def reorder_io(site: Site) -> EditJson:
    graph = site.document.graph(MAIN_GRAPH)
    lists = {"inputs": graph.inputs, "outputs": graph.outputs}
    chosen = site.pick(
        side for side, values in lists.items() if len(set(values)) > 1 and len(set(values)) == len(values)
    )
    place = site.random.randrange(1, len(lists[chosen]))
    return {chosen: [*lists[chosen][place:], *lists[chosen][:place]]}


def promote_to_input(site: Site) -> EditJson:
    def fits(value: ValueRecord) -> bool:
        made = value.tensor is not None or site.document.producer(value.id) is not None
        free = not site.document.is_input(value.id) and not site.is_listed(value.id)
        dtype, shape = site.type_of(value.id)
        return value.graph == MAIN_GRAPH and made and free and bool(dtype) and shape is not None

    value = site.value(fits)
    return {
        "value": value.id,
        **({"keep_default": True} if value.tensor is not None and site.pick([True, False]) else {}),
    }


def set_value_type(site: Site) -> EditJson:
    """Says less about the shape than before, or something new and true."""

    def fits(value: ValueRecord) -> bool:
        return value.tensor is None and value.type is None and bool(value.dtype) and bool(value.shape)

    value = site.value(fits)
    shape = list(value.shape or ())
    shape[site.random.randrange(len(shape))] = site.pick([None, site.fresh("dim")])
    return {"value": value.id, "shape": shape}


def set_tensor(site: Site) -> EditJson:
    value = site.value(lambda v: v.tensor is not None and v.tensor.dtype in FLOATS and not v.tensor.sparse)
    return {"value": value.id, "tensor": {"formula": site.pick(["x * 2 + 1", "x + 1", "normal(0, 0.02)"])}}


def replace_uses(site: Site) -> EditJson:
    node = site.node(lambda n: any(site.is_float(value) for value in n.inputs))
    value = site.pick(i for i in node.inputs if site.is_float(i) and not site.is_listed(i))
    first = min(site.document.consumers(value), key=lambda found: site.document.node(found.node).order).node
    others = [v for v in site.earlier(first) if v != value and site.same_type(v, value)]
    return {"value": value, "with": site.pick(others)}


def set_doc(site: Site) -> EditJson:
    return {"subject": _subject(site), "text": site.pick(["told", "über\nzwei Zeilen"])}


def set_metadata(site: Site) -> EditJson:
    return {"subject": _subject(site), "key": site.fresh("key"), "value": site.pick(["", "one"])}


def _subject(site: Site) -> str:
    document = site.document
    kinds: list[Callable[[], str]] = [
        lambda: "model:",
        lambda: site.pick(document.graph_ids()),
        lambda: site.node().id,
        lambda: site.value(lambda v: document.graph(v.graph).function is None).id,
    ]
    return site.pick(kinds)()


def set_model_info(site: Site) -> EditJson:
    return site.pick([{"producer": "scalpel"}, {"version": "1.2", "domain": "org.example"}, {"model_version": 7}])


def set_opset_import(site: Site) -> EditJson:
    return {"domain": site.fresh("org.example"), "version": site.pick([1, 2])}


def resize_inputs(site: Site) -> EditJson:
    value = site.pick(v for v in site.inputs if v.shape and v.dtype in FLOATS)
    shape: list[Any] = [dim if dim is not None else 1 for dim in value.shape or ()]
    shape[0] = site.pick([2, 3, "batch"])
    return {"shapes": {value.id: shape}}


def open_dim(shape: Shape) -> list[Any]:
    """The shape with a name in the place of its first dim."""
    return ["batch", *(shape or ())[1:]]
