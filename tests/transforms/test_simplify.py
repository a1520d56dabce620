"""The edit simplify: less of the model, the same outputs, and everything that survives is what it was."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnx_scalpel.document.load import open_model
from onnx_scalpel.document.save import model_bytes
from onnx_scalpel.edits.base import apply_edit, parse_edit
from onnx_scalpel.errors import EditRejected
from onnx_scalpel.transforms.engines import running
from onnx_scalpel.transforms.matching import merged_attributes
from tests.laws import Checked, check_edit, check_rejected, document_of

ENGINES = ("onnxsim", "onnxruntime-basic", "onnxslim")
# Identity chains, a constant sum, and a Reshape whose target is computed from constants
WORDY = """
<ir_version: 10, opset_import: ["" : 17], producer_name: "tests">
wordy (float[2, 8] x) => (float[4, 4] y)
<float[8] one = {1, 1, 1, 1, 1, 1, 1, 1}, float[8] two = {2, 2, 2, 2, 2, 2, 2, 2}, int64[1] four = {4}>
{
  [through] a = Identity(x)
  [sum] three = Add(one, two)
  [scaled] b = Mul(a, three)
  [target] shape = Concat<axis = 0>(four, four)
  [turned] r = Reshape(b, shape)
  [last] y = Relu(r)
}
"""
BRANCHES = """
<ir_version: 10, opset_import: ["" : 17]>
g (bool c, float[4] x) => (float[4] y)
<float[4] one = {1, 1, 1, 1}, float[4] two = {2, 2, 2, 2}>
{
  three = Add(one, two)
  y = If (c) <
    then_branch = yes () => (float[4] t) { t = Mul (x, three) },
    else_branch = no () => (float[4] e) { e = Neg (x) }
  >
}
"""


def simplify(model: Any, **parameters: Any) -> Checked:
    return check_edit(model, {"kind": "simplify", **parameters})


def operators(checked: Checked) -> Counter[str]:
    return Counter(node.op_type for node in checked.proto.graph.node)


def with_metadata(text: str) -> onnx.ModelProto:
    """The model with something to lose: documentation and metadata of a node that survives."""
    model = onnx.parser.parse_model(text)
    node = model.graph.node[-1]
    node.doc_string = "keeps what is positive"
    node.metadata_props.add(key="scope", value="head")
    return model


def conv_and_norm() -> onnx.ModelProto:
    random = np.random.default_rng(0)
    tensors = {
        "w": random.standard_normal((64, 32, 5, 5), dtype=np.float32),
        "scale": np.full(64, 2, np.float32),
        "bias": np.ones(64, np.float32),
        "mean": np.zeros(64, np.float32),
        "var": np.ones(64, np.float32),
    }
    model = onnx.parser.parse_model("""
        <ir_version: 10, opset_import: ["" : 17]>
        g (float[1, 32, 9, 9] x) => (float[1, 64, 5, 5] y) {
          [conv] c = Conv(x, w)
          [norm] n = BatchNormalization(c, scale, bias, mean, var)
          [act] y = Relu(n)
        }""")
    model.graph.initializer.extend(onnx.numpy_helper.from_array(data, name) for name, data in tensors.items())
    return model


@pytest.mark.parametrize("engine", ENGINES)
def test_constants_are_folded_and_what_does_nothing_goes(engine: str) -> None:
    checked = simplify(WORDY, engine=engine)
    assert operators(checked) == {"Mul": 1, "Reshape": 1, "Relu": 1}
    assert {tensor.name for tensor in checked.proto.graph.initializer} >= {"three"}
    assert "one" not in {tensor.name for tensor in checked.proto.graph.initializer}
    onnx.checker.check_model(checked.proto, full_check=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_report_says_which_operators_went_and_that_the_outputs_are_equal(engine: str) -> None:
    report = simplify(WORDY, engine=engine).applied.report
    assert report["nodes"] == {"before": 6, "after": 3}
    gone = [(one["op_type"], one["before"], one["after"]) for one in report["operators"]]
    assert gone == [("Add", 1, 0), ("Concat", 1, 0), ("Identity", 1, 0)]
    assert [(output["name"], output["equal"]) for output in report["outputs"]] == [("y", True)]


@pytest.mark.parametrize("engine", ENGINES)
def test_survivors_keep_ids_names_documentation_and_metadata(engine: str) -> None:
    checked = simplify(with_metadata(WORDY), engine=engine)
    last = checked.node_called("y")
    assert (last.id, last.name, last.doc, last.metadata) == (
        "node:y",
        "last",
        "keeps what is positive",
        (("scope", "head"),),
    )
    assert checked.node_called("b").name == "scaled"


def test_inputs_outputs_and_what_the_model_says_of_itself_stay() -> None:
    before = onnx.parser.parse_model(WORDY)
    after = simplify(WORDY, engine="onnxruntime-basic").proto
    assert list(after.graph.input) == list(before.graph.input)
    assert list(after.graph.output) == list(before.graph.output)
    assert (after.producer_name, after.ir_version) == ("tests", 10)
    assert list(after.opset_import) == list(before.opset_import)


def test_no_inferred_type_is_written_into_the_model() -> None:
    assert list(simplify(WORDY).proto.graph.value_info) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_norm_is_fused_into_its_convolution_which_stays_the_same_node(engine: str) -> None:
    checked = simplify(conv_and_norm(), engine=engine)
    assert operators(checked) == {"Conv": 1, "Relu": 1}
    assert [node.name for node in checked.proto.graph.node if node.op_type == "Conv"] == ["conv"]
    assert all(output["equal"] for output in checked.applied.report["outputs"])


def test_large_new_weights_are_no_part_of_the_delta() -> None:
    checked = simplify(conv_and_norm())
    held = [v.tensor for v in map(checked.document.value, checked.document.value_ids()) if v.tensor]
    assert any(tensor.digest for tensor in held)
    assert all(len(tensor.proto) < 65536 for tensor in held)


def test_weights_that_did_not_change_stay_where_they_were() -> None:
    model = conv_and_norm()
    model.graph.node[1].op_type, model.graph.node[2].op_type = "BatchNormalization", "Identity"
    del model.graph.node[1]
    model.graph.node[1].input[0] = "c"
    checked = simplify(model)
    weight = checked.document.value("value:w").tensor
    assert weight is not None and weight.source == "value:w"


def test_bodies_read_what_was_folded_outside() -> None:
    checked = simplify(BRANCHES)
    assert operators(checked) == {"If": 1}
    assert all(output["equal"] for output in checked.applied.report["outputs"])
    onnx.checker.check_model(checked.proto, full_check=True)


def test_local_functions_go_when_an_engine_inlines_them() -> None:
    model = """
        <ir_version: 10, opset_import: ["" : 17, "local" : 1]>
        g (float[2] x) => (float[2] y) { a = Identity(x)  y = local.twice(a) }
        <opset_import: ["" : 17], domain: "local"> twice (v) => (w) { w = Add(v, v) }
    """
    checked = simplify(model, engine="onnxruntime-basic")
    assert operators(checked) == {"Add": 1}
    assert list(checked.proto.functions) == []


def test_symbolic_dims_stay_and_get_sizes_for_the_comparison() -> None:
    checked = simplify("""
        <ir_version: 10, opset_import: ["" : 17]>
        g (float[N, 2] x) => (float[N, 2] y) <float[2] one = {1, 1}>
        { a = Identity(x)  two = Add(one, one)  y = Mul(a, two) }
    """)
    assert checked.proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"
    assert checked.applied.report["dims"].keys() == {"N"}


@pytest.mark.parametrize("engine", ENGINES)
def test_new_nodes_are_standard_ones_whatever_the_import_calls_the_standard_domain(engine: str) -> None:
    model = conv_and_norm()
    model.opset_import[0].domain = "ai.onnx"
    checked = simplify(model, engine=engine)
    assert {node.domain for node in checked.proto.graph.node} == {""}
    onnx.checker.check_model(checked.proto)


# what is kept


def test_nothing_is_folded_or_fused_across_what_is_kept() -> None:
    checked = simplify(conv_and_norm(), keep=["norm"])
    assert operators(checked)["BatchNormalization"] == 1


def test_an_operator_can_be_kept_by_its_type() -> None:
    model = WORDY.replace("[through] a = Identity(x)", "[through] a = Relu(x)  [again] q = Relu(a)").replace(
        "Mul(a,", "Mul(q,"
    )
    assert operators(simplify(model, keep=["Relu"]))["Relu"] == 3


def test_a_kept_value_keeps_its_name_and_is_no_output_afterwards() -> None:
    checked = simplify(WORDY, keep=["value:a"])
    assert checked.node_called("b").inputs[0] == "value:a" or checked.node_called("a")
    assert [output.name for output in checked.proto.graph.output] == ["y"]


def test_what_an_engine_would_not_keep_is_refused() -> None:
    error = check_rejected(WORDY, {"kind": "simplify", "keep": ["sum"]}, "not-kept", "sum")
    assert error.subjects == ("node:three",)


def test_a_word_that_names_nothing_is_a_wrong_parameter() -> None:
    error = check_rejected(WORDY, {"kind": "simplify", "keep": ["nobody"]}, "wrong-parameters")
    assert error.fields is not None and "nobody" in error.fields["keep"]


# inputs with a default value


DEFAULTED = """
<ir_version: 8, opset_import: ["" : 17]>
g (float[2] x, float[2] one, float[2] two) => (float[2] y)
<float[2] one = {1, 1}, float[2] two = {2, 2}>
{ three = Add(one, two)  y = Mul(x, three) }
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_an_input_with_a_default_value_is_not_constant(engine: str) -> None:
    error = check_rejected(DEFAULTED, {"kind": "simplify", "engine": engine}, "nothing-to-simplify")
    assert "fold_defaults" in error.hint


