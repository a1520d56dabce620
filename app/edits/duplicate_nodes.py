"""The edit duplicate-nodes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import NodeRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.branches import tensors_read
from onnx_scalpel.edits.copying import Paste, copied_nodes, orders_in_place_of, refuse_omitted
from onnx_scalpel.edits.declarations import drop_declared_types
from onnx_scalpel.edits.parameters import AnyNameParam, NodesParam, SwitchParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.selections import chosen_nodes

COPY_SUFFIX = "_copy"


class DuplicateNodes(Edit):
    """Make nodes a second time, with their bodies, and wired among each other as they are.

    The copies read what the originals read, initializers too; with `keep_inputs` false, only initializers and constants that
    are copied along, and everything else is left open. Nothing reads what they make. `suffix` comes behind the names of the
    copies, and a number where that name is taken.
    """

    title, acts_on = "Duplicate", "nodes"

    nodes: NodesParam
    suffix: AnyNameParam = COPY_SUFFIX
    keep_inputs: SwitchParam = True

    def apply(self, tx: Transaction) -> None:
        for _, group in groupby(chosen_nodes(tx.document, self.nodes), key=lambda node: node.graph):
            self._duplicate(tx, list(group))

    def _duplicate(self, tx: Transaction, nodes: Sequence[NodeRecord]) -> None:
        document, graph_id = tx.document, nodes[0].graph
        copy = copied_nodes(document, nodes)
        left_open = {} if self.keep_inputs else dict.fromkeys(self._read_outside(document, nodes), "")
        refuse_omitted(copy, left_open, "the nodes", [node.id for node in nodes[:20]])
        paste = Paste(tx, left_open, suffix=self.suffix)
        paste.put(graph_id, copy, orders_in_place_of(document, nodes[-1], len(nodes)))
        if left_open:
            drop_declared_types(tx, [paste.now(value.id) for value in copy.values])

    @staticmethod
    def _read_outside(document: Document, nodes: Sequence[NodeRecord]) -> list[str]:
        """What the nodes read that none of them makes and that is no initializer."""
        made = {output for node in nodes for output in node.outputs}
        read = (t.live for node in nodes for t in tensors_read(document, document.live_node(node.id)))
        return [v.id for v in read if v.id not in made and (v.is_input or document.value(v.id).tensor is None)]

    def describe(self, document: Document) -> str:
        return f"Duplicated {nodes_in_words(chosen_nodes(document, self.nodes))}"

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[DuplicateNodes]) -> str:
        return f"Duplicated nodes {len(edits)} times"


def nodes_in_words(nodes: Sequence[NodeRecord]) -> str:
    """One node by its name, several by their number."""
    return shown(nodes[0].name or nodes[0].op_type) if len(nodes) == 1 else f"{len(nodes)} nodes"
