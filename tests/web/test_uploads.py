"""What is sent is opened: a model with its data files in any order, folders, zip archives; nothing leaves its folder."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from onnx_scalpel.errors import AppError
from onnx_scalpel.web import archives
from tests.document.models import split_model
from tests.web.live import LiveServer, write_model


def zipped(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    """A model with two data files, by the paths that it gives them."""
    folder = split_model(tmp_path).parent
    return {name: (folder / name).read_bytes() for name in ("split.onnx", "w.bin", "deep/b.bin")}


def whole(server: LiveServer, session: str) -> dict[str, bytes]:
    """The model with its files as a download; nothing is missing."""
    assert server.get(f"/api/sessions/{session}").json()["missing"]["count"] == 0
    answer = server.get(f"/api/sessions/{session}/model")
    assert answer.status == 200, answer.body
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def opened(server: LiveServer, *sent: tuple[str, bytes]) -> str:
    answer = server.upload(*sent)
    assert answer.status == 201, answer.body
    session: str = answer.json()["session"]
    return session


def left_behind(server: LiveServer) -> list[Path]:
    """Uploads that no session stands for."""
    uploads = server.data_dir / "uploads"
    known = {path.stem for path in (server.data_dir / "opened").glob("*.json")}
    return [path for path in uploads.iterdir() if path.name not in known] if uploads.exists() else []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_files_are_sent_in_any_order_and_without_their_folders(
    server: LiveServer, files: dict[str, bytes], order: tuple[int, ...]
) -> None:
    sent = [(Path(name).name, content) for name, content in files.items()]
    session = opened(server, *(sent[place] for place in order))
    assert whole(server, session) == files


def test_a_folder_is_sent_with_its_paths(server: LiveServer, files: dict[str, bytes]) -> None:
    sent = [(f"net/{name}", content) for name, content in files.items()]
    assert whole(server, opened(server, *sent, ("net/README.md", b"about"))) == files


def test_a_zip_is_unpacked_with_its_folders(server: LiveServer, files: dict[str, bytes]) -> None:
    packed = zipped({f"net/{name}": content for name, content in files.items()} | {"__MACOSX/net/._w.bin": b"junk"})
    assert whole(server, opened(server, ("net.zip", packed))) == files


def test_a_model_is_sent_with_its_weights_in_a_zip(server: LiveServer, files: dict[str, bytes]) -> None:
    model = files["split.onnx"]
    weights = zipped({name: content for name, content in files.items() if name != "split.onnx"})
    assert whole(server, opened(server, ("weights.zip", weights), ("split.onnx", model))) == files


def test_a_download_can_be_opened_again(server: LiveServer, files: dict[str, bytes]) -> None:
    session = opened(server, *files.items())
    download = server.get(f"/api/sessions/{session}/model").body
    assert whole(server, opened(server, ("split.zip", download))) == files


def test_a_zip_below_a_root_is_opened_by_its_path(server: LiveServer, files: dict[str, bytes]) -> None:
    path = server.root / "by-path.zip"
    path.write_bytes(zipped(files))
    session = server.open({"path": str(path)})
    assert whole(server, session) == files
    assert server.get(f"/api/sessions/{session}").json()["path"] == ""
    server.ask("DELETE", f"/api/sessions/{session}")
    assert path.is_file()


def test_several_models_in_a_zip_are_a_choice(server: LiveServer, files: dict[str, bytes], tmp_path: Path) -> None:
    other = write_model(tmp_path / "other.onnx").read_bytes()
    packed = zipped({f"a/{name}": content for name, content in files.items()} | {"b/other.onnx": other})
    asked = server.upload(("both.zip", packed))
    assert (asked.status, asked.error["code"]) == (409, "choice-needed")
    assert [choice["label"] for choice in asked.error["choices"]] == ["a/split.onnx", "b/other.onnx"]
    first = {key: value for key, value in asked.error["choices"][0].items() if key != "label"}
    answer = server.post("/api/sessions", first)
    assert answer.status == 201, answer.body
    assert whole(server, answer.json()["session"]) == files
    assert server.post("/api/sessions", first).status == 404  # they belong to a session now
    assert server.post("/api/sessions", {"upload": "0" * 24, "model": "x"}).error["code"] == "no-such-upload"


def test_a_script_says_at_once_which_model_is_meant(server: LiveServer, tmp_path: Path) -> None:
    content = write_model(tmp_path / "m.onnx").read_bytes()
    boundary = "----scalpel-test"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="'
    parts = [f'{head}file"; filename="{name}"\r\n\r\n'.encode() + content + b"\r\n" for name in ("a.onnx", "b.onnx")]
    body = b"".join(parts) + f'{head}model"\r\n\r\nb.onnx\r\n--{boundary}--\r\n'.encode()
    answer = server.post("/api/sessions", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    assert (answer.status, answer.json()["name"]) == (201, "b.onnx")


def _link(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("split.onnx", files["split.onnx"])
        info = zipfile.ZipInfo("w.bin")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return packed.getvalue()


def _encrypted(files: dict[str, bytes]) -> bytes:
    packed = bytearray(zipped(files, zipfile.ZIP_STORED))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = packed.find(signature)
        while at >= 0:
            packed[at + flags] |= 1
            at = packed.find(signature, at + 4)
    return bytes(packed)


def _wrong_content(files: dict[str, bytes]) -> bytes:
    packed = bytearray(zipped(files, zipfile.ZIP_STORED))
    packed[packed.find(files["w.bin"])] ^= 1
    return bytes(packed)


def _wrong_bzip2(files: dict[str, bytes]) -> bytes:
    packed = bytearray(zipped({"split.onnx": files["split.onnx"]}, zipfile.ZIP_STORED))
    for signature, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", packed, packed.find(signature) + method, zipfile.ZIP_BZIP2)
    return bytes(packed)


BAD: dict[str, tuple[str, Any]] = {
    "a path that climbs": ("zip-escapes", lambda files: zipped(files | {"../evil.onnx": b"x"})),
    "an absolute path": ("zip-escapes", lambda files: zipped(files | {"/tmp/evil.onnx": b"x"})),
    "a Windows path that climbs": ("zip-escapes", lambda files: zipped(files | {"a\\..\\..\\evil.onnx": b"x"})),
    "a link": ("zip-escapes", _link),
    "encrypted": ("zip-encrypted", _encrypted),
    "cut off": ("zip-broken", lambda files: zipped(files)[:-30]),
    "changed content": ("zip-broken", _wrong_content),
    "compressed data that is none": ("zip-broken", _wrong_bzip2),
    "one name as file and folder": ("zip-broken", lambda files: zipped(files | {"w.bin/x": b"x"})),
    "no zip": ("zip-broken", lambda files: b"PK\x03\x04 and then nothing"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_zip_is_one_clear_line_and_leaves_nothing(server: LiveServer, files: dict[str, bytes], what: str) -> None:
    code, make = BAD[what]
    before = left_behind(server)
    answer = server.upload(("bad.zip", make(files)))
    assert (answer.status, answer.error["code"]) == (400, code)
    assert answer.error["message"].startswith("bad.zip ")
    assert answer.error["hint"]
    assert left_behind(server) == before
    assert not list(server.data_dir.parent.rglob("*evil*"))


def test_a_zip_may_have_any_name_beside_any_other_file(server: LiveServer, files: dict[str, bytes]) -> None:
    for name, beside in (("net.zip", "net.zip.part"), (f"{'z' * 251}.zip", "0.part")):
        session = opened(server, (name, zipped({"m.onnx": files["split.onnx"]})), (beside, b"something else"))
        stored = server.data_dir / "uploads" / session
        assert sorted(path.name for path in stored.iterdir()) == sorted([name, beside])
        assert (stored / beside).read_bytes() == b"something else"


def test_another_model_can_be_chosen_when_the_first_is_none(server: LiveServer, files: dict[str, bytes]) -> None:
    asked = server.upload(("both.zip", zipped({"a.onnx": b"no model", "split.onnx": files["split.onnx"]})))
    bad, good = ({k: v for k, v in choice.items() if k != "label"} for choice in asked.error["choices"])
    assert server.post("/api/sessions", bad).status == 400
    assert server.post("/api/sessions", good).status == 201


def test_a_zip_without_a_model_is_said_to_be_one(server: LiveServer) -> None:
    assert server.upload(("photos.zip", zipped({"a.jpg": b"\xff\xd8"}))).error["code"] == "zip"


def test_a_zip_that_becomes_too_large_stops_while_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = tmp_path / "bomb.zip"
    bomb.write_bytes(zipped({"m.onnx": bytes(4 << 20)}))
    monkeypatch.setattr(archives, "RATIO_FROM", 1 << 20)
    (tmp_path / "out").mkdir()
    with pytest.raises(AppError, match="too large") as refused:
        archives.unpack(bomb, tmp_path / "out", 1 << 30)
    assert refused.value.code == "zip-too-large"
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= 2 << 20


def test_a_zip_may_not_become_larger_than_an_upload_may_be(tmp_path: Path) -> None:
    archive = tmp_path / "large.zip"
    archive.write_bytes(zipped({"m.onnx": bytes(3 << 20)}))
    with pytest.raises(AppError, match="too large"):
        archives.unpack(archive, tmp_path, 2 << 20)


def test_a_size_that_an_archive_claims_wrongly_is_not_believed(tmp_path: Path) -> None:
    packed = bytearray(zipped({"m.onnx": bytes(3 << 20)}))
    at = packed.find(b"PK\x01\x02")
    packed[at + 24 : at + 28] = struct.pack("<L", 100)  # what it says that it becomes
    archive = tmp_path / "lies.zip"
    archive.write_bytes(packed)
    (tmp_path / "out").mkdir()
    with pytest.raises(AppError) as refused:
        archives.unpack(archive, tmp_path / "out", 2 << 20)
    assert refused.value.code == "zip-broken"


def test_a_table_of_contents_without_an_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "many.zip"
    archive.write_bytes(zipped({f"{n}.bin": b"" for n in range(300)}))
    monkeypatch.setattr(archives, "DIRECTORY_LIMIT", 10_000)
    with pytest.raises(AppError, match="more than") as refused:
        archives.member_names(archive)
    assert refused.value.code == "zip-too-many"
    assert list(tmp_path.iterdir()) == [archive]
