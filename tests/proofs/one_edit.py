"""One random edit on one model: whether it was done, whether the file changed only where the delta says, and what the checker says."""

from __future__ import annotations

import random
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import onnx
import onnx.checker
import onnx.shape_inference

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.laws import records_of
from tests.proofs.accounting import Accounting, told_changes
from tests.proofs.sensible import prepared, sensible_edit
from tests.proofs.site import Site

PREPARED_FIRST = ("sort-nodes", "remove-unused", "simplify")  # few models have anything for these


@dataclass
class OneEdit:
    """`edit` None: the model has nothing for this kind. `refused` is the reason of an edit that was not accepted."""

    edit: dict[str, Any] | None = None
    refused: str = ""
    empty: bool = False  # accepted, without any effect
    faults: list[str] = field(default_factory=list)
    verdict: str = ""  # '' unless the checker likes the model less than before


def try_edit(path: Path, kind: str) -> OneEdit:
    """One edit of this kind on the model, or on what is prepared of it; chance depends on both alone."""
    chance = random.Random(f"{path.parent.name}/{path.name}/{kind}")
    document = open_model(path)
    edit = None if kind in PREPARED_FIRST else sensible_edit(kind, Site(document, chance))
    if edit is not None:
        return _make(path, edit)
    with tempfile.TemporaryDirectory() as folder:
        ready = _prepare(path, document, kind, chance, Path(folder))
        if ready is None:
            edit = sensible_edit(kind, Site(document, chance)) if kind in PREPARED_FIRST else None
            return OneEdit() if edit is None else _make(path, edit)
        edit = sensible_edit(kind, Site(open_model(ready), chance))
        return OneEdit() if edit is None else _make(ready, edit)


def _prepare(path: Path, document: Document, kind: str, chance: random.Random, folder: Path) -> Path | None:
    how = prepared(kind, document, onnx.load_model(str(path), load_external_data=False), chance)
    if how is None:
        return None
    ready = folder / "model.onnx"
    if isinstance(how, onnx.ModelProto):
        data = how.SerializeToString()
    else:
        try:
            for edit in how:
                apply_edit(document, parse_edit(edit))
        except AppError:
            return None
        data = model_bytes(document)
    ready.write_bytes(data)
    for location in document.file.locations:  # copies: data behind a link is not read
        if (source := path.parent / location).is_file():
            (folder / location).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / location)
    return ready


def _make(path: Path, edit: dict[str, Any]) -> OneEdit:
    was, now = open_model(path), open_model(path)
    made = OneEdit(edit)
    try:
        applied = apply_edit(now, parse_edit(edit))
    except AppError as error:
        made.refused = f"{error.code}: {error.message}"
        return made
    except MemoryError:  # a job is ended by its limit
        made.refused = "out of memory"
        return made
    before, after = model_bytes(was), model_bytes(now)
    if before != path.read_bytes():
        made.faults.append("the unedited model is not what the file holds")
    made.empty = applied.delta.is_empty
    protos = onnx.ModelProto.FromString(before), onnx.ModelProto.FromString(after)
    made.faults += Accounting(was, now, applied.delta, *protos).unaccounted
    one, other, touched = records_of(was), records_of(now), told_changes(was, applied.delta)
    made.faults += [
        f"{key} changed without the delta"
        for key in {**one, **other}
        if key not in touched and repr(one.get(key)) != repr(other.get(key))
    ]
    made.verdict = _worse(path, *protos)
    return made


def _worse(path: Path, before: onnx.ModelProto, after: onnx.ModelProto) -> str:
    """What the checker says now, if it said nothing of the model before; both with and without inferring shapes."""
    for strict in (False, True):
        problem = complaint(path, after, strict)
        if problem and not complaint(path, before, strict):
            return f"{'full check' if strict else 'check'}: {problem}"
    return ""


def complaint(path: Path, proto: onnx.ModelProto, strict: bool) -> str:
    """The checker's complaint about a model that lies beside this path; '' for none."""
    checked = path.with_name(f"checked-{path.name}") if path.parent.is_relative_to(tempfile.gettempdir()) else None
    try:
        if checked is not None:
            checked.write_bytes(proto.SerializeToString())
        onnx.checker.check_model(str(checked) if checked else proto, full_check=strict)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, RuntimeError, ValueError) as error:
        return str(error).strip().splitlines()[0][:300]
    finally:
        if checked is not None:
            checked.unlink()
    return ""
