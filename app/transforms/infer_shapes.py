"""The edit infer-shapes."""

from __future__ import annotations

from msgspec.structs import replace
from onnx import TypeProto

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.inference import infer_types
from onnx_scalpel.document.protos import declared_type
from onnx_scalpel.document.records import Shape, TypeRef, ValueRecord
from onnx_scalpel.document.save import weightless
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.flow import carries_type
from onnx_scalpel.edits.scopes import shown

_LISTED = 50  # corrections that the report spells out


class InferShapes(Edit):
    """Write the types that follow from the inputs into the model, in bodies too.

    What is declared stays as it is, with the author's names of dims, and only its open places are filled; where it
    contradicts what the nodes make it is corrected, and the report says so. Dims that nothing is known about stay open.
    """

    title, acts_on = "Infer shapes", "model"
    in_job = True

    def apply(self, tx: Transaction) -> None:
        tx.progress(None, "inferring types")
        found = infer_types(weightless(tx.document))
        filled, completed, corrected = 0, 0, []
        for value_id, proto in found.all.items():
            value = tx.value(value_id)
            if value.tensor is not None or tx.document.is_input(value_id):
                continue
            after = _with_type(value, proto, certain=value_id in found.following)
            if after is None:
                continue
            tx.put(after if carries_type(tx.document, value) else replace(after, declared=True))
            if not value.dtype:
                filled += 1
            elif _contradicts(value, after):
                corrected.append({"value": value_id, "declared": type_words(value), "found": type_words(after)})
            else:
                completed += 1
        tx.report.update(
            filled=filled,
            completed=completed,
            corrected=corrected[:_LISTED],
            corrections=len(corrected),
            unknown=len(untyped(tx.document)),
        )
        if found.problem:
            tx.report["warnings"] = ["some nodes have inputs that do not fit; what is behind them may have no type"]

    def describe(self, document: Document) -> str:
        count = len(untyped(document))
        return f"Inferred the types of {count} values" if count > 1 else "Inferred the types of values"


def untyped(document: Document) -> list[str]:
    """Values that nodes make and that declare no type, those of local functions left out."""
    found = []
    for graph_id in document.graph_ids():
        live = document.live_graph(graph_id)
        if not live.is_function:
            made = (tensor.live for node in live.nodes for tensor in node.node.outputs if tensor.live is not None)
            found += [value.id for value in made if not value.current().dtype]
    return found


def _with_type(value: ValueRecord, proto: TypeProto, *, certain: bool) -> ValueRecord | None:
    """The value with what was inferred; None where that adds nothing. Declarations only yield to what is `certain`."""
    dtype, shape, kind = declared_type(proto)
    if not value.dtype:
        return replace(value, dtype=dtype, shape=shape, type=kind)
    if value.dtype != dtype:
        return replace(value, dtype=dtype, shape=shape, type=kind) if certain else None
    if value.type is not None or kind is not None:
        return _with_kind(value, kind) if certain else None
    merged = merged_shape(value.shape, shape, certain=certain)
    return None if merged == value.shape else replace(value, shape=merged)


def _with_kind(value: ValueRecord, kind: TypeRef | None) -> ValueRecord | None:
    """A sequence, optional or map keeps what is declared, unless that is another kind of thing."""
    same = value.type is not None and kind is not None and value.type.text == kind.text
    return None if same else replace(value, type=kind)


def merged_shape(declared: Shape, inferred: Shape, *, certain: bool) -> Shape:
    """What is declared with its open dims filled; where sizes or ranks contradict it and are `certain`, what was inferred."""
    if declared is None or inferred is None:
        return inferred if declared is None else declared
    if len(declared) != len(inferred):
        return inferred if certain else declared
    return tuple(_merged_dim(d, i, certain) for d, i in zip(declared, inferred, strict=True))


def _merged_dim(declared: int | str | None, inferred: int | str | None, certain: bool) -> int | str | None:
    if declared is None or (isinstance(declared, int) and declared < 0):
        return inferred
    wrong = isinstance(declared, int) and isinstance(inferred, int) and declared != inferred
    return inferred if wrong and certain else declared


def _contradicts(before: ValueRecord, after: ValueRecord) -> bool:
    """Whether anything that was declared is otherwise now, not only filled."""
    if before.dtype != after.dtype or before.type != after.type:
        return True
    if before.shape is None or after.shape is None:
        return False
    if len(before.shape) != len(after.shape):
        return True
    known = (pair for pair in zip(before.shape, after.shape, strict=True) if pair[0] not in (None, -1))
    return any(one != other for one, other in known)


def type_words(value: ValueRecord) -> str:
    """A declared type for people: 'float32 1×3'."""
    if value.shape is None:
        return value.dtype
    dims = "×".join("?" if d is None else shown(d) if isinstance(d, str) else str(d) for d in value.shape)
    return f"{value.dtype} {dims or 'scalar'}"
