"""The edit resize-inputs."""

from __future__ import annotations

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.records import Shape
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.parameters import ShapesParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.transforms.resizing.request import Request, read_request
from onnx_scalpel.transforms.resizing.solving import Solution, Solver, write_plan


class ResizeInputs(Edit):
    """Give inputs other dims: another batch size, a fixed one in place of a name or a name in place of a number, any dim.

    Constants that hold the old size are mended, and declared types follow. It is proved by running the model: as before at
    the old size, at the new one (a name is tried with two sizes), and a batch against its samples alone. Otherwise it is
    refused and says which node stands in the way.
    """

    title, acts_on = "Resize inputs", "model"
    in_job = True

    shapes: ShapesParam

    def apply(self, tx: Transaction) -> None:
        request = read_request(tx.document, self.shapes, self.kind)
        if not request.places():
            tx.report.update(inputs=[], mended=[], proved=["nothing changes"], warnings=[])
            return
        solution = Solver(tx.document, request, tx.progress).solve()
        write_plan(tx, solution.walk, solution.request)
        tx.report.update(_report(tx.document, solution))

    def describe(self, document: Document) -> str:
        request = read_request(document, self.shapes, self.kind)
        changed = list(dict.fromkeys(p.value for p in request.places() if p.value in request.listed))
        values = changed or list(request.listed)
        first = f"Resized {shown(document.value(values[0]).name)} to {_dims_text(request.after[values[0]])}"
        return first if len(values) == 1 else f"{first} and {len(values) - 1} more"


def _report(document: Document, solution: Solution) -> dict[str, object]:
    request, walk, verdict = solution.request, solution.walk, solution.verdict
    notes = [note for by_node in walk.plan.notes.values() for note in by_node.values()]
    return {
        "inputs": [_input(request, value) for value in dict.fromkeys(p.value for p in request.places())],
        "mended": [
            {
                "node": note.node,
                "name": document.node(note.node).name,
                "operator": document.node(note.node).op_type,
                "what": note.what,
                "before": note.before,
                "after": note.after,
            }
            for note in notes
        ],
        "proved": verdict.proved,
        "warnings": verdict.warnings,
    }


def _input(request: Request, value: str) -> dict[str, object]:
    return {
        "value": value,
        "name": request.names[value],
        "before": list(request.before[value]),
        "after": list(request.after[value]),
        "asked": value in request.listed,
    }


def _dims_text(shape: Shape) -> str:
    return "×".join("?" if d is None else str(d) for d in shape or ()) or "a scalar"
