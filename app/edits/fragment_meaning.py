"""What makes a fragment's nodes mean the same where they are put: imports of their domains, and the functions that they call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from onnx_scalpel.document.records import MAIN_GRAPH, GraphRecord, NodeRecord
from onnx_scalpel.document.schemas import normal_domain
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.copying import CopiedGraph, Paste
from onnx_scalpel.edits.fragment_reading import ReadFragment
from onnx_scalpel.edits.fragment_writing import written_copy, written_function
from onnx_scalpel.edits.functions import DECLARATIONS_SINCE, allow_functions, function_called_by, means_the_same
from onnx_scalpel.edits.operators import import_domain, local_function, refuse_recursion
from onnx_scalpel.edits.scopes import opset_imports, opset_version, shown
from onnx_scalpel.errors import ChoiceNeeded

_Key = tuple[str, str, str]  # domain, name and overload of a function


class Meaning:
    """Settles both for one paste into one graph. `opset` and `functions` are the answers to what has to be asked."""

    def __init__(
        self, tx: Transaction, graph_id: str, imports: Mapping[str, int], opset: str | None, functions: str | None
    ) -> None:
        self._tx = tx
        self._graph = graph_id
        self._own = {normal_domain(domain): version for domain, version in imports.items()}
        self._opset = opset
        self._functions = functions
        self._called: set[str] = set()  # ids of functions that the nodes call now

    def settle(self, read: ReadFragment) -> CopiedGraph:
        """Bring functions and imports in; the nodes, calling functions by the names that they have here."""
        renamed = self._put_functions(read.functions)
        nodes = _renamed(read.nodes, renamed)
        self._import(nodes)
        return nodes

    def refuse_recursion(self, nodes: CopiedGraph) -> None:
        """EditRejected when a function would call itself by the nodes that are put in it."""
        for node in nodes.every_node():
            refuse_recursion(self._tx.document, self._graph, function_called_by(self._tx.document, node))

    def _import(self, nodes: CopiedGraph) -> None:
        document = self._tx.document
        there = {normal_domain(d): version for d, version in opset_imports(document, self._graph).items()}
        for node in nodes.every_node():
            domain = normal_domain(node.domain)
            version = self._own.get(domain)
            if version is None or there.get(domain) == version:
                continue  # where none is said, the copied model did not say what it means
            if domain not in there:
                import_domain(self._tx, self._graph, node.domain, version)
                there[domain] = version
            elif function_called_by(document, node) is None and not means_the_same(node, version, there[domain]):
                self._ask_about(node, domain, version, there[domain])

    def _ask_about(self, node: NodeRecord, domain: str, version: int, there: int) -> None:
        if self._opset is not None:
            return
        spoken = shown(domain) if domain else "opset"
        raise ChoiceNeeded(
            f"{shown(node.op_type)} was copied from {spoken} {version}, and may mean something else in {spoken} {there}, "
            "which is imported here",
            [{"label": f"Paste it as {spoken} {there} has it", "opset": "this"}],
            hint="convert one of the two models first, or say opset = this",
        )

    def _put_functions(self, functions: tuple[CopiedGraph, ...]) -> dict[_Key, str]:
        """Put those that the model lacks; new names of those whose name is taken."""
        document = self._tx.document
        renamed: dict[_Key, str] = {}
        new: list[CopiedGraph] = []
        for copy in functions:
            domain, name, overload = key = _key(copy.record)
            there = local_function(document, domain, name, overload)
            if there is None:
                new.append(copy)
                continue
            if self._same(copy, there) or self._functions == "use":
                continue
            if self._functions is None:
                raise ChoiceNeeded(
                    f"the model has another function {shown(name)} than the one that was copied",
                    [
                        {"label": "Call the one that is here", "functions": "use"},
                        {"label": "Bring the other one, under another name", "functions": "rename"},
                    ],
                    subjects=(there.id,),
                    hint="say which: functions = use or rename",
                )
            renamed[key] = self._free(domain, name, functions)
            new.append(copy)
        if new:
            version = allow_functions(self._tx)
            self._tx.report = {"ir_version": version} if version else {}
        for copy in new:
            self._put(_renamed(copy, renamed), renamed.get(_key(copy.record), copy.record.name))
        return renamed

    def _same(self, copy: CopiedGraph, there: GraphRecord) -> bool:
        document = self._tx.document
        return _canonical(written_copy(document, copy)) == _canonical(written_function(document, there.id))

    def _free(self, domain: str, name: str, functions: tuple[CopiedGraph, ...]) -> str:
        theirs = {copy.record.name for copy in functions}
        found, number = name, 1
        while found in theirs or local_function(self._tx.document, domain, found) is not None:
            number += 1
            found = f"{name}_{number}"
        return found

    def _put(self, copy: CopiedGraph, name: str) -> None:
        tx, facts = self._tx, copy.record.function
        assert facts is not None
        function_id = tx.new_function_id(facts.domain, name, facts.overload)
        # attributes by default are put without bodies: ONNX allows none there
        record = GraphRecord(function_id, name, doc=copy.record.doc, metadata=copy.record.metadata, function=facts)
        tx.put(record)
        Paste(tx, {}, typed=tx.model().ir_version >= DECLARATIONS_SINCE).fill(record, copy, listed_types=False)
        for domain, version in facts.opset_imports:
            if opset_version(tx.document, MAIN_GRAPH, domain) is None:
                import_domain(tx, MAIN_GRAPH, domain, version)
        own = self._own.get(normal_domain(facts.domain), 1)
        if opset_version(tx.document, MAIN_GRAPH, facts.domain) is None:
            import_domain(tx, MAIN_GRAPH, facts.domain, own)


def _key(record: GraphRecord) -> _Key:
    facts = record.function
    return normal_domain(facts.domain if facts else ""), record.name, facts.overload if facts else ""


def _renamed(copy: CopiedGraph, renamed: Mapping[_Key, str]) -> CopiedGraph:
    """The same nodes, calling functions by their new names."""
    if not renamed:
        return copy
    nodes = tuple(
        replace(n, op_type=renamed.get((normal_domain(n.domain), n.op_type, n.overload), n.op_type)) for n in copy.nodes
    )
    return copy._replace(nodes=nodes, bodies={key: _renamed(body, renamed) for key, body in copy.bodies.items()})


def _canonical(function: Any) -> str:
    """A function's JSON with the names of values in the place of keys, which differ from model to model, and without what is
    declared of them, which not every model may say."""
    data = msgspec.to_builtins(function)
    return json.dumps(_with_names(data, {}), sort_keys=True)


def _with_names(data: Any, names: Mapping[str, str]) -> Any:
    if isinstance(data, list):
        return [_with_names(item, names) for item in data]
    if not isinstance(data, dict):
        return data
    if isinstance(data.get("values"), dict):
        names = {**names, **{key: value.get("name", "") for key, value in data["values"].items()}}
    found: dict[str, Any] = {}
    for key, item in data.items():
        if key == "values":
            found[key] = sorted((_undeclared(v) for v in item.values()), key=lambda v: str(v.get("name", "")))
        elif key in ("inputs", "outputs") and isinstance(item, list):
            found[key] = [names.get(one, "") if isinstance(one, str) else one for one in item]
        else:
            found[key] = _with_names(item, names)
    return found


def _undeclared(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in ("dtype", "shape", "type", "declared")}
