"""Large tensors that edits make: in files named by their content, in the saved model, and never in a delta."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from msgspec.structs import replace

from onnx_scalpel.document.delta import decode_delta, encode_delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.records import Attribute, TensorRef
from onnx_scalpel.document.save import model_bytes, weightless
from onnx_scalpel.document.store import TensorStore
from onnx_scalpel.document.tensors import make_tensor, read_array
from onnx_scalpel.document.transaction import Transaction
from onnx_scalpel.document.views import node_view
from onnx_scalpel.document.write_model import write_model
from onnx_scalpel.errors import AppError
from onnx_scalpel.validators.base import check_all
from onnx_scalpel.validators.runtime import RunRequest, run
from tests.laws import check_edit, document_of, model_file

TEXT = "g (float[2, 256] x) => (float[2, 256] y) { c = Constant<value = float[2] {1, 2}>()  y = MatMul(x, w) }"
LARGE = np.random.default_rng(0).standard_normal((256, 256), dtype=np.float32)


def large_model() -> onnx.ModelProto:
    model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21]>' + TEXT)
    model.graph.initializer.add().CopyFrom(onnx.numpy_helper.from_array(np.zeros((256, 256), "f4"), "w"))
    return model


def set_weight(document: Document, array: np.ndarray = LARGE) -> Transaction:
    """Give `w` another content."""
    tx = Transaction(document)
    tx.put(replace(tx.value("value:w"), tensor=make_tensor(array)))
    return tx


def held(document: Document) -> TensorRef:
    tensor = document.value("value:w").tensor
    assert tensor is not None
    return tensor


def test_a_delta_holds_a_digest_in_the_place_of_a_large_tensor(tmp_path: Path) -> None:
    document = open_model(model_file(large_model()), TensorStore(tmp_path / "tensors"))
    packed = encode_delta(set_weight(document).delta())
    assert len(packed) < 1000
    assert (tmp_path / "tensors" / held(document).digest).read_bytes() == LARGE.tobytes()
    np.testing.assert_array_equal(read_array(document, held(document)), LARGE)


def test_a_small_tensor_stays_in_its_record() -> None:
    document = document_of("g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) }")
    set_weight(document, np.ones(2, "f4"))
    assert not held(document).digest


def test_the_saved_file_is_that_of_a_model_that_always_had_the_tensor() -> None:
    document = document_of(large_model())
    set_weight(document)
    saved = onnx.ModelProto.FromString(model_bytes(document))
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(saved.graph.initializer[0]), LARGE)
    assert not saved.graph.initializer[0].external_data
    onnx.checker.check_model(saved, full_check=True)


def test_undo_and_redo_restore_every_byte(tmp_path: Path) -> None:
    path, store = model_file(large_model()), TensorStore(tmp_path)
    document = open_model(path, store)
    delta = decode_delta(encode_delta(set_weight(document).delta()))
    saved = model_bytes(document)
    document.apply(delta.inverse())
    assert model_bytes(document) == path.read_bytes()
    document.apply(delta)
    assert model_bytes(document) == saved
    fresh = open_model(path, TensorStore(tmp_path))
    fresh.apply(delta)
    assert model_bytes(fresh) == saved


def test_an_edit_with_a_large_tensor_keeps_the_laws() -> None:
    data = {"dtype": "float32", "shape": [32768], "data": [0.5] * 32768}
    checked = check_edit(
        large_model(), {"kind": "set-attribute", "node": "node:c", "attribute": "value", "value": data}
    )
    attribute = checked.document.node("node:c").attributes["value"]
    assert isinstance(attribute.value, TensorRef) and attribute.value.digest
    assert node_view(checked.document, "node:c")["attributes"]["value"]["value"] == "float32[32768]"


def test_only_constants_keep_attributes_in_the_store() -> None:
    document = document_of("g (float[2] x) => (float[2] y) { y = Custom.Op<table = float[1] {1}>(x) }")
    tx, node = Transaction(document), document.node("node:y")
    tx.put(replace(node, attributes={"table": Attribute("TENSOR", make_tensor(LARGE))}))
    assert not [v for a in document.node("node:y").attributes.values() if (v := a.value) and getattr(v, "digest", "")]


def test_a_run_and_a_check_see_the_new_tensor() -> None:
    document = document_of(large_model())
    original = weightless(document)
    set_weight(document)
    model = weightless(document)
    assert [d.code for d in check_all(model).diagnostics if d.severity != "info"] == []
    (output,) = run(model, None, RunRequest())["outputs"]
    (changed,) = run(model, original, RunRequest())["outputs"]
    assert output["maximum"] > 1 and changed["equal"] is False


def test_a_check_does_not_read_the_new_tensor(tmp_path: Path) -> None:
    document = open_model(model_file(large_model()), TensorStore(tmp_path))
    set_weight(document)
    model = weightless(document)
    (tmp_path / held(document).digest).unlink()
    assert [d.code for d in check_all(model).diagnostics if d.severity != "info"] == []


def test_a_model_with_data_files_gets_the_tensor_in_a_data_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    model = large_model()
    model.graph.initializer.add().CopyFrom(onnx.numpy_helper.from_array(LARGE, "other"))
    onnx.save(model, str(path), save_as_external_data=True, location="model.data", size_threshold=1024)
    document = open_model(path)
    set_weight(document)
    target = tmp_path / "saved" / "model.onnx"
    for _ in range(2):
        written = write_model(document, target, overwrite=True)
        assert [w.suffix for w in written].count(".data") <= 2
    saved = onnx.load(str(target))
    for tensor in saved.graph.initializer:
        np.testing.assert_array_equal(onnx.numpy_helper.to_array(tensor), LARGE)
    onnx.checker.check_model(str(target))
    again = tmp_path / "again" / "model.onnx"
    write_model(open_model(target), again)
    assert again.read_bytes() == target.read_bytes()


def test_a_tensor_whose_file_is_gone_is_told_in_one_line(tmp_path: Path) -> None:
    document = open_model(model_file(large_model()), TensorStore(tmp_path))
    set_weight(document)
    (tmp_path / held(document).digest).unlink()
    with pytest.raises(AppError, match="gone") as refused:
        model_bytes(document)
    assert refused.value.code == "external-data"


def test_a_sweep_removes_what_nothing_names(tmp_path: Path) -> None:
    store = TensorStore(tmp_path)
    kept, gone = store.add(b"a" * 70_000), store.add(b"b" * 70_000)
    (tmp_path / f"{gone}.1.part").write_bytes(b"cut off")
    store.sweep({kept})
    assert [path.name for path in tmp_path.iterdir()] == [kept]
