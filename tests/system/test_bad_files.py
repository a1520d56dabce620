"""Every broken file of the collection is told by its own fault: in one line, soon, and the server goes on."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.real_server import Answer, command
from tests.shared_models import model_paths, shared_model, shared_models
from tests.system.script import Model, Script

pytestmark = pytest.mark.xdist_group("bad files")
SECONDS = 10.0  # until the fault is told
CODES = 20  # different ones, at least

# file of bad/ -> the code of its first line, and what that line must say so that a reader knows what is wrong where
FAULTS = {
    "attribute_type_mismatch.onnx": ("attribute-type-mismatch", r"'alpha'.*'r'.*FLOAT.*STRING"),
    "bad_dtype.onnx": ("unknown-dtype", r"'w'.*99"),
    "contradicting_value_info.onnx": ("contradicting-type", r"'b'.*int8.*float32"),
    "cycle.onnx": ("cycle", r"cycle.*'n1', 'n2', 'n3'"),
    "dangling_input.onnx": ("dangling-input", r"'add'.*'ghost'.*nothing makes"),
    "duplicate_initializer_and_input.onnx": ("duplicate-input", r"'x'.*2 times.*input"),
    "duplicate_output_names.onnx": ("duplicate-output", r"'y'.*2 nodes"),
    "empty_op_type.onnx": ("missing-op-type", r"'mm1'.*op_type is empty"),
    "ext_absolute.onnx": ("external-absolute", r"'w'.*absolute path.*'/etc/passwd'"),
    "ext_device.onnx": ("external-device", r"'w'.*device.*'/dev/zero'"),
    "ext_missing_file.onnx": ("external-missing-file", r"'w'.*'no_such_weights.bin'.*not there"),
    "ext_no_location.onnx": ("external-no-location", r"'w'.*names no file"),
    "ext_nonnumeric_offset.onnx": ("external-bad-offset", r"'w'.*'abc'.*offset"),
    "ext_nul_in_path.onnx": ("external-nul", r"'w'.*NUL"),
    "ext_out_of_range/model.onnx": ("external-out-of-range", r"'w'.*'w.bin'.*64"),
    "ext_symlink/model.onnx": ("external-symlink", r"'w'.*'w.bin'.*link"),
    "ext_traversal.onnx": ("external-escapes", r"'w'.*outside.*'\.\./"),
    "ext_url.onnx": ("external-url", r"'w'.*network.*'http://169"),
    "ext_windows_path.onnx": ("external-windows-path", r"'w'.*Windows path"),
    "gzipped.onnx": ("gzip", "gzip archive"),
    "html_named.onnx": ("html-page", "HTML page"),
    "huge_dims.onnx": ("huge-dims", r"'w'.*impossible size.*4611686018427387904"),
    "if_missing_branch.onnx": ("missing-attribute", r"'if'.*'else_branch'"),
    "invalid_utf8_names.onnx": ("invalid-utf8", "not valid UTF-8"),
    "io_without_type.onnx": ("untyped-io", r"input 'x'.*no type"),
    "ir_version_999.onnx": ("ir-version-too-new", "IR version 999"),
    "json_named.onnx": ("json-text", "JSON text"),
    "length_bomb.onnx": ("length-bomb", r"claims 2,147,483,655 bytes.*40"),
    "lfs_pointer.onnx": ("lfs-pointer", "Git LFS pointer"),
    "nameless_graph_and_output.onnx": ("nameless-output", "graph output has no name"),
    "negative_dims.onnx": ("negative-dims", r"'w'.*negative.*-1"),
    "nested_200_levels.onnx": ("nested-too-deep", "100 levels"),
    "no_graph.onnx": ("no-graph", "no graph"),
    "no_opset_import.onnx": ("no-opset-import", "no opset"),
    "opset_9999.onnx": ("unknown-opset", "opset 9999"),
    "output_not_produced.onnx": ("output-not-produced", r"output 'y'.*no node"),
    "png_named.onnx": ("png-image", "PNG image"),
    "random_bytes.onnx": ("not-protobuf", "make no sense"),
    "rank_1000.onnx": ("rank-too-high", r"'w'.*1,000 dims"),
    "raw_size_mismatch.onnx": ("raw-size-mismatch", r"'w'.*63 bytes.*64"),
    "recursive_function.onnx": ("recursive-function", r"'Rec' calls itself"),
    "sparse_bad_indices.onnx": ("sparse-indices", r"'sw'.*index of 99.*4 × 4"),
    "string_tensor_count_mismatch.onnx": ("string-count-mismatch", r"'w'.*2 strings.*5"),
    "subgraph_cycle.onnx": ("cycle", r"cycle in 'then_branch'.*'p', 'q'"),
    "tensorrt__bad_graph_with_dup_value_info.onnx": ("duplicate-input", r"'inp'.*2 times"),
    "tensorrt__bad_graph_with_duplicate_node_names.onnx": ("duplicate-node-name", "2 nodes.*'identical'"),
    "tensorrt__bad_graph_with_no_name.onnx": ("nameless-graph", "graph has no name"),
    "tensorrt__bad_graph_with_parallel_invalid_nodes.onnx": ("shape-mismatch", r"'MatMul_0'.*do not fit"),
    "textproto_named.onnx": ("textproto", "protobuf text"),
    "truncated_half.onnx": ("truncated", "cut off.*122 bytes"),
    "truncated_one_byte.onnx": ("truncated", "cut off.*last byte"),
    "unknown_op_default_domain.onnx": ("unknown-operator", r"ThisOpDoesNotExist.*does not exist"),
    "zero_byte.onnx": ("empty-file", "is empty"),
}
JARGON = re.compile(
    r"ONNXRuntimeError|Context:|\.cc\b|\.h:\d|::|Traceback|Error\b|Exception|protobuf\.message|onnxruntime_src|0x"
)


def assert_clear(line: str) -> None:
    """One line that a user can be shown: no path of this machine, no library's inside."""
    assert line.isprintable() and 0 < len(line) <= 200
    assert str(shared_models()) not in line
    assert not re.search(r"/(?:work|home|tmp|root|usr|proc)\b", line)
    assert not JARGON.search(line)


