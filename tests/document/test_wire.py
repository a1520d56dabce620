"""Files whose fields are encoded in an unusual order keep their encoding, whatever is edited around it."""

from __future__ import annotations

import random
from pathlib import Path

import onnx
import pytest

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.overlay import Overlay
from onnx_scalpel.document.records import NodeRecord, ValueRecord
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.document.wire import Cutter, MalformedError, Restorer, delimited, fields
from tests.document.models import BRANCHES, CHAIN, rename, write_text
from tests.shared_models import shared_model

INSIDE = {"model": {7: "graph", 25: "function"}, "graph": {1: "node", 5: "tensor"}, "node": {5: "attribute"}}
INSIDE |= {"attribute": {6: "graph", 5: "tensor"}, "function": {7: "node"}}


def shuffled(data: bytes, kind: str, rng: random.Random) -> bytes:
    """The same message with its fields in another order, at every level; repeated fields keep theirs among themselves."""
    chunks: dict[int, list[bytes]] = {}
    for field in fields(data, 0, len(data)):
        chunk = data[field.start : field.end]
        if field.number in INSIDE.get(kind, {}):
            inner = shuffled(data[field.payload : field.end], INSIDE[kind][field.number], rng)
            chunk = delimited(field.number, inner)
        chunks.setdefault(field.number, []).append(chunk)
    numbers = [number for number, found in chunks.items() for _ in found]
    rng.shuffle(numbers)
    return b"".join(chunks[number].pop(0) for number in numbers)


def insert_first(document: Document) -> None:
    tx = Transaction(document)
    tx.put(ValueRecord("value:new", "graph:", "new"))
    first = document.node_ids()[0]
    order = document.order_before(first)
    tx.put(NodeRecord("node:new", "graph:", "", "Neg", "", ("value:x",), ("value:new",), {}, order))


def drop_first(document: Document) -> None:
    tx = Transaction(document)
    first = next(n for n in document.node_ids() if not document.body_ids(n))
    tx.drop("node", first)


def insert_last(document: Document) -> None:
    tx = Transaction(document)
    tx.put(ValueRecord("value:new", "graph:", "new"))
    order = document.order_last()
    tx.put(NodeRecord("node:new", "graph:", "", "Neg", "", ("value:x",), ("value:new",), {}, order))


def rename_x(document: Document) -> None:
    rename(document, "value:x", "image")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("edit", [insert_first, insert_last, drop_first, rename_x])
@pytest.mark.parametrize("text", [CHAIN, BRANCHES])
def test_an_unusual_field_order_is_kept_around_every_edit(tmp_path: Path, seed: int, edit, text: str) -> None:  # type: ignore[no-untyped-def]
    path = write_text(tmp_path, text)
    path.write_bytes(shuffled(path.read_bytes(), "model", random.Random(seed)))
    document = open_model(path)
    assert model_bytes(document) == path.read_bytes()
    edit(document)
    assert onnx.load_from_string(model_bytes(document)) == Overlay(document).proto


@pytest.mark.parametrize(
    "name",
    ["exported/unet_legacy_op11_dynamic_hw.onnx", "odd/nested_28_levels.onnx", "real/silero-vad__silero_vad.onnx"],
)
def test_a_real_model_in_another_field_order_comes_back_byte_for_byte(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(shuffled(shared_model(name).read_bytes(), "model", random.Random(1)))
    document = open_model(path)
    assert model_bytes(document) == path.read_bytes()
    value = document.value_ids()[3]
    first = document.value(value).name
    rename(document, value, "another_name")
    rename(document, value, first)
    assert model_bytes(document) == path.read_bytes()


def test_cut_bytes_are_put_back_where_they_were() -> None:
    data = shared_model("exported/unet_legacy_op11_dynamic_hw.onnx").read_bytes()
    cutter = Cutter(data, "m.onnx")
    light = cutter.run()
    assert len(light) < len(data) / 4
    pieces = Restorer(light, "m.onnx", cutter.cut).run()
    assert b"".join(p if isinstance(p, bytes) else data[p.offset : p.offset + p.length] for p in pieces) == data


@pytest.mark.parametrize("data", [b"\x3a\x05ab", b"\x0a", b"\xff" * 12, b"\x07\x00", b"\x02\x00"])
def test_bytes_that_are_no_message_are_refused(data: bytes) -> None:
    with pytest.raises((MalformedError, IndexError)):
        list(fields(data, 0, len(data)))
