"""Whether each field that an edit changed in the file belongs to a record in the edit's delta, and to the part of it that changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from onnx_scalpel.document.delta import Change, Delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ordering import written_orders
from onnx_scalpel.document.protos import text, texts
from onnx_scalpel.document.records import Table
from tests.proofs.fields import Difference, differences

INFO_FIELDS = {"type": ("dtype", "shape", "type", "tensor"), "doc_string": ("doc",), "metadata_props": ("metadata",)}
TENSOR_FIELDS = {"doc_string": ("doc",), "metadata_props": ("metadata",)}
NODE_FIELDS = {
    "name": ("name",),
    "op_type": ("op_type",),
    "domain": ("domain",),
    "overload": ("overload",),
    "doc_string": ("doc",),
    "metadata_props": ("metadata",),
}
GRAPH_FIELDS = {"name": ("name",), "doc_string": ("doc",), "metadata_props": ("metadata",)}
FUNCTION_FIELDS = {**GRAPH_FIELDS, "domain": ("function",), "overload": ("function",), "opset_import": ("function",)}
FUNCTION_FIELDS |= {"attribute": ("function",), "attribute_proto": ("function",)}
MODEL_FIELDS = {
    "ir_version": ("ir_version",),
    "opset_import": ("opset_imports",),
    "producer_name": ("producer_name",),
    "producer_version": ("producer_version",),
    "domain": ("domain",),
    "model_version": ("model_version",),
    "doc_string": ("doc",),
    "metadata_props": ("metadata",),
}
KEYED = ("node", "input", "output", "value_info", "initializer", "sparse_initializer", "quantization_annotation")


def told_changes(was: Document, delta: Delta) -> dict[tuple[Table, str], Change]:
    """What a delta does to the document `was`, record by record: what it says in rewirings, too."""
    told = {(change.table, change.id): change for change in delta.changes}
    inputs: dict[str, list[str]] = {}
    for rewire in delta.rewires:
        for node, slot in zip(rewire.nodes, rewire.slots, strict=True):
            assert ("node", node) not in told, "a rewired node has no change of its own"
            reads = inputs.setdefault(node, list(was.node(node).inputs))
            assert reads[slot] == rewire.before, "a rewired slot reads what the delta says"
            reads[slot] = rewire.after
    rewired = {node: replace(was.node(node), inputs=tuple(reads)) for node, reads in inputs.items()}
    return told | {("node", node): Change("node", node, was.node(node), after) for node, after in rewired.items()}


class Accounting:
    """`was` is the document as it was opened, `now` the same one after the delta; the protos are what each is saved as.

    `unaccounted` names every changed field that no record of the delta says, as lines.
    """

    def __init__(self, was: Document, now: Document, delta: Delta, before: Any, after: Any) -> None:
        self._was, self._now = was, now
        self._delta = told_changes(was, delta)
        self._orders = written_orders(now)
        self.unaccounted: list[str] = []
        self._model(before, after)

    # what the delta says

    def _says(self, table: Table, key: str, fields: Iterable[str]) -> bool:
        """Whether the delta changes one of these fields of the record, or makes or removes it."""
        change = self._delta.get((table, key))
        if change is None:
            return False
        if change.before is None or change.after is None:
            return True
        return any(
            getattr(change.before, field, None) != getattr(change.after, field, None)
            or repr(getattr(change.before, field, None)) != repr(getattr(change.after, field, None))
            for field in fields
        )

    def _relisted(self, graph: str, value: str) -> bool:
        """Whether the delta makes the value an input or output of the graph, or takes it from there."""
        change = self._delta.get(("graph", graph))
        if change is None:
            return False
        lists = [
            tuple(r.inputs.count(value) + r.outputs.count(value) if r else 0 for r in (change.before, change.after))
        ]  # type: ignore[union-attr]
        return any(one != other for one, other in lists)

    def _renames(self, before: str, after: str) -> bool:
        return any(
            table == "value"
            and change.before
            and change.after
            and (change.before.name, change.after.name) == (before, after)  # type: ignore[union-attr]
            for (table, _), change in self._delta.items()
        )

    def _wrong(self, where: str, found: Iterable[Difference]) -> None:
        for difference in found:
            path = ".".join(map(str, difference.path))
            self.unaccounted.append(f"{where} {path}: {difference.before!r:.80} became {difference.after!r:.80}")

    def _check(self, where: str, found: Iterable[Difference], table: Table, key: str, fields: dict[str, Any]) -> None:
        """Differences inside what one record stands for: `fields` are the record's fields by the message's."""
        self._wrong(where, (d for d in found if not self._says(table, key, fields.get(str(d.path[0]), ()))))

    # the model and its graphs

    def _model(self, before: Any, after: Any) -> None:
        parts = ("graph", "functions", "training_info")
        self._check("model", differences(before, after, (), parts), "model", "model:", MODEL_FIELDS)
        self._graph(self._was.main.id, before.graph, after.graph)
        if before.HasField("graph") != after.HasField("graph"):
            self.unaccounted.append("the graph itself came or went")
        for one, other in zip(before.training_info, after.training_info, strict=True):
            self._names_only("training info", differences(one, other))
        self._functions(before, after)

    def _functions(self, before: Any, after: Any) -> None:
        opened = [f.id for f in self._was.opened_functions]
        left = [f for f in opened if self._now.has("graph", f)]
        for gone in set(opened) - set(left):
            if ("graph", gone) not in self._delta:
                self.unaccounted.append(f"the function {gone} is gone")
        new = [g for g in self._now.graph_ids() if self._now.live_graph(g).is_function and g not in opened]
        if any(("graph", function) not in self._delta for function in new):
            self.unaccounted.append("a function came from nowhere")
        by_id = dict(zip(opened, before.functions, strict=True))
        if len(after.functions) != len(left) + len(new):
            self.unaccounted.append(f"{len(after.functions)} functions are written, {len(left) + len(new)} are there")
        for function, proto in zip(left, after.functions, strict=False):
            self._graph(function, by_id[function], proto)

    def _graph(self, graph: str, before: Any, after: Any) -> None:
        function = hasattr(before, "opset_import")
        fields = FUNCTION_FIELDS if function else GRAPH_FIELDS
        self._check(graph, differences(before, after, (), KEYED), "graph", graph, fields)
        self._nodes(graph, before.node, after.node)
        for field in ("input", "output"):
            was, now = (getattr(d.graph(graph), f"{field}s") for d in (self._was, self._now))
            if not self._says("graph", graph, (f"{field}s",)) and was != now:
                self.unaccounted.append(f"{graph} {field}: the record changed without the delta")
            if function:
                self._texts(f"{graph} {field}", texts(getattr(before, field)), texts(getattr(after, field)), was, now)
            else:
                pairs = (
                    list(zip(was, getattr(before, field), strict=True)),
                    list(zip(now, getattr(after, field), strict=True)),
                )
                self._listed(f"{graph} {field}", *pairs, relisted=was != now)
        self._infos(graph, before.value_info, after.value_info)
        if function:
            return
        for field in ("initializer", "sparse_initializer"):
            self._tensors(graph, field, getattr(before, field), getattr(after, field))
        if len(before.quantization_annotation) != len(after.quantization_annotation):
            self.unaccounted.append(f"{graph}: quantization annotations came or went")
        for one, other in zip(before.quantization_annotation, after.quantization_annotation, strict=False):
            self._names_only(f"{graph} quantization annotation", differences(one, other))

    def _names_only(self, where: str, found: Iterable[Difference]) -> None:
        """Parts that no record holds: names in them may follow a rename, and nothing else may change."""
        self._wrong(where, (d for d in found if not self._renames(_said(d.before), _said(d.after))))

    # nodes

    def _nodes(self, graph: str, before: Sequence[Any], after: Sequence[Any]) -> None:
        was = dict(zip(self._was.node_ids(graph), before, strict=True))
        order = [n.id for n in self._orders[graph]] if graph in self._orders else list(self._now.node_ids(graph))
        now = dict(zip(order, after, strict=True))
        for node in (*(n for n in was if n not in now), *(n for n in now if n not in was)):
            if not self._says("node", node, ()):
                self.unaccounted.append(f"{node} came or went")
        stay = [n for n in was if n in now and not self._says("node", n, ("order",))]
        if stay != [n for n in now if n in set(stay)]:
            self.unaccounted.append(f"{graph}: nodes changed places that the delta leaves where they are")
        for node in (n for n in was if n in now):
            if was[node].SerializeToString() != now[node].SerializeToString():
                self._node(node, was[node], now[node])

    def _node(self, node: str, before: Any, after: Any) -> None:
        one, other = self._was.node(node), self._now.node(node)
        for field in ("input", "output"):
            ids = getattr(one, f"{field}s"), getattr(other, f"{field}s")
            self._texts(f"{node} {field}", texts(getattr(before, field)), texts(getattr(after, field)), *ids)
            if ids[0] != ids[1] and not self._says("node", node, (f"{field}s",)):
                self.unaccounted.append(f"{node} {field}: the record changed without the delta")
        rest = differences(before, after, (), ("input", "output", "attribute", "device_configurations"))
        self._check(node, rest, "node", node, NODE_FIELDS)
        for was, now in zip(before.device_configurations, after.device_configurations, strict=True):
            self._names_only(f"{node} device configuration", differences(was, now))
        self._attributes(node, before, after)

    def _attributes(self, node: str, before: Any, after: Any) -> None:
        one, other = self._was.node(node).attributes, self._now.node(node).attributes
        was, now = ([(text(a.name), a) for a in proto.attribute] for proto in (before, after))
        changed = {name for name in {**one, **other} if repr(one.get(name)) != repr(other.get(name))}
        if changed and not self._says("node", node, ("attributes",)):
            self.unaccounted.append(f"{node} attributes: {changed} changed without the delta")
        staying = [(name, a) for name, a in was if name not in changed], [(n, a) for n, a in now if n not in changed]
        if [name for name, _ in staying[0]] != [name for name, _ in staying[1]]:
            self.unaccounted.append(f"{node} attributes: {[n for n, _ in was]} became {[n for n, _ in now]}")
            return
        seen: set[str] = set()
        for (name, old), (_, new) in zip(*staying, strict=True):
            first, bodies = name not in seen, self._was.live_node(node).bodies
            seen.add(name)
            self._wrong(f"{node} {name}", differences(old, new, (), ("g", "graphs") if first else ()))
            if first and (name, None) in bodies:
                self._graph(bodies[name, None], old.g, new.g)
            for index, (was_graph, now_graph) in enumerate(zip(old.graphs, new.graphs, strict=True) if first else ()):
                self._graph(bodies[name, index], was_graph, now_graph)

    def _texts(
        self, where: str, before: Sequence[str], after: Sequence[str], was: Sequence[str], now: Sequence[str]
    ) -> None:
        """Names by slot: exactly those of the values that the records list, and another one only for a value that was renamed."""
        for document, names, ids in ((self._was, before, was), (self._now, after, now)):
            if list(names) != [document.value(v).name if v else "" for v in ids]:
                self.unaccounted.append(f"{where}: {list(names)} are not the names of {list(ids)}")
        for name, value in zip(after, now, strict=False):
            if (
                value in was
                and value
                and name != self._was.value(value).name
                and not self._says("value", value, ("name",))
            ):
                self.unaccounted.append(f"{where}: {value} has another name without the delta")

    # values

    def _listed(self, where: str, was: list[tuple[str, Any]], now: list[tuple[str, Any]], relisted: bool) -> None:
        if not relisted:
            pairs: Iterator[Any] = zip(was, now, strict=True)
            for (value, old), (_, new) in pairs:
                self._info(where, value, old, new)
            return
        for value, old in dict(reversed(was)).items():
            for new in [proto for other, proto in now if other == value][:1]:
                self._info(where, value, old, new)

    def _info(self, where: str, value: str, before: Any, after: Any) -> None:
        fields = {"name": ("name",), **INFO_FIELDS}
        self._check(f"{where} {value}", differences(before, after), "value", value, fields)

    def _infos(self, graph: str, before: Sequence[Any], after: Sequence[Any]) -> None:
        was, now = self._by_value(self._was, graph, before), self._by_value(self._now, graph, after)
        stay = [key for key in was if key in now]
        if stay != [key for key in now if key in was]:
            self.unaccounted.append(f"{graph}: value_info stands in another order")
        for key in (*(k for k in was if k not in now), *(k for k in now if k not in was)):
            if not self._says("value", key[0], ("dtype", "shape", "type", "declared", "doc", "metadata")) and not (
                self._relisted(graph, key[0])
            ):
                self.unaccounted.append(f"{graph} value_info {key[0]} came or went")
        for key in stay:
            self._info(f"{graph} value_info", key[0], was[key], now[key])

    def _tensors(self, graph: str, field: str, before: Sequence[Any], after: Sequence[Any]) -> None:
        part = (lambda t: t.values) if field == "sparse_initializer" else (lambda t: t)
        was, now = self._by_value(self._was, graph, before, part), self._by_value(self._now, graph, after, part)
        stay = [key for key in was if key in now]
        if stay != [key for key in now if key in was]:
            self.unaccounted.append(f"{graph}: {field} stands in another order")
        for key in (*(k for k in was if k not in now), *(k for k in now if k not in was)):
            if not self._says("value", key[0], ("tensor",)):
                self.unaccounted.append(f"{graph} {field} {key[0]} came or went")
        for key in stay:
            if was[key].SerializeToString() == now[key].SerializeToString() or self._says("value", key[0], ("tensor",)):
                continue
            named = differences(part(was[key]), part(now[key]))
            self._check(f"{graph} {field} {key[0]}", named, "value", key[0], {"name": ("name",), **TENSOR_FIELDS})
            if field == "sparse_initializer":
                self._wrong(f"{graph} {field} {key[0]}", differences(was[key], now[key], (), ("values",)))

    def _by_value(
        self, document: Document, graph: str, protos: Sequence[Any], part: Any = lambda proto: proto
    ) -> dict[tuple[str, int], Any]:
        """The protos by the value whose name they have (else by the name), and by how often it came before."""
        found: dict[tuple[str, int], Any] = {}
        for proto in protos:
            name, times = text(part(proto).name), 0
            key = document.value_named(graph, name) or f"the name {name}"
            while (key, times) in found:
                times += 1
            found[key, times] = proto
        return found


def _said(value: Any) -> str:
    return text(value) if isinstance(value, (str, bytes)) else repr(value)