def test_defaults_are_folded_when_asked_and_are_inputs_no_more_then() -> None:
    checked = simplify(DEFAULTED, fold_defaults=True)
    assert operators(checked) == {"Mul": 1}
    assert [value.name for value in checked.proto.graph.input] == ["x"]


def test_before_ir_version_4_every_weight_is_an_input_and_none_is_fed() -> None:
    checked = simplify(DEFAULTED.replace("ir_version: 8", "ir_version: 3").replace('"" : 17', '"" : 8'))
    assert operators(checked) == {"Mul": 1}
    assert [value.name for value in checked.proto.graph.input] == ["x"]
    onnx.checker.check_model(checked.proto)


# answers


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_to_simplify_is_an_answer_of_its_own(engine: str) -> None:
    model = '<ir_version: 10, opset_import: ["" : 17]> g (float[2] x) => (float[2] y) { y = Relu(x) }'
    check_rejected(model, {"kind": "simplify", "engine": engine}, "nothing-to-simplify")


def test_an_engine_that_fails_is_named_in_one_line() -> None:
    model = '<ir_version: 10, opset_import: ["" : 17]> g (float[2] x) => (float[2] y) { y = Relu(x, x, x) }'
    check_rejected(model, {"kind": "simplify"}, "engine-failed", "onnxsim")


