"""Real runs in ONNX Runtime: made-up inputs, comparison with the opened model, clean errors, and models that do harm."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from onnx_scalpel.document.save import weightless
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.child import fork_job
from onnx_scalpel.jobs.limits import MIB, Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.validators.base import check_all
from onnx_scalpel.validators.runtime import RunRequest, dims_like, open_dims, run
from tests.laws import document_of
from tests.shared_models import model_paths, shared_model
from tests.validators.weightless_models import from_file, from_proto, from_text

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
HEAD = '<ir_version: 9, opset_import: ["" : 18]>\n'
LIMITS = Limits(cpu_seconds=20, wall_seconds=60, memory_bytes=1024 * MIB)


def in_job(work: Callable[[], Any], limits: Limits = LIMITS) -> JobOutcome:
    """As the session does it; the runtime's threads stay out of this process, which forks."""
    return fork_job(lambda progress: work(), limits).wait()


def result(model: WeightlessModel, original: WeightlessModel | None = None, **request: Any) -> dict[str, Any]:
    outcome = in_job(lambda: run(model, original, RunRequest(**request)))
    assert outcome.status == "done", outcome.error
    found: dict[str, Any] = outcome.result
    return found


def failure(model: WeightlessModel, **request: Any) -> AppError:
    outcome = in_job(lambda: run(model, None, RunRequest(**request)))
    assert outcome.error is not None
    return outcome.error


def test_a_run_tells_what_each_output_holds() -> None:
    told = result(from_text(HEAD + "main (float[2, 3] x) => (float[2, 3] y, int64[2] s) { y = Relu(x)  s = Shape(x) }"))
    relu, shape = told["outputs"]
    assert (relu["name"], relu["value"], relu["dtype"], relu["shape"]) == ("y", "value:y", "float32", [2, 3])
    assert relu["minimum"] >= 0
    assert (relu["nans"], relu["infinities"], relu["difference"]) == (0, 0, None)
    assert (shape["minimum"], shape["maximum"], shape["mean"]) == (2, 3, 2.5)
    assert told["milliseconds"] > 0
    assert told["original_milliseconds"] is None


def test_nans_and_infinities_are_counted_and_left_out_of_the_mean() -> None:
    text = (
        HEAD
        + "main () => (float[4] y) <float[4] a = {1.0, 0.0, -1.0, 2.0}, float[4] b = {0.0, 0.0, 0.0, 2.0}> { y = Div(a, b) }"
    )
    output = result(from_text(text))["outputs"][0]
    assert (output["nans"], output["infinities"], output["mean"]) == (1, 2, 1.0)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    model = from_text(HEAD + "main (float[64] x) => (float[64] y) { y = Neg(x) }")
    means = [result(model, seed=seed)["outputs"][0]["mean"] for seed in (1, 1, 2)]
    assert means[0] == means[1] != means[2]


def test_open_sizes_are_asked_for_with_suggestions() -> None:
    model = from_text(
        HEAD + "main (float[batch, 3, height, width] x, float[?, 4] z) => (float[?, ?] y) { y = Identity(z) }"
    )
    assert open_dims(model) == {"batch": 1, "height": 224, "width": 224, "z:0": 1}
    asked = failure(model)
    assert (asked.code, asked.status) == ("choice-needed", 409)
    assert asked.fields is not None
    assert set(asked.fields) == {"batch", "height", "width", "z:0"}


def test_a_name_means_one_size_in_all_inputs_and_a_sum_follows_from_its_parts() -> None:
    graph = helper.make_graph(
        [helper.make_node("Shape", ["mask"], ["y"])],
        "g",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "sequence"]),
            helper.make_tensor_value_info("past", TensorProto.FLOAT, ["batch", 2, "past_sequence", 8]),
            helper.make_tensor_value_info("mask", TensorProto.INT64, ["batch", "past_sequence + sequence"]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.INT64, [2])],
    )
    model = from_proto(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9))
    assert list(open_dims(model)) == ["batch", "sequence", "past_sequence"]
    told = result(model, dims={"batch": 2, "sequence": 3, "past_sequence": 4})
    assert [i["shape"] for i in told["inputs"]] == [[2, 3], [2, 2, 4, 8], [2, 7]]
    assert told["inputs"][2]["how"] == "ones (a mask)"


