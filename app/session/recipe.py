"""A recipe: the edits that stand, as JSON to keep, to read, and to replay on this model or another one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import as_opened
from onnx_scalpel.document.save import model_parts
from onnx_scalpel.edits.base import AppliedEdit, Edit, apply_edit, edit_types, parse_edit
from onnx_scalpel.errors import AppError, one_line

FORMAT = 1
LARGEST_RECIPE = 256 << 20  # bytes of JSON
_CHUNK = 1 << 20  # bytes
Apply = Callable[[Document, Edit, Sequence[str]], AppliedEdit]


class Recipe:
    """Edits that were read and checked, with the ids that each of them made where it was recorded."""

    def __init__(self, edits: Sequence[tuple[Edit, Sequence[str]]]) -> None:
        self.edits = tuple(edits)


def build_recipe(name: str, digest: str, edits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The recipe of these edits (JSON with `creates`), made on the model of this name and SHA-256 ('': unknown)."""
    model: dict[str, Any] = {"name": name}
    if digest:
        model["sha256"] = digest
    kept = [{key: value for key, value in edit.items() if key != "creates" or value} for edit in edits]
    if len(msgspec.json.encode(kept)) > LARGEST_RECIPE:
        raise too_large_a_recipe()
    return {"format": FORMAT, "model": model, "edits": kept}


def without_arrangement(edits: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The edits of the model: places and notes are a reader's own, and mean nothing on another model."""
    kept = []
    for edit in edits:
        inside = edit.get("edits")
        if isinstance(inside, list):
            edit = {**edit, "edits": [one for one in inside if not _arranges(one)]}
        if not _arranges(edit) and edit.get("edits") != []:
            kept.append(dict(edit))
    return kept


def _arranges(edit: Mapping[str, Any]) -> bool:
    found = edit_types().get(str(edit.get("kind")))
    return found is not None and found.arranges


def too_large_a_recipe() -> AppError:
    """Why edits cannot be written down."""
    return AppError(
        "recipe-too-large",
        f"the tensors that these edits set are more than {LARGEST_RECIPE >> 20} MB as text",
        hint="save the model instead; a recipe is for edits that are to be made again on other models",
        status=413,
    )


def read_recipe(data: Any) -> Recipe:
    """The recipe in this JSON. AppError `wrong-recipe` says which edit is wrong and how."""
    if not isinstance(data, Mapping) or not isinstance(data.get("edits"), list):
        raise _wrong("a recipe is an object with a list of edits", 'as in {"format": 1, "edits": []}')
    if data.get("format") != FORMAT or isinstance(data["format"], bool):
        raise _wrong(f"this recipe has format {data.get('format')!r}; known is {FORMAT}", "update Scalpel to read it")
    edits = []
    for place, entry in enumerate(data["edits"]):
        try:
            edits.append((parse_edit(entry), _creates(entry)))
        except AppError as error:
            said = f"edit {place + 1} of {len(data['edits'])}: {error.message}"
            raise _wrong(said, error.hint, error.fields) from error
    return Recipe(edits)


def replay(document: Document, recipe: Recipe, apply: Apply = apply_edit) -> list[AppliedEdit]:
    """Apply every edit; AppError `recipe-stopped` at the first that does not fit (the document then is half-way)."""
    applied = []
    for place, (edit, creates) in enumerate(recipe.edits):
        try:
            applied.append(apply(document, edit, creates))
        except AppError as error:
            raise AppError(
                "recipe-stopped",
                f"edit {place + 1} of {len(recipe.edits)} ({edit.kind}) does not fit: {error.message}",
                subjects=error.subjects,
                hint=error.hint,
                fields=error.fields,
                choices=error.choices,
            ) from error
    return applied


def _creates(entry: Mapping[str, Any]) -> list[str]:
    creates = entry.get("creates", [])
    if not isinstance(creates, list) or not all(isinstance(made, str) for made in creates):
        raise AppError("wrong-parameters", "creates must be a list of ids", status=422)
    return creates


def _wrong(message: str, hint: str, fields: Mapping[str, str] | None = None) -> AppError:
    return AppError("wrong-recipe", one_line(message), hint=hint, fields=fields, status=422)


def digest_of(document: Document) -> str:
    """The SHA-256 of the .onnx file as it was opened; '' when it is gone."""
    digest = hashlib.sha256()
    try:
        if document.file.rebased:
            for chunk in model_parts(as_opened(document)).chunks():
                digest.update(chunk)
        else:
            with document.path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()