def test_unsorted_nodes_and_missing_shapes_do_not_stop_an_engine() -> None:
    model = onnx.parser.parse_model(WORDY)
    model.graph.node.insert(0, model.graph.node.pop())
    model.graph.ClearField("name")
    model.graph.output[0].type.tensor_type.ClearField("shape")
    assert simplify(model).applied.report["nodes"]["after"] == 3


def test_outputs_that_would_differ_are_refused_until_that_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(model: Path, result: Path, standard_only: bool) -> None:
        proto = onnx.load(str(model))
        proto.graph.node[-1].op_type = "Abs"
        onnx.save(proto, str(result))

    monkeypatch.setitem(running.ENGINES, "onnxsim", careless)
    error = check_rejected(WORDY, {"kind": "simplify"}, "outputs-differ", "y")
    assert "accept_difference" in error.hint
    report = simplify(WORDY, accept_difference=True).applied.report
    assert report["outputs"][0]["equal"] is False and report["outputs"][0]["difference"] > 0


def test_a_model_that_cannot_run_is_simplified_only_unproved() -> None:
    model = WORDY.replace('"" : 17', '"" : 17, "mine" : 1').replace("Relu(r)", "mine.Own(r)")
    check_rejected(model, {"kind": "simplify"}, "not-proved")
    assert simplify(model, accept_difference=True).applied.report["outputs"] is None