def test_ids_stay_within_the_table_that_they_index() -> None:
    text = (
        HEAD + "main (int64[50] input_ids) => (float[50, 2] y) <float[3, 2] table = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}> {"
    )
    text += " i = Identity(input_ids)  y = Gather(table, i) }"
    told = result(from_text(text))
    assert told["inputs"][0]["how"] == "random, 0 to 2 (rows of its table)"
    assert told["outputs"][0]["maximum"] == 6


@pytest.mark.parametrize("kind", ["bool", "string", "uint8", "float16", "bfloat16", "double", "seq(float[2])"])
def test_inputs_of_every_kind_can_be_made_up(kind: str) -> None:
    declared = kind if kind.startswith("seq") else f"{kind}[2]"
    text = HEAD + f"main ({declared} x, float[1] a) => (float[1] y) {{ z = Identity(x)  y = Neg(a) }}"
    assert result(from_text(text))["outputs"][0]["shape"] == [1]


def test_an_edited_model_is_compared_by_value_whatever_its_outputs_are_called() -> None:
    text = HEAD + "main (float[8] {i}) => (float[8] {o}) <float[1] w = {{{w}}}> {{ {o} = Mul({i}, w) }}"
    original = from_text(text.format(i="x", o="y", w="2.0"))
    plain = from_text(text.format(i="image", o="features", w="2.5"))
    known = {"image": "value:x", "features": "value:y", "w": "value:w"}
    edited = WeightlessModel(plain.proto, plain.folder, plain.node_ids, {}, lambda graph, name: known.get(name))
    output = result(edited, original)["outputs"][0]
    assert output["value"] == "value:y"
    assert output["equal"] is False
    assert output["difference"] > 0.1
    assert output["note"] == ""
    same = result(original, original)["outputs"][0]
    assert (same["equal"], same["difference"]) == (True, 0.0)


def test_what_cannot_be_compared_says_why() -> None:
    original = from_text(HEAD + "main (float[8] x) => (float[8] y) { y = Neg(x) }")
    reshaped = from_text(HEAD + "main (float[8] x) => (float[1] y) { y = ReduceSum(x) }")
    output = result(reshaped, original)["outputs"][0]
    assert output["note"] == "the opened model gives shape [8]"
    broken = from_text(HEAD + "main (float[8] x) => (float[8] y) { y = Nonsense(x) }")
    output = result(original, broken)["outputs"][0]
    assert output["equal"] is None
    assert "the opened model does not run" in output["note"]


def test_sizes_that_the_opened_model_leaves_open_are_those_of_the_edited_one() -> None:
    original = from_text(HEAD + "main (float[N, 4] x) => (float[N, 4] y) { y = Neg(x) }")
    fixed = from_text(HEAD + "main (float[5, 4] x) => (float[5, 4] y) { y = Neg(x) }")
    output = result(fixed, original)["outputs"][0]
    assert (output["equal"], output["difference"], output["note"]) == (True, 0.0, "")


def test_sizes_that_the_edited_model_leaves_open_can_be_those_of_the_opened_one() -> None:
    fixed = from_text(HEAD + "main (float[1, 3, 64, 48] x, float[5] z) => (float[1, 3, 64, 48] y) { y = Neg(x) }")
    opened = from_text(HEAD + "main (float[1, 3, H, ?] x, float[K] w) => (float[1, 3, H, ?] y) { y = Neg(x) }")
    assert dims_like(opened, fixed) == {"H": 64, "x:3": 48, "K": 1}
    assert result(opened, fixed, dims=dims_like(opened, fixed))["outputs"][0]["equal"] is True


