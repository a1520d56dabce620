"""What a model computes, bit for bit, before and after an edit that is to keep its meaning."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes, weightless
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from onnx_scalpel.validators.compare import difference
from onnx_scalpel.validators.inputs import generate
from tests.proofs import node_edits, structure_edits, value_edits
from tests.proofs.one_edit import complaint
from tests.proofs.site import NothingHere, Site

EditJson = dict[str, Any]
SEEDS = (1, 2)


@dataclass
class Kept:
    """`unfit` says why a model proves nothing; else how many edits of each kind were made, and those that changed an output."""

    unfit: str = ""
    made: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def meaning_kept(path: Path) -> Kept:
    """Makes each edit that is to keep the meaning, one after the other, and runs the model after each."""
    document = open_model(path)
    if complaint(path, onnx.load_model(str(path), load_external_data=False), False):
        return Kept("the checker refuses it")
    try:
        feeds = [
            {one.name: one.data for one in generate(weightless(document), {}, seed) if one.data is not None}
            for seed in SEEDS
        ]
        first, second = (outputs(path, path.read_bytes(), feed) for feed in feeds)
    except (AppError, Exception) as error:  # noqa: BLE001 - the runtime has no exception of its own
        return Kept(f"it does not run here: {str(error).splitlines()[0][:120]}")
    if not all(np.isfinite(o).all() for o in (*first, *second) if o.dtype.kind in "fc"):
        return Kept("its outputs are not finite")
    if not first or same(first, second):
        return Kept("its outputs do not depend on its inputs")
    kept = Kept()
    halves = any(site_type in ("float16", "bfloat16") for site_type in _dtypes(document))
    chance = random.Random(f"{path.parent.name}/{path.name}")
    for name, make in EDITS.items():
        _try(kept, name, make, document, chance)
        if name not in kept.made:
            continue
        try:
            found = outputs(path, model_bytes(document), feeds[0])
        except Exception as error:  # noqa: BLE001 - the runtime has no exception of its own
            kept.faults.append(f"{name}: {str(error).splitlines()[0][:300]}")
            break
        if not same(found, first, halves):
            kept.faults.append(f"{name}: the outputs differ")
            break
    return kept


def outputs(path: Path, model: bytes, feed: dict[str, Any]) -> list[np.ndarray[Any, Any]]:
    """The tensors that the model gives, without any optimisation or prepacking, so that the same kernels run."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.disable_prepacking", "1")
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(path.parent))
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    wanted = [i.name for i in session.get_inputs()]
    values = dict(zip(wanted, feed.values(), strict=True)) if wanted != list(feed) else feed
    # copies: the runtime may write running means and variances into the inputs
    given = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in values.items()}
    return [o for o in session.run(None, given) if isinstance(o, np.ndarray)]


def same(one: list[np.ndarray[Any, Any]], other: list[np.ndarray[Any, Any]], halves: bool = False) -> bool:
    """Bit for bit. `halves`: the model computes with 16-bit floats, which the runtime computes with 32 bits between two nodes that
    lack a kernel, and rounds where another node comes between them."""
    pairs = list(zip(one, other, strict=False))
    return len(one) == len(other) and all(_equal(a, b) or (halves and _near(a, b)) for a, b in pairs)


def _near(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    return a.dtype.kind == b.dtype.kind == "f" and bool(difference(a.astype("f2"), b.astype("f2"), "")["equal"])


def _dtypes(document: Document) -> Iterator[str]:
    for value_id in document.value_ids():
        value = document.value(value_id)
        yield value.tensor.dtype if value.tensor is not None else value.dtype


def _equal(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    return bool(np.array_equal(a, b)) if a.dtype.kind in "OUS" else a.tobytes() == b.tobytes()


def _try(kept: Kept, name: str, make: Callable[[Site], EditJson], document: Document, chance: random.Random) -> None:
    try:
        try:
            edit = make(Site(document, chance))
        except NothingHere:
            apply_edit(document, parse_edit(_FIRST[name](Site(document, chance))))
            edit = make(Site(document, chance))
        apply_edit(document, parse_edit(edit))
    except (NothingHere, AppError, KeyError):
        return
    kept.made[name] = 1


def _of(kind: str, maker: Callable[[Site], EditJson], site: Site) -> EditJson:
    return {"kind": kind, **maker(site)}


EDITS: dict[str, Callable[[Site], EditJson]] = {
    "insert an Identity": partial(_of, "insert-node", node_edits.insert_identity),
    "insert another Identity": partial(_of, "insert-node", node_edits.insert_identity),
    "remove an Identity and reconnect": partial(_of, "remove-nodes", node_edits.remove_identity),
    "rename-value": partial(_of, "rename-value", value_edits.rename_value),
    "rename-node": partial(_of, "rename-node", node_edits.rename_node),
    "name-nodes": partial(_of, "name-nodes", node_edits.name_nodes),
    "sort-nodes": partial(_of, "sort-nodes", node_edits.sort_nodes),
    "initializer-to-constant": partial(_of, "initializer-to-constant", structure_edits.initializer_to_constant),
    "constant-to-initializer": partial(_of, "constant-to-initializer", structure_edits.constant_to_initializer),
    "inline-function": partial(_of, "inline-function", structure_edits.inline_function),
}
_FIRST = {  # where a model has nothing for a kind; what comes of it alone is not run
    "inline-function": partial(_of, "make-function", structure_edits.make_function),
    "constant-to-initializer": partial(_of, "initializer-to-constant", structure_edits.initializer_to_constant),
}
