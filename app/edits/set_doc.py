"""The edit set-doc."""

from __future__ import annotations

from msgspec.structs import replace

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import Edit
from onnx_scalpel.edits.parameters import SubjectParam, TextParam
from onnx_scalpel.edits.subjects import subject_record, subject_words, with_place


class SetDoc(Edit):
    """Write the documentation of the model, a graph, a local function, a node or a value; an empty text takes it away."""

    title, acts_on = "Set documentation", "any"

    subject: SubjectParam
    text: TextParam

    def apply(self, tx: Transaction) -> None:
        record = subject_record(tx.document, self.subject)
        if record.doc != self.text:
            tx.put(with_place(tx.document, replace(record, doc=self.text)))

    def describe(self, document: Document) -> str:
        what = subject_words(document, self.subject)
        return f"Documented {what}" if self.text else f"Removed the documentation of {what}"
