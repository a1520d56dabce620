"""Which types an input slot takes, as far as the operator and the other inputs of the node say, and the type of a value."""

from __future__ import annotations

import re
from collections.abc import Sequence

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.schemas import OperatorSchema, Slot, operator
from onnx_scalpel.edits.scopes import opset_version, shown
from onnx_scalpel.errors import EditRejected

# forms that schemas and models spell alike; no operator with a schema takes an opaque type
_CHECKED = ("tensor(", "sparse_tensor(", "seq(tensor(", "optional(", "map(", "seq(map(", "opaque(")
_SAID = {"float32": "float", "float64": "double"}


def slot_of(slots: Sequence[Slot], place: int) -> Slot | None:
    """The slot at this place, a variadic one standing for all from it on; None beyond the last."""
    if place < len(slots):
        return slots[place]
    return slots[-1] if slots and slots[-1].variadic else None


def known_type(document: Document, value_id: str) -> str:
    """A value's type as schemas spell it ('tensor(float)'): of its tensor, declared, else inferred; '' when nobody knows.

    What was inferred before the newest change is not believed: refusing a wire for it might be wrong.
    """
    live = document.live_value(value_id)
    if live.record is None and not live.infos and not live.initializers:  # nobody says anything about it
        inferred = document.inferred.get(value_id) if document.types_current else None
        return spelled_type(inferred[0]) if inferred else ""
    value = live.current()
    if value.tensor is not None and not value.dtype:
        return "" if value.tensor.sparse else spelled_type(value.tensor.dtype)
    if value.type is not None:
        return spelled_type(value.type.text)
    inferred = document.inferred.get(value_id) if document.types_current else None
    return spelled_type(value.dtype or (inferred[0] if inferred else ""))


def spelled_type(dtype: str) -> str:
    """A dtype, or the text of another type, as schemas spell it; '' for what cannot be compared."""
    if dtype.startswith("opaque("):
        return dtype
    if not dtype or "(" in dtype:
        said = dtype.replace("float32", "float").replace("float64", "double")
        said = re.sub(r"map\((\w+), ?tensor\((\w+)\)\)", r"map(\1, \2)", said)
    else:
        said = f"tensor({_SAID.get(dtype, dtype)})"
    return said if said.startswith(_CHECKED) and "unknown" not in said else ""


def check_type(
    document: Document,
    schema: OperatorSchema | None,
    inputs: Sequence[str],
    place: int,
    value_id: str,
    node_id: str = "",
) -> None:
    """EditRejected when the operator surely does not take the value at this place, beside the other `inputs` of its node."""
    slot = slot_of(schema.inputs, place) if schema is not None else None
    found = known_type(document, value_id)
    if schema is None or slot is None:
        return
    made = () if found else _makes(document, value_id)
    if made and slot.types and not set(made) & set(slot.types):
        found = made[0]  # none of what its operator can make fits
    if not found:
        return
    subjects = tuple(subject for subject in (node_id, value_id) if subject)
    name, words = shown(document.value(value_id).name), in_words(found)
    if slot.types and found not in slot.types:
        raise EditRejected(
            f"{schema.op_type} does not take {words} as its input {slot.name}, and {name} is {words}",
            subjects=subjects,
            hint=f"put a Cast between; it takes {_listed(slot.types)}",
        )
    for other_place, other in enumerate(inputs):
        shared = slot_of(schema.inputs, other_place)
        if not other or other_place == place or shared is None or not slot.parameter:
            continue
        theirs = known_type(document, other) if shared.parameter == slot.parameter else ""
        if theirs and theirs != found:
            raise EditRejected(
                f"{schema.op_type} needs {slot.name} and {shared.name} of one type, "
                f"but {name} is {words} and {shown(document.value(other).name)} is {in_words(theirs)}",
                subjects=(*subjects, other),
                hint="put a Cast between, or disconnect the other input first",
            )


def _makes(document: Document, value_id: str) -> tuple[str, ...]:
    """The types that the operator which makes a value can give it; none where nobody knows."""
    producer = document.producer(value_id)
    if producer is None:
        return ()
    node = document.node(producer.node)
    schema = operator(node.domain, node.op_type, opset_version(document, node.graph, node.domain))
    slot = slot_of(schema.outputs, producer.slot) if schema is not None else None
    return slot.types if slot is not None else ()


def in_words(said: str) -> str:
    """A type for a sentence: a tensor by its dtype."""
    inner = said.removeprefix("tensor(").removesuffix(")") if said.startswith("tensor(") else said
    return {"float": "float32", "double": "float64"}.get(inner, inner)


def _listed(types: Sequence[str]) -> str:
    words = [in_words(found) for found in types]
    return ", ".join(words) if len(words) <= 6 else f"{', '.join(words[:6])} …"
