"""One session with its real process: saving over the opened file and elsewhere, and what undo needs afterwards."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import onnx
import pytest

from onnx_scalpel.errors import AppError
from tests.session.conftest import Sessions, insert_identity, name_node, rename


def test_saving_elsewhere_leaves_the_opened_file_alone(sessions: Sessions, chain: Path) -> None:
    client, heard = sessions.open(chain)
    before = chain.read_bytes()
    client.edit(rename("value:a", "features"), "ann")
    target = chain.with_name("new.onnx")
    assert client.save(target) == {"path": str(target), "revision": 1, "unsaved": False}
    assert heard.wait("session", lambda s: s["saved_path"] == str(target))["unsaved"] is False
    assert chain.read_bytes() == before
    assert onnx.load(target).graph.node[0].output[0] == "features"
    with pytest.raises(AppError) as refused:
        client.save(target)
    assert (refused.value.code, refused.value.status) == ("file-exists", 409)
    client.undo("ann")
    assert client.summary()["unsaved"] is True
    client.save(target, overwrite=True)
    assert target.read_bytes() == before


BIG = """
<ir_version: 8, opset_import: ["" : 17]>
big (float[2, 512] x) => (float[2, 512] y) { a = MatMul(x, w)  b = Relu(a)  y = MatMul(b, w) }
"""


def big_model(path: Path) -> Path:
    """A model whose 1 MB of weights lie inside its own file."""
    model = onnx.parser.parse_model(BIG)
    weights = bytes(os.urandom(512 * 512 * 3)) + bytes(512 * 512)
    model.graph.initializer.append(onnx.helper.make_tensor("w", onnx.TensorProto.UINT8, [1], b"\0", raw=True))
    tensor = model.graph.initializer[0]
    tensor.data_type, tensor.dims[:], tensor.raw_data = onnx.TensorProto.FLOAT, [512, 512], weights
    onnx.save_model(model, str(path))
    return path


def test_saving_over_the_opened_file_keeps_all_that_undo_needs(sessions: Sessions, tmp_path: Path) -> None:
    path = big_model(tmp_path / "big.onnx")
    before = path.read_bytes()
    client, heard = sessions.open(path)
    client.edit(rename("value:b", "hidden"), "ann")
    with pytest.raises(AppError, match="exists already"):
        client.save(path)
    client.save(path, overwrite=True)
    saved = path.read_bytes()
    assert saved != before and path.stat().st_nlink == 1
    assert onnx.load(path).graph.initializer[0].raw_data == onnx.load_from_string(before).graph.initializer[0].raw_data
    assert client.summary()["unsaved"] is False
    job = client.run({})
    done = heard.wait("job", lambda j: j["job"] == job and j["state"] != "running")
    assert done["state"] == "done", done["error"]
    assert done["result"]["outputs"][0]["equal"] is True, done
    client.undo("ann")
    assert client.summary()["unsaved"] is True
    copy = tmp_path / "copy.onnx"
    client.write_model(copy)
    assert copy.read_bytes() == before
    client.close()

    again, _ = sessions.open(path)
    assert again.summary()["unsaved"] is True
    again.save(path, overwrite=True)
    assert path.read_bytes() == before
    again.redo("ann")
    again.save(path, overwrite=True)
    assert path.read_bytes() == saved
    assert sorted(found.name for found in tmp_path.iterdir()) == ["big.onnx", "copy.onnx", "data"]


def external_model(folder: Path) -> Path:
    """The big model with its weights in a file of their own."""
    folder.mkdir()
    path = folder / "outside.onnx"
    model = onnx.load(big_model(folder / "inside.onnx"))
    onnx.save_model(model, str(path), save_as_external_data=True, location="outside.data", size_threshold=0)
    (folder / "inside.onnx").unlink()
    return path


def test_saving_over_a_model_with_data_files_leaves_them_where_they_are(sessions: Sessions, tmp_path: Path) -> None:
    path = external_model(tmp_path / "m")
    before, data = path.read_bytes(), (path.parent / "outside.data").read_bytes()
    client, heard = sessions.open(path)
    client.edit(rename("value:b", "hidden"), "ann")
    client.save(path, overwrite=True)
    onnx.checker.check_model(str(path))
    client.edit(insert_identity("value:a"), "ann")
    client.close()

    again, heard = sessions.open(path)
    job = again.run({})
    done = heard.wait("job", lambda j: j["job"] == job and j["state"] != "running")
    assert done["state"] == "done", done["error"]
    assert done["result"]["outputs"][0]["equal"] is True, done
    found = heard.wait("diagnostics", lambda d: d["state"] == "done")
    assert not [d for d in found["diagnostics"] if d["severity"] == "error"]
    copy = tmp_path / "copy"
    copy.mkdir()
    assert len(again.write_model(copy / "c.onnx")) == 2
    again.undo("ann")
    again.undo("ann")
    with pytest.raises(AppError) as refused:
        again.save(path.parent / "outside.data", overwrite=True)
    assert refused.value.code == "data-file"
    again.save(path, overwrite=True)
    assert path.read_bytes() == before and (path.parent / "outside.data").read_bytes() == data
    assert sorted(found.name for found in path.parent.iterdir()) == ["outside.data", "outside.onnx"]


def test_edits_go_on_while_the_model_is_written(sessions: Sessions, tmp_path: Path) -> None:
    client, _ = sessions.open(big_model(tmp_path / "big.onnx"))
    written: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda n=number: written.append(client.write_model(tmp_path / f"w{n}.onnx")))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for number in range(20):
        client.edit(name_node("node:a", f"n{number}"), "ann")
    for thread in threads:
        thread.join()
    assert len(written) == 4 and all(onnx.load(files[0]).graph.node for files in written)


def test_saving_where_it_cannot_is_one_clear_line(sessions: Sessions, chain: Path) -> None:
    client, _ = sessions.open(chain)
    with pytest.raises(AppError) as refused:
        client.save(chain.parent / "nowhere" / "x.onnx")
    assert (refused.value.code, refused.value.status) == ("no-such-folder", 404)
    assert str(chain.parent) not in refused.value.message


def test_a_data_file_of_a_tensor_in_an_attribute_is_not_saved_over(sessions: Sessions, tmp_path: Path) -> None:
    tensor = onnx.TensorProto(dims=[2], data_type=1, data_location=onnx.TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="w.bin")
    (tmp_path / "w.bin").write_bytes(bytes(8))
    node = onnx.helper.make_node("Constant", [], ["y"], value=tensor)
    output = onnx.helper.make_tensor_value_info("y", 1, [2])
    path = tmp_path / "m.onnx"
    path.write_bytes(onnx.helper.make_model(onnx.helper.make_graph([node], "g", [], [output])).SerializeToString())
    client, _ = sessions.open(path)
    client.edit({"kind": "remove-nodes", "nodes": ["node:y"]}, "ann")  # it can come back
    with pytest.raises(AppError) as refused:
        client.save(tmp_path / "w.bin", overwrite=True)
    assert refused.value.code == "data-file"
