"""Tests of set-opset-import."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from tests.laws import check_edit, check_rejected

MODEL = """<ir_version: 10, opset_import: ["" : 20, "my" : 1, "spare" : 2]>
  g (float[3] x) => (float[3] y) { a = my.twice(x)
    y = Neg(a) }
  <domain: "my", opset_import: ["" : 20]> twice (i) => (o) { o = Add(i, i) }"""


def opset(domain: str, version: int | None) -> dict[str, Any]:
    return {"kind": "set-opset-import", "domain": domain, "version": version}


def imports(model: onnx.ModelProto) -> list[tuple[str, int]]:
    return [(o.domain, o.version) for o in model.opset_import]


@pytest.mark.parametrize(
    ("domain", "version", "title"),
    [
        ("", 21, "Set ai.onnx to version 21"),
        ("ai.onnx", 21, "Set ai.onnx to version 21"),
        ("my", 1 << 40, f"Set my to version {1 << 40}"),
        ("ai.onnx.ml", 3, "Imported ai.onnx.ml 3"),
        ("com.microsoft", 1, "Imported com.microsoft 1"),
    ],
)
def test_a_version_is_set_or_added(domain: str, version: int, title: str) -> None:
    checked = check_edit(MODEL, opset(domain, version))
    assert (domain.replace("ai.onnx", "") if domain == "ai.onnx" else domain, version) in imports(checked.proto)
    assert checked.applied.title == title
    assert imports(checked.proto.functions[0]) == [("", 20)]  # type: ignore[arg-type]


def test_the_standard_domain_keeps_its_spelling() -> None:
    model = onnx.parser.parse_model(MODEL)
    model.opset_import[0].domain = "ai.onnx"
    assert imports(check_edit(model, opset("", 21)).proto)[0] == ("ai.onnx", 21)


def test_what_nothing_uses_can_be_taken_away() -> None:
    checked = check_edit(MODEL, opset("spare", None))
    assert imports(checked.proto) == [("", 20), ("my", 1)]
    assert checked.applied.title == "Removed the import of spare"
    onnx.checker.check_model(checked.proto)


@pytest.mark.parametrize(
    ("domain", "says"),
    [
        ("my", "twice is an operator of my"),
        ("", "every model imports the standard operators"),
        ("ai.onnx", "every model imports the standard operators"),
        ("other", "does not import other"),
    ],
)
def test_what_is_used_or_not_there_cannot_be_taken_away(domain: str, says: str) -> None:
    check_rejected(MODEL, opset(domain, None), says=says)


def test_the_domain_of_a_function_that_nothing_calls_stays() -> None:
    check_rejected(
        MODEL.replace("my.twice(x)", "Neg(x)"), opset("my", None), says="the function twice is of the domain my"
    )


@pytest.mark.parametrize(("domain", "version"), [("", 0), ("", 9999), ("ai.onnx.ml", 99), ("my", 0), ("my", 1 << 63)])
def test_a_version_that_does_not_exist_is_a_wrong_field(domain: str, version: int) -> None:
    error = check_rejected(MODEL, opset(domain, version), "wrong-parameters")
    assert error.fields is not None and error.fields["version"].startswith("must be 1 ")
