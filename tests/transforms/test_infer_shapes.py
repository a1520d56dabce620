"""Tests of infer-shapes."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from tests.laws import HEADER, check_edit
from tests.shared_models import shared_model

EDIT = {"kind": "infer-shapes"}
MODEL = """g (float[N,3] x) => (float[N,4] y) <float[3,4] w = {1,1,1,1,1,1,1,1,1,1,1,1}> {
  a = MatMul(x, w)
  b = Relu(a)
  y = Neg(b)
}"""


def declared(graph: onnx.GraphProto) -> dict[str, str]:
    """Value name -> its type in value_info, as in 'float32 [N, 3]'."""
    return {info.name: text_of(info) for info in graph.value_info}


def text_of(info: onnx.ValueInfoProto) -> str:
    tensor = info.type.tensor_type
    dims = [d.dim_param or (str(d.dim_value) if d.HasField("dim_value") else "?") for d in tensor.shape.dim]
    return f"{onnx.TensorProto.DataType.Name(tensor.elem_type)} {' '.join(dims)}"


def test_types_are_written_where_there_were_none() -> None:
    checked = check_edit(MODEL, EDIT)
    assert declared(checked.proto.graph) == {"a": "FLOAT N 4", "b": "FLOAT N 4"}
    assert checked.applied.report == {"filled": 2, "completed": 0, "corrected": [], "corrections": 0, "unknown": 0}


def test_the_history_says_how_many_had_no_type() -> None:
    assert check_edit(MODEL, EDIT).applied.title == "Inferred the types of 2 values"


def test_names_of_dims_that_the_author_gave_stay() -> None:
    model = MODEL.replace("<float[3,4]", "<float[rows,4] b, float[3,4]")
    assert declared(check_edit(model, EDIT).proto.graph)["b"] == "FLOAT rows 4"


def test_a_wrong_declaration_is_corrected_and_told() -> None:
    model = MODEL.replace("<float[3,4]", "<float[N,7] b, float[3,4]")
    checked = check_edit(model, EDIT)
    assert declared(checked.proto.graph)["b"] == "FLOAT N 4"
    assert checked.applied.report["corrected"] == [
        {"value": "value:b", "declared": "float32 N×7", "found": "float32 N×4"}
    ]


def test_the_rank_of_an_output_that_declares_none_is_filled() -> None:
    model = onnx.parser.parse_model(HEADER + MODEL)
    model.graph.output[0].type.tensor_type.ClearField("shape")
    checked = check_edit(model, EDIT)
    assert text_of(checked.proto.graph.output[0]) == "FLOAT N 4"
    assert checked.applied.report["completed"] == 1


def test_a_dim_that_nothing_is_known_about_gets_no_name() -> None:
    model = """g (float[N,3] x) => (int64[2,M] y) { i = NonZero(x)
 y = Neg(i) }"""
    assert declared(check_edit(model, EDIT).proto.graph) == {"i": "INT64 2 ?"}


def test_values_in_bodies_get_types() -> None:
    model = """g (bool c, float[3] x) => (float[3] y) {
      y = If (c) <then_branch = t () => (float[3] p) { q = Neg(x)
 p = Abs(q) }, else_branch = e () => (float[3] r) { r = Neg(x) }>
    }"""
    body = check_edit(model, EDIT).proto.graph.node[0].attribute[0].g
    assert declared(body) == {"q": "FLOAT 3"}


def test_a_sequence_gets_its_type() -> None:
    model = """g (float[3] x) => (int64 n) { s = SequenceConstruct(x, x)
 n = SequenceLength(s) }"""
    info = check_edit(model, EDIT).proto.graph.value_info[0]
    assert info.type.sequence_type.elem_type.tensor_type.shape.dim[0].dim_value == 3


def test_a_second_time_there_is_nothing_left() -> None:
    once = check_edit(onnx.parser.parse_model(HEADER + MODEL), EDIT).proto
    assert check_edit(once, EDIT).applied.delta.is_empty


@pytest.mark.parametrize("name", ["real/silero-vad__silero_vad_16k_op15.onnx", "real/onnx2c__lesson14.onnx"])
def test_real_models_keep_the_laws(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "model.onnx"
    copy.write_bytes(shared_model(name).read_bytes())
    report = check_edit(copy, EDIT).applied.report
    assert report["filled"] + report["completed"] + report["unknown"] > 0
