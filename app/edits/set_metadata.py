"""The edit set-metadata."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.meant import meant
from onnx_scalpel.edits.parameters import NameParam, SubjectParam, TextParam
from onnx_scalpel.edits.scopes import shown
from onnx_scalpel.edits.subjects import subject_record, subject_words, with_place
from onnx_scalpel.errors import EditRejected


class SetMetadata(Edit):
    """Set one entry of the metadata of the model, a graph, a local function, a node or a value; null takes the entry away."""

    title, acts_on = "Set metadata", "any"

    subject: SubjectParam
    key: NameParam
    value: TextParam | None

    def apply(self, tx: Transaction) -> None:
        record = subject_record(tx.document, self.subject)
        keys = [key for key, _ in record.metadata]
        key = meant(keys, self.key)
        if key != self.key:
            return self.model_copy(update={"key": key}).apply(tx)
        if self.value is None:
            if self.key not in keys:
                known = ", ".join(shown(key) for key in keys[:5])
                raise EditRejected(
                    f"there is no entry {shown(self.key)} to remove",
                    subjects=(self.subject,),
                    hint=f"there are {known}" if known else "it has no metadata",
                )
            after = tuple(pair for pair in record.metadata if pair[0] != self.key)
        else:
            place = keys.index(self.key) if self.key in keys else len(keys)
            others = [(at, pair) for at, pair in enumerate(record.metadata) if pair[0] != self.key]
            after = (
                *(pair for at, pair in others if at < place),
                (self.key, self.value),
                *(pair for at, pair in others if at > place),
            )
        if after != record.metadata:
            tx.put(with_place(tx.document, replace(record, metadata=after)))

    def describe(self, document: Document) -> str:
        what = subject_words(document, self.subject)
        if self.value is None:
            return f"Removed {shown(self.key)} from the metadata of {what}"
        return f"Set {shown(self.key)} in the metadata of {what}"
