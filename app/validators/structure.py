"""The model and its wiring: what is declared at all, and whether every value comes from exactly one place before it is used."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator

import onnx.defs
from onnx import NodeProto, TypeProto, ValueInfoProto

from onnx_scalpel.document.diagnostic import Diagnostic
from onnx_scalpel.document.protos import DTYPE_NAMES, text
from onnx_scalpel.document.records import MAIN_GRAPH
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.validators import order
from onnx_scalpel.validators.walk import Scope, listed, node_words, opset_versions, plural, quote, scopes

_SHOWN = 20  # findings of one code per graph; more of the same help nobody


class StructureValidator:
    """Checks what holds a model together: versions, opsets, names, wires and their order."""

    name = "structure"
    title = "Structure"

    def validate(self, model: WeightlessModel) -> list[Diagnostic]:
        """Every finding, graph by graph."""
        found = list(_model_faults(model))
        for scope in scopes(model):
            found.extend(_declared_faults(scope))
            found.extend(_name_faults(scope))
            found.extend(_wiring_faults(scope))
        found.extend(order.recursive_functions(model))
        return found


def _model_faults(model: WeightlessModel) -> Iterator[Diagnostic]:
    proto = model.proto
    if not proto.HasField("graph"):
        hint = "the file has a header but nothing in it: export the model again"
        yield Diagnostic("error", "no-graph", "The model has no graph", (MAIN_GRAPH,), hint)
        return
    newest = int(onnx.IR_VERSION)
    if proto.ir_version > newest or proto.ir_version < 0:
        message = f"The model says IR version {proto.ir_version}; the newest one there is is {newest}"
        yield Diagnostic("error", "ir-version-too-new", message, (MAIN_GRAPH,), "set the IR version, or update onnx")
    elif not proto.ir_version:
        hint = "set the IR version that the exporter meant"
        yield Diagnostic("error", "no-ir-version", "The model does not say its IR version", (MAIN_GRAPH,), hint)
    yield from _opset_faults(model)
    if not proto.graph.name:
        message = "The main graph has no name, which the ONNX checker demands"
        yield Diagnostic("warning", "nameless-graph", message, (MAIN_GRAPH,), "most runtimes do not mind")
    if not proto.graph.node and not proto.graph.output:
        message = "The graph is empty: it has no nodes and no outputs"
        yield Diagnostic("warning", "empty-graph", message, (MAIN_GRAPH,), "add nodes and mark an output")


def _opset_faults(model: WeightlessModel) -> Iterator[Diagnostic]:
    proto = model.proto
    if not proto.opset_import and proto.ir_version >= 3:
        message = "The model imports no opset, so nobody can know what its operators mean"
        hint = "declare the opset that the exporter meant, such as 17, for the standard domain"
        yield Diagnostic("error", "no-opset-import", message, (MAIN_GRAPH,), hint)
    newest = {
        "": onnx.defs.onnx_opset_version(),
        "ai.onnx.ml": onnx.defs.get_schema("TreeEnsemble", domain="ai.onnx.ml").since_version,
    }
    for domain, version in opset_versions(proto.opset_import).items():
        if version < 1 or version > newest.get(domain, version):
            shown = quote(domain) if domain else "the standard domain"
            message = f"The model imports opset {version} of {shown}; known ones are 1 to {newest.get(domain, 'any')}"
            hint = "declare the opset that the model was exported with"
            yield Diagnostic("error", "unknown-opset", message, (MAIN_GRAPH,), hint)
    domains = Counter(e.domain for e in proto.opset_import)
    for domain, count in domains.items():
        versions = {e.version for e in proto.opset_import if e.domain == domain}
        if count > 1 and len(versions) > 1:
            shown = quote(domain) if domain else "the standard domain"
            message = f"The model imports {len(versions)} different opsets of {shown}"
            yield Diagnostic("warning", "duplicate-opset-import", message, (MAIN_GRAPH,), "keep one of them")


def _declared_faults(scope: Scope) -> Iterator[Diagnostic]:
    """Inputs, outputs and value_info: types that are missing or impossible."""
    proto = scope.proto
    if scope.is_main and isinstance(proto, onnx.GraphProto):
        for what, infos in (("input", proto.input), ("output", proto.output)):
            for info in infos:
                if not info.name:
                    message = f"A graph {what} has no name"
                    yield Diagnostic(
                        "error", f"nameless-{what}", message, (scope.id,), f"remove this {what} or name it"
                    )
                elif _untyped(info.type):
                    subjects = scope.value_ids([text(info.name)])
                    message = f"The graph {what} {quote(info.name)} has no type"
                    hint = "give it a dtype and a shape"
                    yield Diagnostic("error", "untyped-io", message, subjects, hint)
    infos = [*proto.value_info] + ([*proto.input, *proto.output] if isinstance(proto, onnx.GraphProto) else [])
    for info in infos:
        yield from _type_faults(scope, info)


def _untyped(proto: TypeProto) -> bool:
    kind = proto.WhichOneof("value")
    return kind is None or (kind == "tensor_type" and proto.tensor_type.elem_type == 0)


def _type_faults(scope: Scope, info: ValueInfoProto) -> Iterator[Diagnostic]:
    if info.type.WhichOneof("value") != "tensor_type":
        return
    tensor = info.type.tensor_type
    if tensor.elem_type and tensor.elem_type not in DTYPE_NAMES:
        message = f"The value {quote(info.name)} has dtype number {tensor.elem_type}, which ONNX does not define"
        yield Diagnostic("error", "unknown-dtype", message, scope.value_ids([text(info.name)]), "set its dtype")
    negative = [d.dim_value for d in tensor.shape.dim if d.dim_value < 0]
    if negative:
        message = f"The value {quote(info.name)} is declared with a dim of {negative[0]}"
        hint = "a size that is not known is written as a name or left open, not as a negative number"
        yield Diagnostic("warning", "negative-dims", message, scope.value_ids([text(info.name)]), hint)


def _name_faults(scope: Scope) -> Iterator[Diagnostic]:
    """Names that are given twice, or that are no text."""
    for what, names, code in (
        ("input", scope.input_names(), "duplicate-input"),
        ("output", scope.output_names(), "duplicate-graph-output"),
        ("initializer", scope.initializer_names(), "duplicate-initializer"),
    ):
        for name, count in Counter(names).items():
            if count > 1 and name:
                message = f"The name {quote(name)} is listed {count} times as {what}{scope.where}"
                yield Diagnostic("error", code, message, scope.value_ids([name]), f"keep one {what} of that name")
    yield from _odd_names(scope)
    nodes: dict[str, list[int]] = {}
    for index, node in enumerate(scope.nodes):
        if node.name:
            nodes.setdefault(text(node.name), []).append(index)
    twice = [(name, places) for name, places in nodes.items() if len(places) > 1]
    for name, places in twice[:_SHOWN]:
        message = f"{len(places):,} nodes have the same name {quote(name)}{scope.where}"
        hint = "legal in ONNX, but ONNX Runtime refuses two nodes of one name"
        free = next(f"{name}_{n}" for n in range(2, len(nodes) + 3) if f"{name}_{n}" not in nodes)
        subjects = tuple(scope.node_id(i) for i in places[:_SHOWN])
        fix = {"kind": "rename-node", "node": scope.node_id(places[1]), "name": free}
        yield Diagnostic("warning", "duplicate-node-name", message, subjects, hint, fix)


def _odd_names(scope: Scope) -> Iterator[Diagnostic]:
    odd_nodes = [i for i, n in enumerate(scope.nodes) if isinstance(n.name, bytes) or isinstance(n.op_type, bytes)]
    names = dict.fromkeys(o for n in scope.nodes for o in (*n.input, *n.output) if isinstance(o, bytes))
    if not odd_nodes and not names:
        return
    subjects = (*scope.value_ids(text(n) for n in names), *(scope.node_id(i) for i in odd_nodes))
    shown = next(iter(names)) if names else _bytes_of(scope.nodes[odd_nodes[0]])
    message = f"The name {quote(shown)} is not valid UTF-8 text{scope.where}"
    fix = None
    if names and subjects and subjects[0].startswith("value:"):
        fix = {"kind": "rename-value", "value": subjects[0], "name": _free_name(scope)}
    yield Diagnostic(
        "warning", "invalid-utf8", message, subjects[:_SHOWN], "most tools crash on such names: rename it", fix
    )


def _bytes_of(node: NodeProto) -> bytes | str:
    return node.name if isinstance(node.name, bytes) else node.op_type


def _free_name(scope: Scope) -> str:
    taken = {text(o) for n in scope.nodes for o in (*n.input, *n.output)} | _outer_names(scope)
    return next(f"renamed_{n}" for n in range(1, len(taken) + 2) if f"renamed_{n}" not in taken)


def _wiring_faults(scope: Scope) -> Iterator[Diagnostic]:
    """Who makes each value: nobody, one, or several; and whether it is made before it is used."""
    given = set(scope.input_names()) | set(scope.initializer_names())
    makers: dict[str, list[int]] = {}
    for index, node in enumerate(scope.nodes):
        for output in node.output:
            if output:
                makers.setdefault(text(output), []).append(index)
    yield from _made_twice(scope, given, makers)
    visible = given | set(makers) | _outer_names(scope)
    yield from _dangling(scope, visible)
    for name in scope.output_names():
        if name and name not in visible:
            message = f"The graph output {quote(name)} is made by no node{scope.where}"
            near = _similar(name, makers)
            yield Diagnostic(
                "error",
                "output-not-produced",
                message,
                scope.value_ids([name]),
                near or "remove the output, or let a node make it",
            )
    yield from order.order_faults(scope, makers)


def _made_twice(scope: Scope, given: set[str], makers: dict[str, list[int]]) -> Iterator[Diagnostic]:
    for name, places in makers.items():
        if len(places) > 1:
            message = f"The value {quote(name)} is made by {plural(len(places), 'node')}{scope.where}: it may have one source only"
        elif name in given:
            what = "a graph input" if name in scope.input_names() else "an initializer"
            message = (
                f"The value {quote(name)} is {what} and made by {node_words(scope.nodes[places[0]])} too{scope.where}"
            )
        else:
            continue
        subjects = (*scope.value_ids([name]), *(scope.node_id(i) for i in places[:_SHOWN]))
        yield Diagnostic("error", "duplicate-output", message, subjects, "rename one of the outputs, or remove a node")


def _dangling(scope: Scope, visible: set[str]) -> Iterator[Diagnostic]:
    users: dict[str, list[int]] = {}
    for index, node in enumerate(scope.nodes):
        for name in node.input:
            if name and text(name) not in visible:
                users.setdefault(text(name), []).append(index)
    for name, places in list(users.items())[:_SHOWN]:
        first = scope.nodes[places[0]]
        slot = [text(i) for i in first.input].index(name)
        message = f"Input {slot} of {node_words(first)} is {quote(name)}, which nothing makes{scope.where}"
        hint = _similar(name, visible) or "connect the input to a value, or add a graph input of that name"
        subjects = (*(scope.node_id(i) for i in places[:_SHOWN]), *scope.value_ids([name]))
        yield Diagnostic("error", "dangling-input", message, subjects, hint)


def _outer_names(scope: Scope) -> set[str]:
    """What a body sees of the graphs around it."""
    found: set[str] = set()
    outer = scope.parent
    while outer is not None:
        found.update(outer.input_names(), outer.initializer_names())
        found.update(text(o) for n in outer.nodes for o in n.output)
        outer = outer.parent
    return found


def _similar(name: str, names: dict[str, list[int]] | set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(names)[:5000], n=1, cutoff=0.75)
    return f"did you mean {listed(near)}?" if near else ""
