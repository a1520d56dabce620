"""Tests of resize-inputs: what is mended, what is proved, and who is named when it cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from onnx_scalpel.cli import main as cli
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from tests.laws import HEADER, check_edit, check_rejected, document_of
from tests.transforms.resizing import constant, dims, mended, model, resize

FLATTENED = """g (float[1,2,4,4] x) => (float[1,3] y) {
  r = Relu(x)
  f = Reshape(r, target)
  y = MatMul(f, w)
}"""


def flattened(target: list[int]) -> onnx.ModelProto:
    return model(FLATTENED, target=np.array(target), w=(32, 3))


@pytest.mark.parametrize("target", [[1, 32], [1, -1], [-1, 32]])
def test_the_batch_passes_through_a_reshape(target: list[int]) -> None:
    checked = check_edit(flattened(target), resize(x=[4, 2, 4, 4]))
    assert dims(checked.proto.graph.input[0]) == [4, 2, 4, 4]
    assert dims(checked.proto.graph.output[0]) == [4, 3]
    assert constant(checked, "target")[0] in (0, -1)
    assert checked.applied.report["proved"] == ["old size equal", "N=4 equals 4 singles"]


def test_a_batch_can_get_a_name() -> None:
    checked = check_edit(flattened([1, 32]), resize(x=["N", 2, 4, 4]))
    assert dims(checked.proto.graph.output[0]) == ["N", 3]
    assert mended(checked) == [("Reshape target", "[1, 32]", "[0, 32]")]
    assert checked.applied.report["proved"] == ["old size equal", "N=3 equals 3 singles", "N=2 equals 2 singles"]


def test_the_history_says_which_input_became_what() -> None:
    assert check_edit(flattened([1, 32]), resize(x=["N", 2, 4, 4])).applied.title == "Resized x to N×2×4×4"


def test_a_reshape_that_needs_nothing_is_left_alone() -> None:
    assert mended(check_edit(flattened([-1, 32]), resize(x=["N", 2, 4, 4]))) == []


def test_a_name_can_become_a_number_everywhere() -> None:
    text = "g (float[N,3] a, float[N,3] b) => (float[N,3] y) <float[N,3] s> { s = Add(a, b)\n y = Relu(s) }"
    graph = check_edit(text, resize(a=[8, 3])).proto.graph
    assert [dims(i) for i in (*graph.input, *graph.value_info, *graph.output)] == [[8, 3]] * 4


def test_an_input_may_be_meant_by_its_id() -> None:
    edit = {"kind": "resize-inputs", "shapes": {"value:x": ["N", 2, 4, 4]}}
    assert dims(check_edit(flattened([1, 32]), edit).proto.graph.input[0]) == ["N", 2, 4, 4]


def test_a_constant_that_others_read_is_cloned() -> None:
    text = """g (float[1,2,3] x, float[6] z) => (float[1,6] y, float[1,6] k) {
      y = Reshape(x, target)
      k = Reshape(z, target)
    }"""
    checked = check_edit(model(text, target=np.array([1, 6])), resize(x=["N", 2, 3]))
    assert constant(checked, "target") == [1, 6]
    assert checked.node_called("k").inputs[1] == "value:target"
    assert checked.node_called("y").inputs[1] != "value:target"


def test_what_the_author_left_open_says_which_place_of_size_1_grows() -> None:
    text = "g (float[N,6] x) => (float[1,N,6,1] y) { y = Reshape(x, target) }"
    assert mended(check_edit(model(text, target=np.array([1, -1, 6, 1])), resize(x=["M", 6]))) == []


def test_a_bound_that_is_far_beyond_every_size_stays() -> None:
    text = "g (float[1,8] x) => (float[1,5] y) { y = Slice(x, start, end, axis) }"
    tensors = {"start": np.array([3]), "end": np.array([100000], np.int64), "axis": np.array([1])}
    assert mended(check_edit(model(text, **tensors), resize(x=[1, 12]))) == []


def test_two_dims_that_follow_are_looked_up() -> None:
    text = """g (float[1,2,8,8] x) => (float[1,2,8,8] y) {
      f = Reshape(x, flat)
      n = Relu(f)
      y = Reshape(n, back)
    }"""
    proto = model(text, flat=np.array([1, 2, 64]), back=np.array([1, 2, 8, 8]))
    checked = check_edit(proto, resize(x=["N", 2, "H", "W"]))
    assert dims(checked.proto.graph.output[0]) == ["N", 2, "H", "W"]
    assert {n.op_type for n in checked.proto.graph.node} == {"Reshape", "Relu", "Shape", "Gather", "Concat"}


def test_two_dims_that_follow_are_numbers_where_the_sizes_are() -> None:
    text = """g (float[1,2,8,8] x) => (float[1,2,8,8] y) {
      f = Reshape(x, flat)
      n = Relu(f)
      y = Reshape(n, back)
    }"""
    proto = model(text, flat=np.array([1, 2, 64]), back=np.array([1, 2, 8, 8]))
    checked = check_edit(proto, resize(x=[1, 2, 16, 32]))
    assert dims(checked.proto.graph.output[0]) == [1, 2, 16, 32]
    assert len(checked.proto.graph.node) == 3


ATTENTION = """g (float[1,6,8] x) => (float[1,6,8] y) {
  p = MatMul(x, w)
  h = Reshape(p, split)
  t = Transpose <perm = [0, 2, 1, 3]> (h)
  k = Transpose <perm = [0, 2, 3, 1]> (h)
  s = MatMul(t, k)
  m = Add(s, mask)
  a = Softmax <axis = -1> (m)
  o = MatMul(a, t)
  b = Transpose <perm = [0, 2, 1, 3]> (o)
  y = Reshape(b, join)
}"""
MASK = np.where(np.tri(6, dtype=bool), 0, -1e9).astype("f4").reshape(1, 1, 6, 6)


def attention() -> onnx.ModelProto:
    return model(ATTENTION, w=(8, 8), split=np.array([1, 6, 2, 4]), join=np.array([1, 6, 8]), mask=MASK)


def test_a_causal_mask_grows_with_the_sequence() -> None:
    checked = check_edit(attention(), resize(x=[1, 9, 8]))
    assert np.array_equal(np.array(constant(checked, "mask_resized"))[0, 0] == 0, np.tri(9, dtype=bool))


def test_a_causal_mask_follows_a_sequence_without_a_fixed_length() -> None:
    checked = check_edit(attention(), resize(x=["N", "T", 8]))
    assert dims(checked.proto.graph.output[0]) == ["N", "T", 8]
    assert {"Range", "Less", "Where"} <= {n.op_type for n in checked.proto.graph.node}


def test_positions_that_count_up_are_counted_further() -> None:
    text = """g (float[1,4,3] x) => (float[1,4,3] y) {
      e = Gather(table, positions)
      y = Add(x, e)
    }"""
    proto = model(text, table=(16, 3), positions=np.arange(4).reshape(1, 4))
    checked = check_edit(proto, resize(x=[1, 7, 3]))
    assert constant(checked, "positions_resized") == [[0, 1, 2, 3, 4, 5, 6]]


def test_a_table_that_was_cut_to_the_old_length_is_cut_anew() -> None:
    text = """g (float[1,4,3] x) => (float[1,4,3] y) {
      p = Slice(table, start, end, axis)
      y = Add(x, p)
    }"""
    tensors = {"start": np.array([0]), "end": np.array([4]), "axis": np.array([1])}
    checked = check_edit(model(text, table=(1, 16, 3), **tensors), resize(x=[1, 7, 3]))
    assert constant(checked, "end") == [7]


def test_a_table_of_the_old_length_stands_in_the_way() -> None:
    text = "g (float[1,4,3] x) => (float[1,4,3] y) { y = Add(x, table) }"
    error = check_rejected(model(text, table=(1, 4, 3)), resize(x=[1, 7, 3]), says="the Add node y stands in the way")
    assert error.subjects == ("node:y",)
    assert error.hint


def test_a_class_token_is_expanded_to_the_batch() -> None:
    text = "g (float[1,4,3] x) => (float[1,5,3] y) { y = Concat <axis = 1> (token, x) }"
    checked = check_edit(model(text, token=(1, 1, 3)), resize(x=["N", 4, 3]))
    assert dims(checked.proto.graph.output[0]) == ["N", 5, 3]
    assert "Expand" in {n.op_type for n in checked.proto.graph.node}


RECURRENT = """g (float[5,1,3] x) => (float[5,1,1,4] y) {
  y = LSTM <hidden_size = 4> (x, w, r, , , h, c)
}"""


@pytest.mark.parametrize("shape", [[5, 3, 3], [5, "N", 3]])
def test_zero_states_of_an_lstm_get_the_batch(shape: list[int | str | None]) -> None:
    zeros = np.zeros((1, 1, 4), "f4")
    proto = model(RECURRENT, w=(1, 16, 3), r=(1, 16, 4), h=zeros, c=zeros)
    assert dims(check_edit(proto, resize(x=shape)).proto.graph.output[0]) == [5, 1, shape[1], 4]


def test_states_that_are_inputs_change_along() -> None:
    text = RECURRENT.replace("float[5,1,3] x", "float[5,1,3] x, float[1,1,4] h, float[1,1,4] c")
    checked = check_edit(model(text, w=(1, 16, 3), r=(1, 16, 4)), resize(x=[5, 3, 3]))
    assert [dims(i) for i in checked.proto.graph.input] == [[5, 3, 3], [1, 3, 4], [1, 3, 4]]
    assert [i["asked"] for i in checked.applied.report["inputs"]] == [True, False, False]


def test_the_end_of_a_slice_stays_the_end() -> None:
    text = "g (float[1,8] x) => (float[1,5] y) { y = Slice(x, start, end, axis) }"
    tensors = {"start": np.array([3]), "end": np.array([8]), "axis": np.array([1])}
    checked = check_edit(model(text, **tensors), resize(x=[1, 12]))
    assert dims(checked.proto.graph.output[0]) == [1, 9]


def test_the_last_step_stays_the_last() -> None:
    text = "g (float[1,8,3] x) => (float[1,3] y) { y = Gather <axis = 1> (x, last) }"
    checked = check_edit(model(text, last=np.array(7)), resize(x=[1, "T", 3]))
    assert constant(checked, "last") == -1


def test_a_reshape_that_moves_the_batch_becomes_a_transpose() -> None:
    text = """g (float[1,5,3] x) => (float[5,1,1,4] y) {
      s = Reshape(x, target)
      y = LSTM <hidden_size = 4> (s, w, r)
    }"""
    checked = check_edit(model(text, target=np.array([5, 1, 3]), w=(1, 16, 3), r=(1, 16, 4)), resize(x=["N", 5, 3]))
    assert [n.op_type for n in checked.proto.graph.node] == ["Transpose", "LSTM"]
    assert checked.applied.report["proved"][1] == "N=3 equals 3 singles"


def test_equal_parts_stay_equal() -> None:
    text = """g (float[8,3] x) => (float[4,3] y) {
      a, b = Split <axis = 0> (x, sizes)
      y = Add(a, b)
    }"""
    checked = check_edit(model(text, sizes=np.array([4, 4])), resize(x=[12, 3]))
    assert dims(checked.proto.graph.output[0]) == [6, 3]


def test_sizes_of_a_resize_become_a_scale() -> None:
    text = """g (float[1,2,8,8] x) => (float[1,2,16,16] y) {
      y = Resize <mode = "linear"> (x, , , sizes)
    }"""
    checked = check_edit(model(text, sizes=np.array([1, 2, 16, 16])), resize(x=["N", 2, "H", "W"]))
    assert [round(s, 3) for s in constant(checked, "y_2_resized")] == [1, 1, 2, 2]


def test_a_resize_to_the_size_of_an_earlier_map_follows_that() -> None:
    text = """g (float[1,2,9,9] x) => (float[1,4,9,9] y) {
      p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)
      u = Resize <mode = "nearest"> (p, , , sizes)
      y = Concat <axis = 1> (x, u)
    }"""
    checked = check_edit(model(text, sizes=np.array([1, 2, 9, 9])), resize(x=[1, 2, "H", "W"]))
    assert dims(checked.proto.graph.output[0]) == [1, 4, "H", "W"]


CLASSIFIER = """g (float[1,3,16,16] x) => (float[1,5] y) {
  c = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [2, 2]> (x, k)
  p = AveragePool <kernel_shape = [8, 8]> (c)
  f = Flatten(p)
  y = Gemm(f, w)
}"""


def test_a_pool_over_the_whole_map_becomes_a_global_one_where_a_classifier_needs_it() -> None:
    checked = check_edit(model(CLASSIFIER, k=(4, 3, 3, 3), w=(4, 5)), resize(x=[1, 3, "H", "W"]))
    assert "GlobalAveragePool" in {n.op_type for n in checked.proto.graph.node}
    assert dims(checked.proto.graph.output[0]) == [1, 5]


def test_a_classifier_that_flattens_its_map_names_its_weight() -> None:
    text = CLASSIFIER.replace("p = AveragePool <kernel_shape = [8, 8]> (c)", "p = Relu(c)")
    error = check_rejected(model(text, k=(4, 3, 3, 3), w=(256, 5)), resize(x=[1, 3, 32, 32]), says="256 features")
    assert error.subjects == ("node:y",)


def test_a_dim_that_is_squeezed_away_cannot_grow() -> None:
    text = "g (float[1,4] x) => (float[4] y) { y = Squeeze(x, axis) }"
    error = check_rejected(model(text, axis=np.array([0])), resize(x=[3, 4]))
    assert error.subjects == ("node:y",)


def test_samples_that_influence_each_other_are_told() -> None:
    text = "g (float[2,4] x) => (float[2,4] y) { m = ReduceMean <keepdims = 1> (x, axis)\n y = Sub(x, m) }"
    report = check_edit(model(text, axis=np.array([0])), resize(x=["N", 4])).applied.report
    assert report["warnings"] == ["ReduceMean m may mix the samples of a batch"]
    assert report["proved"][1:] == ["not per-sample: N=4 only runs", "N=3 runs"]


def test_a_model_that_does_not_run_cannot_be_proved() -> None:
    text = "g (float[1,4] x) => (float[1,4] y) { y = com.example.Twist(x) }"
    proto = onnx.parser.parse_model('<ir_version: 10, opset_import: ["" : 21, "com.example" : 1]>' + text)
    assert check_rejected(proto, resize(x=[3, 4]), says="does not run here").subjects == ("node:y",)


def test_asking_for_what_is_there_changes_nothing() -> None:
    assert check_edit(flattened([1, 32]), resize(x=[1, 2, 4, 4])).applied.delta.is_empty


def test_a_batch_that_stays_open_is_not_written_in() -> None:
    text = """g (float[N,6,4] x) => (float[N,3,8] y) { y = Reshape(x, target) }"""
    checked = check_edit(model(text, target=np.array([-1, 3, 8])), resize(x=["N", "T", 4]))
    assert constant(checked, "target") in ([0, -1, 8], [-1, 3, 8])
    assert dims(checked.proto.graph.output[0])[0] == "N"


def test_a_model_that_says_it_takes_any_length_but_does_not_is_run_at_the_one_it_takes() -> None:
    text = """g (float[N,T,4] x) => (float[M,2,2] y) { y = Reshape(x, target) }"""
    checked = check_edit(model(text, target=np.array([9, 2, 2])), resize(x=[1, "steps", 4]))
    assert constant(checked, "target") == [-1, 2, 2]


def test_indices_that_count_over_batch_and_time_are_counted_further() -> None:
    text = """g (float[2,3] x) => (float[2,3] y) {
      f = Reshape(x, flat)
      y = Gather <axis = 0> (f, indices)
    }"""
    proto = model(text, flat=np.array([6]), indices=np.arange(6).reshape(2, 3)[:, ::-1].copy())
    checked = check_edit(proto, resize(x=["N", 3]))
    assert dims(checked.proto.graph.output[0]) == ["N", 3]


def test_pairs_of_indices_are_counted_further_in_the_column_of_the_batch() -> None:
    text = """g (float[2,3] x, float[2,4,3] s) => (float[2,4,3] y) {
      m = GatherND(x, indices)
      y = Add(s, m)
    }"""
    pairs = np.stack(np.meshgrid(np.arange(2), np.arange(3), indexing="ij"), axis=-1).reshape(2, 1, 3, 2)
    proto = model(text, indices=pairs)
    checked = check_edit(proto, resize(x=["N", 3], s=["N", 4, 3]))
    assert checked.applied.report["proved"][1:] == [
        "N=4 equals 4 samples in runs of 2",
        "N=3 equals 3 samples in runs of 2",
    ]


def test_every_input_of_the_same_batch_may_have_to_change() -> None:
    text = """g (float[2,3] x, float[2,3] m) => (float[2,3] y) {
      s = SequenceConstruct(x, m)
      c = ConcatFromSequence <axis = 1> (s)
      y = MatMul(c, w)
    }"""
    checked = check_edit(model(text, w=(6, 3)), resize(x=[5, 3]))
    assert [dims(i) for i in checked.proto.graph.input] == [[5, 3], [5, 3]]


@pytest.mark.parametrize(
    ("shapes", "line"),
    [
        ({"q": [1]}, "q is no input of the model"),
        ({"x": [1, 2]}, "x has 4 dims, 2 were given"),
        ({"x": [1, 2, 4, 4], "value:x": [1, 2, 4, 4]}, "names x twice"),
        ({}, "must name at least one"),
        ({"x": [-1, 2, 4, 4]}, "'x' item 1: a dim is 0 or more; use null for an unknown one, or a name"),
        ({"x": "N"}, "'x': must be a list"),
    ],
)
def test_wrong_shapes_are_a_wrong_field(shapes: Any, line: str) -> None:
    document = document_of(flattened([1, 32]))
    with pytest.raises(AppError) as refused:
        apply_edit(document, parse_edit({"kind": "resize-inputs", "shapes": shapes}))
    assert refused.value.fields == {"shapes": line}


def test_a_recipe_written_by_hand_resizes_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(flattened([1, 32]).SerializeToString())
    (tmp_path / "recipe.json").write_text(json.dumps({"format": 1, "edits": [resize(x=["N", 2, 4, 4])]}))
    files = [str(tmp_path / name) for name in ("recipe.json", "model.onnx")]
    ran = CliRunner().invoke(cli, ["apply", *files, "-o", str(tmp_path / "out.onnx")])
    assert ran.exit_code == 0, ran.output
    assert dims(onnx.load(tmp_path / "out.onnx").graph.output[0]) == ["N", 3]


def test_an_input_with_a_default_is_refused() -> None:
    text = "g (float[2] x) => (float[2] y) <float[2] x = {1, 2}> { y = Relu(x) }"
    proto = onnx.parser.parse_model(HEADER + text)
    check_rejected(proto, resize(x=[3]), says="has a tensor as its default")