def test_outputs_on_other_inputs_are_not_compared() -> None:
    original = from_text(HEAD + "main (float[2, 4] x) => (float[2, 4] y) { y = Neg(x) }")
    larger = from_text(HEAD + "main (float[5, 4] x) => (float[5, 4] y) { y = Neg(x) }")
    output = result(larger, original)["outputs"][0]
    assert (output["equal"], output["difference"]) == (None, None)
    assert output["note"] == "the input 'x' of the opened model got data of its own: its type or shape differs"


def test_an_operator_without_a_kernel_is_named() -> None:
    text = (
        '<ir_version: 9, opset_import: ["" : 18, "acme" : 1]>\nmain (float[4] x) => (float[4] y) { y = acme.Magic(x) }'
    )
    error = failure(from_text(text))
    assert error.code == "no-kernel"
    assert (
        error.message == "ONNX Runtime has no kernel here for 'Magic' of the domain 'acme', so the model cannot be run"
    )
    assert error.subjects == ("node:y",)


def test_a_failing_node_is_named_without_paths_and_source_files() -> None:
    text = HEAD + "main (float[2, 3] x, int64[2] s) => (float[?, ?] y) { [bend] y = Reshape(x, s) }"
    error = failure(from_text(text), seed=3)
    assert error.code == "run-failed"
    assert error.message.startswith("The run failed in the Reshape node 'bend': ")
    assert error.subjects == ("node:y",)
    assert not any(part in error.message for part in (".cc", "::", "onnxruntime_src", "Status Message"))


def test_external_weights_are_found_beside_the_model_and_nothing_is_written_there(tmp_path: Path) -> None:
    np.full(4, 3, np.float32).tofile(tmp_path / "w.bin")
    tensor = TensorProto(name="w", dims=[4], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="w.bin")
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
    graph = helper.make_graph([helper.make_node("Neg", ["w"], ["y"])], "g", [], [output], [tensor])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    model = from_proto(proto, tmp_path)
    outcome = fork_job(lambda progress: run(model, None, RunRequest()), LIMITS, cwd=tmp_path).wait()
    assert outcome.result["outputs"][0]["mean"] == -3
    assert [p.name for p in tmp_path.iterdir()] == ["w.bin"]


@pytest.mark.parametrize(
    "name", ["bert_base_depth12_legacy_op14", "gpt2_depth12_kvcache_legacy_op17", "resnet50_legacy_op13"]
)
def test_exported_models_run_on_the_suggested_sizes(name: str) -> None:
    model = from_file(shared_model(f"exported/{name}.onnx"))
    outcome = fork_job(
        lambda progress: run(model, model, RunRequest(dims=open_dims(model))), LIMITS, cwd=model.folder
    ).wait()
    assert outcome.status == "done", outcome.error
    assert all(o["equal"] and o["nans"] == 0 for o in outcome.result["outputs"])


def test_most_real_models_run_on_made_up_inputs() -> None:
    paths = [p for p in model_paths("real") if p.stat().st_size < 200_000][:30]
    if not paths:
        pytest.skip("the collection of models is not on this machine")
    ended = []
    for path in paths:
        model = from_file(path)
        ended.append(in_job(lambda m=model: run(m, None, RunRequest(dims=open_dims(m)))))  # type: ignore[misc]
    assert sum(o.status == "done" for o in ended) > len(ended) * 0.6
    assert {o.status for o in ended} == {"done", "failed"}
    assert all(o.error is None or o.error.code != "job-failed" for o in ended)