def told(script: Script, answer: Answer) -> tuple[str, str]:
    """Code and line of what a user is told first: the refusal, or the first finding once the model is checked."""
    if answer.status != 201:
        assert_clear(answer.error["hint"])
        return answer.error["code"], answer.error["message"]
    model = Model(script, answer.json()["session"])
    try:
        findings = model.checked(SECONDS)["diagnostics"]
        for finding in findings:
            assert_clear(finding["message"])
            assert_clear(finding["hint"])
        return findings[0]["code"], findings[0]["message"]
    finally:
        model.close()


def broken_file(folder: Path, name: str) -> Path:
    """The file by its path; links, which copies of the collection lose, are made again."""
    path = shared_model(f"bad/{name}")
    if name != "ext_symlink/model.onnx" or (path.parent / "w.bin").is_symlink():
        return path
    copy = folder / "ext_symlink"
    copy.mkdir(exist_ok=True)
    shutil.copyfile(path, copy / path.name)
    if not (copy / "w.bin").is_symlink():
        (copy / "w.bin").symlink_to("/etc/passwd")
    return copy / path.name


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_file_is_told_by_its_own_fault(script: Script, folder: Path, name: str) -> None:
    path = broken_file(folder, name)
    script.get("/api/edits")  # the first call waits for the libraries to be loaded
    started = time.monotonic()
    code, line = told(script, script.ask("POST", "/api/sessions", {"path": str(path)}))
    seconds = time.monotonic() - started
    print(f"{code:<26}{name}: {line}")
    assert code == FAULTS[name][0], line
    assert re.search(FAULTS[name][1], line), line
    assert_clear(line)
    assert seconds < SECONDS
    assert script.get("/healthz")


@pytest.mark.parametrize("name", FAULTS)
def test_an_upload_of_it_is_told_the_same(script: Script, folder: Path, name: str) -> None:
    path = broken_file(folder, name)
    code, line = told(script, script.upload((path.name, path.read_bytes())))
    if "/" in name:
        assert code == "external-missing-file"  # its data file was not sent
    else:
        assert code == FAULTS[name][0]
        assert re.search(FAULTS[name][1], line), line
    assert_clear(line)
    assert script.get("/healthz")


def test_the_faults_of_the_collection_have_many_codes() -> None:
    shared_models()
    assert sorted(FAULTS) == sorted(str(p.relative_to(shared_models() / "bad")) for p in model_paths("bad"))
    assert len({code for code, _ in FAULTS.values()}) >= CODES


@pytest.mark.parametrize(
    "name", ["cycle.onnx", "ext_traversal.onnx", "huge_dims.onnx", "lfs_pointer.onnx", "truncated_half.onnx"]
)
def test_the_command_line_tells_the_same_fault_and_fails(folder: Path, name: str) -> None:
    path = broken_file(folder, name)
    ended = subprocess.run([*command(), "check", str(path)], capture_output=True, text=True, timeout=120, check=False)
    said = [line for line in (ended.stdout + ended.stderr).splitlines() if re.search(FAULTS[name][1], line)]
    assert ended.returncode == 1, ended
    assert said, ended
    assert "Traceback" not in ended.stderr