def test_operators_of_a_runtimes_own_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def fancy(model: Path, result: Path, standard_only: bool) -> None:
        proto = onnx.load(str(model))
        proto.graph.node[-1].op_type, proto.graph.node[-1].domain = "QuickGelu", "com.microsoft"
        proto.opset_import.add(domain="com.microsoft", version=1)
        onnx.save(proto, str(result))

    monkeypatch.setitem(running.ENGINES, "onnxsim", fancy)
    check_rejected(WORDY, {"kind": "simplify"}, "not-standard", "QuickGelu")
    checked = simplify(WORDY, standard_only=False, accept_difference=True)
    assert ("com.microsoft", 1) in checked.document.model().opset_imports


def test_an_engine_that_went_on_without_memory_did_not_find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def starved(model: Path, result: Path, standard_only: bool) -> None:
        os.write(2, b"Failed to allocate memory for requested buffer of size 17179869184")
        onnx.save(onnx.load(str(model)), str(result))

    monkeypatch.setitem(running.ENGINES, "onnxsim", starved)
    with pytest.raises(MemoryError):
        apply_edit(document_of(WORDY), parse_edit({"kind": "simplify"}))


def test_a_model_with_data_files_is_given_with_its_weights(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(conv_and_norm(), str(path), save_as_external_data=True, location="w.data", size_threshold=1024)
    for engine in ENGINES:
        document = open_model(path)
        report = apply_edit(document, parse_edit({"kind": "simplify", "engine": engine})).report
        assert all(output["equal"] for output in report["outputs"]), engine
        assert len(model_bytes(document)) < 65536  # the fused weights are a data file, too
    assert sorted(found.name for found in tmp_path.iterdir()) == ["model.onnx", "w.data"]


def test_a_preview_does_not_refuse_what_a_person_will_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    model = WORDY.replace('"" : 17', '"" : 17, "mine" : 1').replace("Relu(r)", "mine.Own(r)")
    applied = apply_edit(document_of(model), parse_edit({"kind": "simplify"}), trial=True)
    assert not applied.delta.is_empty
    with pytest.raises(EditRejected):
        apply_edit(document_of(model), parse_edit({"kind": "simplify"}))


def test_lists_of_tensors_stay_in_a_node_that_survives() -> None:
    before = onnx.parser.parse_model("""<ir_version: 10, opset_import: ["" : 17, "lab" : 1]>
        g (float[2] x) => (float[2] y) { a = Identity(x)
          y = lab.Ponder(a) }""")
    tensors = [onnx.numpy_helper.from_array(np.array([n], np.float32), f"t{n}") for n in range(2)]
    before.graph.node[1].attribute.append(onnx.helper.make_attribute("several", tensors))
    (node,) = simplify(before, accept_difference=True).proto.graph.node
    assert list(node.input) == ["x"]
    assert node.attribute == before.graph.node[1].attribute


@pytest.mark.parametrize(("other", "same"), [(3.0, True), (4.0, False)])
def test_sparse_tensors_are_compared_as_they_are_written(other: float, same: bool) -> None:
    def attribute(number: float, name: str) -> onnx.AttributeProto:
        values = onnx.numpy_helper.from_array(np.array([number], np.float32), name)
        places = onnx.numpy_helper.from_array(np.array([1], np.int64))
        return onnx.helper.make_attribute("held", onnx.helper.make_sparse_tensor(values, places, [4]))

    model = onnx.parser.parse_model(
        """<ir_version: 10, opset_import: ["lab" : 1]> g (float[2] x) => (float[2] y) { y = lab.Ponder(x) }"""
    )
    model.graph.node[0].attribute.append(attribute(3.0, "one"))
    document = document_of(model)
    before = document.node("node:y").attributes
    rewritten = onnx.NodeProto(op_type="Ponder", domain="lab", attribute=[attribute(other, "")])
    after = merged_attributes(document, before, rewritten, 1, Path())
    assert (after == before) is same
