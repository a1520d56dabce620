"""The edit name-nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.live import LiveNode
from onnx_scalpel.document.ordering import graphs_as_they_stand
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.parameters import SwitchParam


class NameNodes(Edit):
    """Give every node without a name one, from its operator and a number (Conv_1, Conv_2 …), in bodies and functions too.

    Of nodes that share a name in one graph the first keeps it, the others get _2, _3 … after it, unless `duplicates` is off.
    The same model always gets the same names.
    """

    title, acts_on = "Name nodes", "model"

    duplicates: SwitchParam = True

    def apply(self, tx: Transaction) -> None:
        names = _Names(tx.document)
        named = renamed = 0
        for node, name in list(self._new_names(tx.document, names)):
            named, renamed = (named, renamed + 1) if node.node.name else (named + 1, renamed)
            tx.put(replace(node.current(), name=name))
        tx.report.update(named=named, renamed=renamed)

    def _new_names(self, document: Document, names: _Names) -> Iterator[tuple[LiveNode, str]]:
        """The nodes that get another name, with it."""
        for graph in graphs_as_they_stand(document):
            seen: set[str] = set()
            for node in graph.nodes:
                name = node.node.name or ""
                if not name:
                    yield node, names.numbered(node.node.op or "Node")
                elif name in seen and self.duplicates:
                    yield node, names.after(name)
                seen.add(name)

    def describe(self, document: Document) -> str:
        nameless = repeated = 0
        for graph in document.tables()[2].values():
            counted = Counter(node.node.name or "" for node in graph.nodes)
            nameless += counted.pop("", 0)
            repeated += counted.total() - len(counted)
        said = [f"{nameless} without a name"] if nameless else []
        if repeated and self.duplicates:
            said.append(f"{repeated} whose name repeats")
        return f"Named nodes: {' and '.join(said)}" if said else "Named no nodes: all have names of their own"


class _Names:
    """Names that no node of the model has."""

    def __init__(self, document: Document) -> None:
        nodes, _, _ = document.tables()
        self._taken = {live.node.name for live in nodes.values()}
        self._next: Counter[str] = Counter()

    def numbered(self, stem: str) -> str:
        """The stem with _1, _2 …: the next that is free."""
        return self._free(stem, 1)

    def after(self, name: str) -> str:
        """The name with _2, _3 …: the next that is free."""
        return self._free(name, 2)

    def _free(self, stem: str, first: int) -> str:
        key, number = f"{first}{stem}", 0
        while not number or f"{stem}_{number}" in self._taken:
            self._next[key] += 1
            number = self._next[key] + first - 1
        self._taken.add(f"{stem}_{number}")
        return f"{stem}_{number}"
