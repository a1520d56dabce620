"""Every broken model of the collection is told by its own fault first; models that work raise no alarm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onnx_scalpel.document.sniff import refuse_unreadable
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.child import fork_job
from onnx_scalpel.jobs.limits import MIB, Limits
from onnx_scalpel.validators.base import CheckReport, check_all
from tests.shared_models import manifest, model_paths, shared_model, shared_models
from tests.validators.weightless_models import from_file

BROKEN = {
    "attribute_type_mismatch.onnx": "attribute-type-mismatch",
    "bad_dtype.onnx": "unknown-dtype",
    "contradicting_value_info.onnx": "contradicting-type",
    "cycle.onnx": "cycle",
    "dangling_input.onnx": "dangling-input",
    "duplicate_initializer_and_input.onnx": "duplicate-input",
    "duplicate_output_names.onnx": "duplicate-output",
    "empty_op_type.onnx": "missing-op-type",
    "ext_absolute.onnx": "external-absolute",
    "ext_device.onnx": "external-device",
    "ext_missing_file.onnx": "external-missing-file",
    "ext_no_location.onnx": "external-no-location",
    "ext_nonnumeric_offset.onnx": "external-bad-offset",
    "ext_nul_in_path.onnx": "external-nul",
    "ext_out_of_range/model.onnx": "external-out-of-range",
    "ext_symlink/model.onnx": "external-symlink",
    "ext_traversal.onnx": "external-escapes",
    "ext_url.onnx": "external-url",
    "ext_windows_path.onnx": "external-windows-path",
    "gzipped.onnx": "gzip",
    "html_named.onnx": "html-page",
    "huge_dims.onnx": "huge-dims",
    "if_missing_branch.onnx": "missing-attribute",
    "invalid_utf8_names.onnx": "invalid-utf8",
    "io_without_type.onnx": "untyped-io",
    "ir_version_999.onnx": "ir-version-too-new",
    "json_named.onnx": "json-text",
    "length_bomb.onnx": "length-bomb",
    "lfs_pointer.onnx": "lfs-pointer",
    "nameless_graph_and_output.onnx": "nameless-output",
    "negative_dims.onnx": "negative-dims",
    "nested_200_levels.onnx": "nested-too-deep",
    "no_graph.onnx": "no-graph",
    "no_opset_import.onnx": "no-opset-import",
    "opset_9999.onnx": "unknown-opset",
    "output_not_produced.onnx": "output-not-produced",
    "png_named.onnx": "png-image",
    "random_bytes.onnx": "not-protobuf",
    "rank_1000.onnx": "rank-too-high",
    "raw_size_mismatch.onnx": "raw-size-mismatch",
    "recursive_function.onnx": "recursive-function",
    "sparse_bad_indices.onnx": "sparse-indices",
    "string_tensor_count_mismatch.onnx": "string-count-mismatch",
    "subgraph_cycle.onnx": "cycle",
    "tensorrt__bad_graph_with_dup_value_info.onnx": "duplicate-input",
    "tensorrt__bad_graph_with_duplicate_node_names.onnx": "duplicate-node-name",
    "tensorrt__bad_graph_with_no_name.onnx": "nameless-graph",
    "tensorrt__bad_graph_with_parallel_invalid_nodes.onnx": "shape-mismatch",
    "textproto_named.onnx": "textproto",
    "truncated_half.onnx": "truncated",
    "truncated_one_byte.onnx": "truncated",
    "unknown_op_default_domain.onnx": "unknown-operator",
    "zero_byte.onnx": "empty-file",
}
LIMITS = Limits(cpu_seconds=20, wall_seconds=60, memory_bytes=1024 * MIB)


def headline(path: Path) -> tuple[str, str]:
    """Code and line of what is told first about a file, as when it is opened and then checked."""
    try:
        refuse_unreadable(path)
    except AppError as error:
        return error.code, error.message
    outcome = fork_job(lambda progress: _plain(check_all(from_file(path))), LIMITS, cwd=path.parent).wait()
    assert outcome.status == "done", outcome.error
    return outcome.result["code"], outcome.result["line"]


def _plain(report: CheckReport) -> dict[str, Any]:
    first = next(iter(report.diagnostics), None)
    return {"code": "", "line": ""} if first is None else {"code": first.code, "line": first.message}


@pytest.mark.parametrize(("name", "code"), BROKEN.items(), ids=lambda v: v if v.endswith("x") else "")
def test_a_broken_model_is_told_by_its_own_fault_first(name: str, code: str) -> None:
    path = shared_model(f"bad/{name}")
    found, line = headline(path)
    if code == "external-symlink" and not (path.parent / "w.bin").is_symlink():
        code = "external-missing-file"  # the link was lost when the collection was copied
    assert found == code
    assert line
    assert "\n" not in line
    assert len(line) <= 200
    assert str(shared_models()) not in line


def test_the_table_covers_the_whole_collection() -> None:
    assert sorted(BROKEN) == sorted(str(p.relative_to(shared_models() / "bad")) for p in model_paths("bad"))
    assert len(set(BROKEN.values())) >= 45


def working() -> Iterator[Path]:
    """Models that onnx.checker and ONNX Runtime both took when the collection was made."""
    for row in manifest():
        passed = [
            value.strip() == "pass" for value in row.values() if value and value.strip().startswith(("pass", "FAIL"))
        ]
        if row_path(row).startswith(("real/", "exported/")) and len(passed) >= 2 and all(passed):
            yield shared_models() / row_path(row)


def row_path(row: dict[str, str]) -> str:
    return next(iter(row.values()))


def test_models_that_work_raise_no_error() -> None:
    paths = [p for p in working() if p.suffix == ".onnx" and p.stat().st_size < 3_000_000]
    assert len(paths) > 80

    def check(progress: Any) -> list[str]:
        alarms = []
        for path in paths:
            for d in check_all(from_file(path)).diagnostics:
                if d.severity == "error":
                    alarms.append(f"{path.name}: {d.code} {d.message}")
        return alarms

    outcome = fork_job(check, Limits(cpu_seconds=120, wall_seconds=300), readable=[shared_models()]).wait()
    assert outcome.status == "done", outcome.error
    assert outcome.result == []


def test_no_message_shows_a_path_a_source_file_or_a_second_line() -> None:
    paths = model_paths("real", "odd")
    if not paths:
        pytest.skip("the collection of models is not on this machine")

    unwanted = rf"\.cc\b|onnxruntime::|{re.escape(str(shared_models()))}|\n|==>"

    def check(progress: Any) -> list[str]:
        wrong = []
        for path in paths:
            for d in check_all(from_file(path)).diagnostics:
                if re.search(unwanted, d.message + d.hint) or not d.hint:
                    wrong.append(d.message)
        return wrong

    outcome = fork_job(check, Limits(cpu_seconds=120, wall_seconds=300), readable=[shared_models()]).wait()
    assert outcome.status == "done", outcome.error
    assert outcome.result == []