def laughs(levels: int) -> WeightlessModel:
    """Functions that double at each level: 2 KB of file, 2 to the power of `levels` nodes."""
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("f", 1)]
    functions = [helper.make_function("f", "L0", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], opsets)]
    for i in range(1, levels + 1):
        nodes = [helper.make_node(f"L{i - 1}", [a], [b], domain="f") for a, b in (("a", "t"), ("t", "b"))]
        functions.append(helper.make_function("f", f"L{i}", ["a"], ["b"], nodes, opsets))
    io = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1]) for n in "xy"]
    graph = helper.make_graph([helper.make_node(f"L{levels}", ["x"], ["y"], domain="f")], "g", [io[0]], [io[1]])
    return from_proto(helper.make_model(graph, opset_imports=opsets, functions=functions, ir_version=9))


def test_a_model_that_crashes_the_runtime_is_told_as_a_crash() -> None:
    text = '<ir_version: 11, opset_import: ["" : 23]>\nmain (float[1, 2, 8] q) => (float[?, ?, ?] y) '
    model = from_text(text + "{ y = Attention <q_num_heads = 0, kv_num_heads = 0> (q, q, q) }")
    outcome = in_job(lambda: run(model, None, RunRequest()))
    assert outcome.status == "crashed"
    assert outcome.error
    assert "SIGFPE" in outcome.error.message


def test_a_model_that_hangs_inference_is_stopped() -> None:
    outcome = in_job(lambda: check_all(laughs(40)), Limits(cpu_seconds=1, wall_seconds=30, memory_bytes=1024 * MIB))
    assert outcome.status in ("timed-out", "out-of-memory")


def test_a_model_that_eats_memory_is_stopped() -> None:
    nodes = [helper.make_node("Concat", [f"t{i}"] * 2, [f"t{i + 1}"], axis=0) for i in range(40)]
    io = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [s]) for n, s in (("t0", 1024), ("t40", None))]
    graph = helper.make_graph(nodes, "g", [io[0]], [io[1]])
    model = from_proto(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9))
    outcome = in_job(
        lambda: run(model, None, RunRequest()), Limits(cpu_seconds=20, wall_seconds=60, memory_bytes=256 * MIB)
    )
    assert outcome.status == "out-of-memory"


def test_a_model_that_loops_for_ever_is_stopped() -> None:
    model = from_file(shared_model("odd/run_bomb_infinite_loop.onnx"))
    limits = Limits(cpu_seconds=1, wall_seconds=30, memory_bytes=1024 * MIB)
    outcome = in_job(lambda: run(model, None, RunRequest(dims=open_dims(model))), limits)
    assert outcome.status in ("timed-out", "out-of-memory")


@pytest.mark.parametrize(
    "declared",
    [
        "float[0, 9223372036854775807, 8]",
        f"float[{', '.join(['1'] * 65)}]",
        "seq(int64[9999999999])",
        "string[99999999999]",
    ],
)
def test_an_input_that_no_array_can_be_is_told_as_too_large(declared: str) -> None:
    model = from_text(f"{HEAD}main ({declared} x) => (bool[1] y) <bool[1] t = {{1}}> {{ y = Identity(t) }}")
    error = failure(model)
    assert (error.code, error.subjects) == ("input-too-large", ("value:x",))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float8e4m3fn", "uint16", "uint32", "uint64", "float64"])
def test_large_tensors_that_edits_made_need_no_room_in_what_the_runtime_reads(
    dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proto = onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 21]> g (float[1] x) => (float[512, 512] y) { y = Add(x, w) }'
    )
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.full((512, 512), 3, np.float32), "w"))
    document = document_of(proto)
    opened = weightless(document)
    cast = {"kind": "cast-tensor", "values": ["value:w"], "to": dtype, "mismatch": "cast"}
    apply_edit(document, parse_edit(cast))
    monkeypatch.setattr("onnx_scalpel.document.weightless.PROTO_LIMIT", 100_000)
    model, readable = weightless(document), (document.file.store.folder, document.path.parent)
    outcome = fork_job(lambda progress: run(model, opened, RunRequest()), LIMITS, readable=readable).wait()
    assert outcome.status == "done", outcome.error
    assert outcome.result["outputs"][0]["equal"]
