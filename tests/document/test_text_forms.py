"""Text forms are read and written as onnx does it, and nothing is lost in silence."""

from __future__ import annotations

import warnings
from pathlib import Path

import onnx
import pytest
from google.protobuf.message import DecodeError
from onnx.serialization import registry

from onnx_scalpel.document.endings import TEXT_FORMS, binary_name, is_model_name, text_form
from onnx_scalpel.document.text_forms import read_text, text_form_of, write_text
from onnx_scalpel.errors import AppError
from tests.document.models import BRANCHES, CHAIN, HEAD
from tests.shared_models import REPOSITORY, model_paths

FORMS = list(TEXT_FORMS)
SAMPLES = sorted((REPOSITORY / "sample_models").glob("*.onnx"))


def written_by_onnx(form: str, model: onnx.ModelProto) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text: bytes = registry.get(form).serialize_proto(model)
    return text


def test_every_ending_that_onnx_reads_as_text_is_one_here_too() -> None:
    known = registry._extension_to_format
    assert {ending: text_form(f"net{ending}") for ending, form in known.items() if form != "protobuf"} == {
        ending: form for ending, form in known.items() if form != "protobuf"
    }
    assert text_form("net.onnx") == text_form("net.pb") == text_form("net") == ""
    assert text_form("NET.ONNX.TXT") == "onnxtxt"


@pytest.mark.parametrize(
    ("name", "binary"),
    [
        ("a.textproto", "a.onnx"),
        ("a.onnx.json", "a.onnx"),
        ("a.onnx.txt", "a.onnx"),
        ("a.onnx", "a.onnx"),
        ("a", "a.onnx"),
    ],
)
def test_the_binary_form_has_the_same_name(name: str, binary: str) -> None:
    assert binary_name(name) == binary


def test_a_name_that_other_programs_use_too_says_nothing() -> None:
    assert [n for n in ("a.json", "a.prototxt", "a.pbtxt", "a.txt", "a.onnxjson", "a.txtpb") if is_model_name(n)] == [
        "a.onnxjson",
        "a.txtpb",
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_what_onnx_wrote_is_read_as_onnx_reads_it(form: str, sample: Path) -> None:
    text = written_by_onnx(form, onnx.load(sample))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = registry.get(form).deserialize_proto(text, onnx.ModelProto())
    assert read_text(form, text, "net") == expected.SerializeToString()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_what_is_written_is_what_onnx_writes(form: str, sample: Path) -> None:
    assert write_text(form, sample.read_bytes()) == written_by_onnx(form, onnx.load(sample))


@pytest.mark.parametrize("form", ["textproto", "json"])
@pytest.mark.parametrize("path", model_paths("odd"), ids=lambda path: path.name)
def test_odd_models_come_back_whole_or_are_refused(form: str, path: Path) -> None:
    model = onnx.ModelProto()
    try:
        model.ParseFromString(path.read_bytes())
    except DecodeError:
        pytest.skip("protobuf itself cannot read it")
    binary = model.SerializeToString()
    try:
        text = write_text(form, binary)
    except AppError as error:
        assert error.code == "text-loses"
        assert path.name in ("unknown_protobuf_fields.onnx", "invalid_utf8_names.onnx"), error.message
        return
    assert read_text(form, text, "net") == binary


def test_onnx_text_that_would_lose_something_is_not_written() -> None:
    model = onnx.parser.parse_model(HEAD + CHAIN)
    model.graph.doc_string = "a note"
    with pytest.raises(AppError, match=r"ONNX text cannot hold all of this model: graph.doc_string") as refused:
        write_text("onnxtxt", model.SerializeToString())
    assert (refused.value.code, refused.value.hint) == (
        "text-loses",
        "save it as .onnx, or as .textproto, which holds everything",
    )


@pytest.mark.parametrize("form", FORMS)
def test_what_was_read_from_text_is_written_to_the_same_form_again(form: str) -> None:
    binary = read_text(form, written_by_onnx(form, onnx.parser.parse_model(HEAD + BRANCHES)), "net")
    assert read_text(form, write_text(form, binary), "net") == binary


MISTAKES = {
    "textproto": ('ir_version: 8\ngraph {\n  name: "g"\n  nodes { }\n}', 'line 4, column 3: there is no field "nodes"'),
    "json": ('{"irVersion": "8",\n "graph": {"name": "g",,}}', "line 2, column"),
    "onnxtxt": (
        '<ir_version: 8, opset_import: ["" : 17]>\ng (float[1] x) => (float[1] y) {\n y = Relu(x\n}',
        "line: 4",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_mistake_in_a_model_is_told_with_its_place(form: str) -> None:
    text, where = MISTAKES[form]
    with pytest.raises(AppError) as refused:
        read_text(form, text.encode(), f"net.{form}")
    assert refused.value.code == "bad-text"
    assert where.replace("line: 4", "line 4").replace('"nodes"', "'nodes'") in refused.value.message
    assert "onnx.ModelProto" not in refused.value.message


@pytest.mark.parametrize("number", ["float[999999999999999999999]", "float[2] x, float[-99999999999999999999]"])
def test_a_number_beyond_all_bounds_is_refused(number: str) -> None:
    with pytest.raises(AppError) as refused:
        read_text("onnxtxt", f"{HEAD} g ({number} a) => (float y) {{ y = Neg(a) }}".encode(), "net")
    assert refused.value.code == "bad-text"


@pytest.mark.parametrize(
    ("form", "text", "code"),
    [
        ("json", '{"name": "a package", "version": "1.0.0"}', "json-text"),
        ("json", "[1, 2, 3]", "json-text"),
        ("json", "no json at all", "json-text"),
        ("textproto", 'name: "net"\nlayer { name: "conv1" type: "Convolution" }', "textproto"),
        ("textproto", 'node { name: "x" op: "Placeholder" }', "textproto"),
        ("onnxtxt", "just some words", "plain-text"),
    ],
)
def test_text_of_something_else_is_said_to_be_no_model(form: str, text: str, code: str) -> None:
    with pytest.raises(AppError, match="no ONNX model") as refused:
        read_text(form, text.encode(), "net")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("json", '{"ir_version": 8, "graph": ' + '{"node": [{"attribute": [{"g": ' * 200 + "{}" + "}]}]}" * 200 + "}"),
        ("json", '{"ir_version": 8, "graph": ' + "[" * 100_000),
        ("textproto", "ir_version: 8\ngraph { " + "node { attribute { g { " * 200 + "} } } " * 200 + "}"),
    ],
)
def test_nesting_without_an_end_is_refused(form: str, text: str) -> None:
    with pytest.raises(AppError) as refused:
        read_text(form, text.encode(), "net")
    assert refused.value.code in ("nested-too-deep", "bad-text")


def test_a_file_is_text_only_if_its_name_and_its_content_say_so(tmp_path: Path) -> None:
    binary = onnx.parser.parse_model(HEAD + CHAIN).SerializeToString()
    (tmp_path / "binary.pbtxt").write_bytes(binary)
    (tmp_path / "text.pbtxt").write_bytes(b"ir_version: 8")
    (tmp_path / "text.onnx").write_bytes(b"ir_version: 8")
    forms = {name: text_form_of(tmp_path / name) for name in ("binary.pbtxt", "text.pbtxt", "text.onnx", "none.json")}
    assert forms == {"binary.pbtxt": "", "text.pbtxt": "textproto", "text.onnx": "", "none.json": ""}
