"""The edit remove-branch."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import MAIN_GRAPH, NodeRecord
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.branches import branch_of
from onnx_scalpel.edits.bypass import nodes_below
from onnx_scalpel.edits.parameters import NodeParam, OutputsAnswerParam
from onnx_scalpel.edits.remove_nodes import remove_node
from onnx_scalpel.edits.scopes import named_outside, shown
from onnx_scalpel.errors import ChoiceNeeded, EditRejected


class RemoveBranch(Edit):
    """Delete a node and its branch: all that only it feeds (down), or all that only feeds it (up).

    The branch ends where something else that is alive comes in or goes out; what is left there without an input is shown as
    missing it. Constants and initializers that only the branch reads go with it. Where the branch makes graph outputs, it is
    asked whether these are removed as well or left, without a node that makes them.
    """

    title, acts_on = "Delete branch", "node"

    node: NodeParam
    direction: Literal["down", "up"]
    outputs: OutputsAnswerParam = None

    def apply(self, tx: Transaction) -> None:
        document = tx.document
        branch = [tx.node(live.id) for live in branch_of(document, self.node, self.direction)]
        lost = self._lost_outputs(document, branch)
        if lost and self.outputs is None:
            raise self._question(document, lost)
        below = [tx.node(inner) for node in branch for inner in nodes_below(document, node.id)]
        tx.title = self._title(branch, lost)
        wired = dict.fromkeys(v for node in (*branch, *below) for v in (*node.inputs, *node.outputs) if v)
        if lost and self.outputs == "remove":
            self._remove_outputs(tx, branch[0].graph, lost)
        for node in reversed(branch):
            remove_node(tx, node.id)
        tx.drop_unused(wired)
        for value_id in wired:
            if document.has("value", value_id) and _is_left_over(document, value_id):
                tx.drop("value", value_id)

    def _lost_outputs(self, document: Document, branch: list[NodeRecord]) -> list[str]:
        listed = document.graph(branch[0].graph).outputs
        made = {output for node in branch for output in node.outputs}
        return [output for output in dict.fromkeys(listed) if output in made]

    def _question(self, document: Document, lost: list[str]) -> ChoiceNeeded:
        graph = document.graph(document.value(lost[0]).graph)
        names = _listed([document.value(output).name for output in lost])
        many = len(lost) > 1
        remove = {"label": f"Remove {names} from the outputs", "outputs": "remove"}
        leave = {"label": f"Leave {names}: nothing makes {'them' if many else 'it'} then", "outputs": "leave"}
        removable = graph.id == MAIN_GRAPH and not set(graph.outputs) <= set(lost)
        return ChoiceNeeded(
            f"the branch makes the graph output{'s' if many else ''} {names}",
            [remove, leave] if removable else [leave],
            subjects=(self.node, *lost),
            hint="say what becomes of the outputs: outputs = remove or leave",
        )

    def _remove_outputs(self, tx: Transaction, graph_id: str, lost: list[str]) -> None:
        graph = tx.graph(graph_id)
        if graph_id != MAIN_GRAPH:
            raise EditRejected(
                "the outputs of a body or a function are counted by what calls it, so they cannot be removed",
                subjects=(self.node, *lost),
                hint="leave them, and connect other values to them afterwards",
            )
        left = tuple(output for output in graph.outputs if output not in lost)
        if not left:
            raise EditRejected(
                "the model would have no output any more", subjects=(self.node, *lost), hint="add another output first"
            )
        tx.put(replace(graph, outputs=left))

    def describe(self, document: Document) -> str:
        node = document.node(self.node)
        feeds = {"down": "only it feeds", "up": "only feeds it"}[self.direction]
        return f"Deleted {shown(node.name or node.op_type)} and all that {feeds}"

    def _title(self, branch: list[NodeRecord], lost: list[str]) -> str:
        node = next(node for node in branch if node.id == self.node)
        title = f"Deleted {shown(node.name or node.op_type)}"
        others = len(branch) - 1
        if others:
            what = "1 node" if others == 1 else f"{others} nodes"
            feeds = {"down": "only it feeds", "up": f"only feed{'s' if others == 1 else ''} it"}[self.direction]
            title += f" and {what} that {feeds}"
        return f"{title}, with {len(lost)} of the outputs" if lost and self.outputs == "remove" else title


def _is_left_over(document: Document, value_id: str) -> bool:
    """Whether a value is a tensor that nothing reads, lists or names any more."""
    value, live = document.value(value_id), document.live_value(value_id)
    used = live.tensor.outputs or live.tensor.inputs or live.listed
    return value.tensor is not None and not used and not named_outside(document, value)


def _listed(names: list[str]) -> str:
    words = [shown(name) for name in names[:3]]
    return ", ".join(words) if len(names) <= 3 else f"{', '.join(words)} and {len(names) - 3} more"
