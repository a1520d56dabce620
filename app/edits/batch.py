"""The edit batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.edits.base import WRONG_PARAMETERS, Edit, check_creates, parse_edit
from onnx_scalpel.edits.parameters import EditsParam
from onnx_scalpel.errors import AppError

_NAMED = 3  # edits that the sentence for the history spells out
_WRONG = 5  # edits whose faults are told


def _sound(edits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wrong = [line for place, edit in enumerate(edits) if (line := _fault(place, edit))]
    if wrong:
        more = [f"and {len(wrong) - _WRONG} more"] if len(wrong) > _WRONG else []
        raise PydanticCustomError("wrong", "{line}", {"line": "; ".join([*wrong[:_WRONG], *more])})
    return edits


def _fault(place: int, edit: Mapping[str, Any]) -> str:
    """What is wrong with one edit, as it stands in a batch; '' when nothing is."""
    if edit["kind"] == Batch.kind:
        return f"item {place + 1}: is a batch itself; list its edits instead"
    creates = edit.get("creates", [])
    if not isinstance(creates, list) or not all(isinstance(made, str) for made in creates):
        return f"item {place + 1}: creates is a list of ids"
    try:
        parse_edit(edit)
    except AppError as error:
        return f"item {place + 1}: {error.message}"
    return ""


class Batch(Edit):
    """Make several edits as one: all of them or none, in their order, as one revision.

    Each edit is written as it would be alone. A later one may refer to what an earlier one makes, by ids that the earlier
    one chooses: its `creates` lists them in the order in which the things are made (`creates` in the answer to an edit
    shows that order). A batch in a batch is not possible.
    """

    title, acts_on = "Make several edits", "any"

    edits: Annotated[EditsParam, AfterValidator(_sound)]

    def apply(self, tx: Transaction) -> None:
        count = len(self.edits)
        reports: list[dict[str, Any]] = []
        said: list[str] = []
        for place, data in enumerate(self.edits):
            edit = parse_edit(data)
            tx.progress(place / count, f"edit {place + 1} of {count}")
            tx.report, tx.title = {}, ""
            try:
                sentence = edit.describe(tx.document) if len(said) < _NAMED else ""
                creates = data.get("creates", [])
                check_creates(tx.document, creates)
                with tx.choosing(creates):
                    edit.apply(tx)
            except AppError as error:
                raise self._said_of(error, place, edit) from error
            reports.append(tx.report)
            said += [tx.title or sentence] if len(said) < _NAMED else []
        tx.report = {"edits": reports} if any(reports) else {}
        tx.title = self._title(said)

    def _said_of(self, error: AppError, place: int, edit: Edit) -> AppError:
        """The error of one edit as the batch's own: a choice is answered by the whole list with the answer in it."""
        choices = None
        if error.choices is not None:
            choices = [self._answered(choice, place) for choice in error.choices]
        fields = None
        if error.fields:
            fields = {"edits": "; ".join(f"item {place + 1}: {name} {line}" for name, line in error.fields.items())}
        return AppError(
            error.code,
            f"edit {place + 1} of {len(self.edits)}, {edit.kind}: {error.message}",
            subjects=error.subjects,
            hint=error.hint,
            status=error.status,
            fields=fields if error.code == WRONG_PARAMETERS else error.fields,
            choices=choices,
        )

    def _answered(self, choice: Mapping[str, Any], place: int) -> dict[str, Any]:
        answer = {key: value for key, value in choice.items() if key != "label"}
        edits = [{**edit, **answer} if at == place else edit for at, edit in enumerate(self.edits)]
        return {"label": choice.get("label", ""), "edits": edits}

    def _title(self, said: Sequence[str]) -> str:
        """What the edits say of themselves; '' when they are alike, and one sentence says it for all."""
        count = len(self.edits)
        if count == 1:
            return said[0]
        if len({edit["kind"] for edit in self.edits}) == 1:
            return ""
        return f"{count} edits: {', '.join(said)}" + (" …" if count > len(said) else "")

    def describe(self, document: Document) -> str:
        edits = [parse_edit(data) for data in self.edits]
        first = type(edits[0])
        alike = all(type(edit) is first for edit in edits)
        return first.describe_all(document, edits) if alike else f"{len(edits)} edits"
