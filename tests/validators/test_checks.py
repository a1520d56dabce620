"""What the validators find in small models written as text: codes, subjects, fixes, and no alarm where nothing is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from onnx_scalpel.document.diagnostic import Diagnostic
from onnx_scalpel.document.weightless import WeightlessModel
from onnx_scalpel.validators.base import check_all
from onnx_scalpel.validators.shape_inference import infer
from tests.validators.weightless_models import from_proto, from_text

HEAD = '<ir_version: 9, opset_import: ["" : 18]>\n'
TWO_NODES = HEAD + "main (float[N, 4] x) => (float[N, 4] y) { h = Relu(x)  y = Neg(h) }"


def found(model: WeightlessModel) -> dict[str, Diagnostic]:
    return {d.code: d for d in check_all(model).diagnostics}


def test_a_sound_model_has_no_findings_and_every_value_a_type() -> None:
    report = check_all(from_text(TWO_NODES))
    assert report.diagnostics == ()
    assert report.types["value:h"] == ("float32", ("N", 4))


@pytest.mark.parametrize(
    ("graph", "code"),
    [
        ("(float[4] x) => (float[4] y) { y = Relu(ghost) }", "dangling-input"),
        ("(float[4] x) => (float[4] y) { y = Add(x, y) }", "cycle"),
        ("(float[4] x) => (float[4] y) { y = Neg(h)  h = Relu(x) }", "unsorted-nodes"),
        ("(float[4] x) => (float[4] y) { y = Relu(x)  y = Neg(x) }", "duplicate-output"),
        ("(float[4] x) => (float[4] y) { x = Relu(x)  y = Neg(x) }", "duplicate-output"),
        ("(float[4] x) => (float[4] y, float[4] z) { y = Relu(x) }", "output-not-produced"),
        ("(float[4] x) => (float[4] y) { y = Nonsense(x) }", "unknown-operator"),
        ("(float[4] x) => (float[4] y) { y = BitwiseNoot(x) }", "unknown-operator"),
        ("(float[4] x) => (float[4] y) { y = Gelu(x) }", "operator-not-in-opset"),
        ("(float[4] x) => (float[4] y) { y = Add(x) }", "too-few-inputs"),
        ("(float[4] x) => (float[4] y) { y = Relu(x, x) }", "too-many-inputs"),
        ("(float[4] x) => (float[4] y) { y = Relu <alpha = 1.0> (x) }", "unknown-attribute"),
        ("(float[4] x) => (float[4] y) { y = Elu <alpha = 1> (x) }", "attribute-type-mismatch"),
        ("(float[4] x) => (float[4] y) { y = Cast(x) }", "missing-attribute"),
        ("(float[4] x) => (float[4] y) { y = elsewhere.Op(x) }", "domain-not-imported"),
        ("(float[2, 3] x) => (float[2, 3] y) { y = MatMul(x, x) }", "shape-mismatch"),
        ("(float[4] x) => (int64[4] y) { y = Relu(x) }", "contradicting-type"),
        ("(float[4] x) => (float[4] y) { [a] y = Relu(x)  [a] z = Neg(x) }", "duplicate-node-name"),
        ("(float[4] x) => (float[4] y) { y = Upsample <scales = [1.0]> (x) }", "deprecated-operator"),
    ],
)
def test_each_fault_has_its_own_code(graph: str, code: str) -> None:
    diagnostics = found(from_text(HEAD + "main " + graph))
    assert code in diagnostics
    assert diagnostics[code].subjects
    assert diagnostics[code].hint


def test_one_fault_is_told_once_though_three_validators_see_it() -> None:
    assert list(found(from_text(HEAD + "main (float[4] x) => (float[4] y) { y = Relu(ghost) }"))) == ["dangling-input"]


@pytest.mark.parametrize(
    "unfinished", ["Relu()", "Add(h)", "Conv()", "Reshape(h)", "Loop()", "elsewhere.Op(h)", "Concat(h)", "Cast(h)"]
)
def test_an_unfinished_node_takes_no_types_from_the_others(unfinished: str) -> None:
    model = from_text(HEAD + f"main (float[N, 4] x) => (float[N, 4] y) {{ h = Relu(x)  q = {unfinished}  y = Neg(h) }}")
    types = infer(model).types
    assert types["value:h"] == types["value:y"] == ("float32", ("N", 4))


def test_an_unfinished_node_in_a_body_takes_no_types_from_the_others() -> None:
    model = from_text(
        HEAD
        + "main (bool c, float[4] x) => (float[4] y) { h = Relu(x)  "
        + "y = If(c) <then_branch = t () => (float[4] a) { q = Add(h)  a = Neg(h) }, else_branch = e () => (float[4] b) { b = Abs(h) }> }"
    )
    types = infer(model).types
    assert types["value:h"] == ("float32", (4,))


def test_a_dangling_input_names_what_was_meant() -> None:
    model = from_text(HEAD + "main (float[4] x) => (float[4] y) { features = Relu(x)  y = Neg(featurse) }")
    assert found(model)["dangling-input"].hint == "did you mean 'features'?"


def test_a_custom_operator_is_information_and_what_is_declared_behind_it_is_believed() -> None:
    text = '<ir_version: 9, opset_import: ["" : 18, "acme" : 1]>\n'
    text += "main (float[4] x) => (float[4] y) <float[4] h> { h = acme.Magic(x)  g = Relu(h)  y = Neg(g) }"
    report = check_all(from_text(text))
    assert [(d.severity, d.code, d.subjects) for d in report.diagnostics] == [("info", "custom-operator", ("node:h",))]
    assert report.types["value:g"] == ("float32", (4,))


def test_an_operator_that_the_runtime_lacks_is_information() -> None:
    text = (
        '<ir_version: 9, opset_import: ["" : 18, "com.microsoft" : 1]>\nmain (float[4] x, int64[8] m) => (float[4] y) '
    )
    text += "{ h = com.microsoft.ConvStateReplay(x, x, x, m)  y = Neg(h) }"
    report = check_all(from_text(text))
    assert [(d.severity, d.code, d.subjects) for d in report.diagnostics] == [("info", "no-kernel", ("node:h",))]


def test_a_wrong_declaration_comes_with_an_edit_that_mends_it() -> None:
    model = from_text(HEAD + "main (float[N, 4] x) => (float[N, 4] y) <int8[77] h> { h = Relu(x)  y = Neg(h) }")
    wrong = found(model)["contradicting-type"]
    assert wrong.severity == "error"
    assert wrong.fix == {"kind": "set-value-type", "value": "value:h", "dtype": "float32", "shape": ["N", 4]}


def test_a_wrong_shape_alone_is_a_warning_because_runtimes_forgive_it() -> None:
    model = from_text(HEAD + "main (float[N, 4] x) => (float[N, 4] y) <float[7, 4, 2] h> { h = Relu(x)  y = Neg(h) }")
    assert found(model)["contradicting-type"].severity == "warning"


def test_dims_that_inference_made_up_are_unknown_to_the_reader() -> None:
    types = infer(from_text(HEAD + "main (float[N] x) => (int64[1, M] y) { y = NonZero(x) }")).types
    assert types["value:y"] == ("int64", (1, None))


def test_faults_inside_a_body_name_where_they_are() -> None:
    text = (
        HEAD
        + """main (bool c, float[4] x) => (float[4] y) {
        [choice] y = If(c) <then_branch = t () => (float[4] a) { a = Relu(nothing) },
                            else_branch = e () => (float[4] b) { b = Neg(x) }> }"""
    )
    dangling = found(from_text(text))["dangling-input"]
    assert "in 'then_branch' of the If node 'choice'" in dangling.message
    assert dangling.subjects[0] == "node:a@y.then_branch"


def test_types_inside_bodies_are_inferred() -> None:
    text = (
        HEAD
        + """main (bool c, float[4] x) => (float[4] y) {
        y = If(c) <then_branch = t () => (float[4] a) { h = Relu(x) a = Neg(h) },
                   else_branch = e () => (float[4] b) { b = Neg(x) }> }"""
    )
    assert infer(from_text(text)).types["value:h@y.then_branch"] == ("float32", (4,))


def test_sparse_initializers_are_no_alarm() -> None:
    values = numpy_helper.from_array(np.ones(2, np.float32), "w")
    indices = numpy_helper.from_array(np.array([0, 5], np.int64), "i")
    sparse = helper.make_sparse_tensor(values, indices, [4, 4])
    io = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [2, 4]) for n in "xy"]
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [io[0]], [io[1]])
    graph.sparse_initializer.append(sparse)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    assert found(from_proto(model)) == {}
    del indices.int64_data[:]
    graph.sparse_initializer[0].indices.raw_data = np.array([0, 99], np.int64).tobytes()
    model.graph.CopyFrom(graph)
    assert "sparse-indices" in found(from_proto(model))


def external(folder: Path, location: str, **entries: str) -> WeightlessModel:
    tensor = TensorProto(name="w", dims=[4], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    for key, value in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=value)
    io = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [4]) for n in "xy"]
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g", [io[0]], [io[1]], [tensor])
    return from_proto(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), folder)


@pytest.mark.parametrize(
    ("location", "entries", "code"),
    [
        ("w.bin", {}, None),
        ("w.bin", {"offset": "16"}, None),
        ("w.bin", {"offset": "17"}, "external-out-of-range"),
        ("w.bin", {"length": "8"}, "raw-size-mismatch"),
        ("w.bin", {"offset": "-1"}, "external-bad-offset"),
        ("w.bin", {"length": "9" * 400}, "external-bad-offset"),
        ("no.bin", {}, "external-missing-file"),
        ("link.bin", {}, "external-symlink"),
        ("folder/w.bin", {}, "external-symlink"),
        ("pipe", {}, "external-not-a-file"),
        (".", {}, "external-not-a-file"),
        ("../w.bin", {}, "external-escapes"),
        ("a/../../w.bin", {}, "external-escapes"),
        ("/etc/passwd", {}, "external-absolute"),
        ("/dev/zero", {}, "external-device"),
        ("C:\\w.bin", {}, "external-windows-path"),
        ("\\\\host\\share\\w.bin", {}, "external-windows-path"),
        ("https://example.org/w.bin", {}, "external-url"),
        ("a\0b", {}, "external-nul"),
        ("*/_ORT_MEM_ADDR_/*", {"offset": "4096"}, "external-memory-address"),
        ("", {}, "external-no-location"),
    ],
)
def test_external_data_is_told_apart(location: str, entries: dict[str, str], code: str | None, tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(b"\0" * 32)
    (tmp_path / "link.bin").symlink_to(tmp_path / "w.bin")
    (tmp_path / "folder").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    diagnostics = check_all(external(tmp_path, location, **entries)).diagnostics
    assert [d.code for d in diagnostics] == ([code] if code else [])
    assert all(d.subjects == ("value:w",) and str(tmp_path) not in d.message for d in diagnostics)


def test_many_tensors_in_one_missing_file_are_one_finding(tmp_path: Path) -> None:
    model = external(tmp_path, "weights.bin")
    for name in "abc":
        other = onnx.TensorProto()
        other.CopyFrom(model.proto.graph.initializer[0])
        other.name = name
        model.proto.graph.initializer.append(other)
    missing = found(from_proto(model.proto, tmp_path))["external-missing-file"]
    assert "(4 tensors, " in missing.message
    assert len(missing.subjects) == 4


def test_a_very_long_chain_backwards_is_no_recursion() -> None:
    nodes = [helper.make_node("Relu", ["x" if i == 0 else f"t{i - 1}"], [f"t{i}"]) for i in range(20_000)]
    io = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [4]) for n in ("x", "t19999")]
    graph = helper.make_graph(nodes[::-1], "g", [io[0]], [io[1]])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    assert "unsorted-nodes" in found(from_proto(model))


def test_a_name_with_a_line_break_stays_one_line() -> None:
    model = from_text(TWO_NODES)
    model.proto.graph.node[0].input[0] = "a\nb\x1b[31m"
    message = found(from_proto(model.proto))["dangling-input"].message
    assert "a b [31m" in message
    assert message.isprintable()


def test_an_operator_whose_name_is_no_text_is_told_and_not_looked_up() -> None:
    data = from_text(TWO_NODES).proto.SerializeToString().replace(b"Relu", b"Re\xff\xfe")
    codes = found(from_proto(onnx.ModelProto.FromString(data)))
    assert {"invalid-utf8", "unknown-operator"} <= codes.keys()


def test_inputs_and_outputs_without_a_shape_are_named() -> None:
    proto = onnx.parser.parse_model(TWO_NODES)
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    finding = found(from_proto(proto))["undeclared-shape"]
    assert (finding.severity, finding.subjects) == ("info", ("value:y",))
    assert finding.message == "No shape is declared for 'y', not even one of unknown dims"


def test_two_nodes_may_have_bodies_with_the_same_names() -> None:
    branch = "() => (int64[K] r) { s = Shape(x)  i = Constant <value = int64[1] {7}> ()  r = Concat <axis = 0> (s, i) }"
    lines = [
        f"{out} = If (c) <then_branch = t {branch}, else_branch = e () => (int64[K] r2) {{ r2 = Shape(x) }}>"
        for out in "yz"
    ]
    text = HEAD + f"main (bool c, float[2, 3] x) => (int64[N] y, int64[M] z) {{ {' '.join(lines)} }}"
    assert [d.message for d in infer(from_text(text)).diagnostics] == []
