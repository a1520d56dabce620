"""Everything on a shelf is titled, documented, tested and, where it has a form, drawable."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from onnx_scalpel.edits.base import SHELVES, Edit, catalogue, edit_types
from onnx_scalpel.edits.parameters import WIDGETS
from onnx_scalpel.inspectors.report import inspectors
from onnx_scalpel.registry import classes_on, classes_with
from onnx_scalpel.validators.base import validators

REPOSITORY = Path(__file__).resolve().parent.parent
CODE = re.compile(r'"([a-z]+(?:-[a-z]+)+)"')  # how diagnostics name what they found
EDITS = list(edit_types().values())
KINDS = {
    "add-input",
    "add-node",
    "add-note",
    "add-output",
    "batch",
    "cast-tensor",
    "connect",
    "constant-to-initializer",
    "disconnect",
    "duplicate-nodes",
    "extract-body",
    "forget-positions",
    "freeze-input",
    "initializer-to-constant",
    "inline-function",
    "insert-node",
    "make-function",
    "name-nodes",
    "paste-nodes",
    "promote-to-input",
    "remove-attribute",
    "remove-branch",
    "remove-input",
    "remove-nodes",
    "remove-note",
    "remove-output",
    "remove-unused",
    "rename-dim",
    "rename-node",
    "rename-value",
    "reorder-io",
    "replace-node",
    "replace-uses",
    "set-attribute",
    "set-doc",
    "set-metadata",
    "set-model-info",
    "set-note",
    "set-opset-import",
    "set-position",
    "set-value-type",
    "splice-node",
    "sort-nodes",
}


def module_file(shelved: type) -> Path:
    """The file name of the module that defines a class."""
    return Path(inspect.getfile(shelved))


def first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0]


def test_the_public_names_of_edits_stay() -> None:
    assert set(edit_types()) >= KINDS


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: e.kind)
def test_an_edit_is_one_file_of_its_name(edit: type[Edit]) -> None:
    assert module_file(edit).stem == edit.kind.replace("-", "_")
    assert [found for shelf in SHELVES for found in classes_on(shelf, edit)] == []


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: e.kind)
def test_an_edit_is_titled_documented_and_tested(edit: type[Edit]) -> None:
    assert re.fullmatch(r"[A-Z][a-z ]+", edit.title)
    assert edit.acts_on in ("value", "values", "node", "nodes", "graph", "model", "any")
    assert edit.__doc__ and edit.__doc__ != Edit.__doc__ and edit.__doc__[0].isupper()
    shelf = edit.__module__.split(".")[1]
    tests = REPOSITORY / "tests" / shelf / f"test_{module_file(edit).stem}.py"
    assert "check_edit(" in tests.read_text(encoding="utf-8")


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: e.kind)
def test_an_edit_says_more_in_the_history_than_its_title(edit: type[Edit]) -> None:
    assert edit.describe is not Edit.describe


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: e.kind)
def test_every_parameter_of_an_edit_has_a_widget(edit: type[Edit]) -> None:
    properties: dict[str, dict[str, Any]] = edit.model_json_schema()["properties"]
    undrawable = {name for name, schema in properties.items() if not is_drawable(schema)}
    assert undrawable == set()


def is_drawable(schema: dict[str, Any]) -> bool:
    """A known widget, or one of a few words, which every form can offer."""
    alternatives = [schema, *schema.get("anyOf", ())]
    return any(one.get("x-widget") in WIDGETS or "enum" in one for one in alternatives)


def test_the_browser_draws_every_widget() -> None:
    registry = (REPOSITORY / "static" / "src" / "forms" / "registry.ts").read_text(encoding="utf-8")
    drawn = set(re.findall(r"\b([a-z_]+)\b", registry))
    assert WIDGETS - drawn == set()


def test_the_catalogue_is_json_that_says_everything_once() -> None:
    entries = json.loads(json.dumps(catalogue(), allow_nan=False))
    assert [entry["kind"] for entry in entries] == sorted(edit_types())
    assert all({"kind", "title", "acts_on", "in_job", "schema", "description"} <= entry.keys() for entry in entries)


@pytest.mark.parametrize("validator", validators(), ids=lambda v: v.name)
def test_a_validator_is_titled_documented_and_tested(validator: Any) -> None:
    assert validator.title and validator.name
    assert type(validator).__doc__
    codes = set(CODE.findall(module_file(type(validator)).read_text(encoding="utf-8")))
    tests = "".join(f.read_text(encoding="utf-8") for f in (REPOSITORY / "tests" / "validators").glob("test_*.py"))
    assert codes & set(CODE.findall(tests)), "no test expects a finding of this validator"


def test_no_validator_is_left_on_the_shelf() -> None:
    found = classes_with("onnx_scalpel.validators", "name", "title", "validate")
    used = {type(validator) for validator in validators()}
    forgotten = {c.__name__ for c in found if c not in used and not getattr(c, "_is_protocol", False)}
    assert forgotten - {"ShapeInferenceValidator"} == set()


@pytest.mark.parametrize("inspector", inspectors(), ids=lambda i: i.name)
def test_an_inspector_is_titled_documented_and_tested(inspector: Any) -> None:
    assert re.fullmatch(r"[a-z]+", inspector.name) and re.fullmatch(r"[A-Z][a-z ]+", inspector.title)
    assert type(inspector).__doc__
    tests = REPOSITORY / "tests" / "inspectors" / f"test_{module_file(type(inspector)).stem}.py"
    assert f"facts_of({type(inspector).__name__}()" in tests.read_text(encoding="utf-8")


def test_no_inspector_is_left_on_the_shelf() -> None:
    found = classes_with("onnx_scalpel.inspectors", "name", "title", "inspect")
    used = {type(inspector) for inspector in inspectors()}
    assert {c.__name__ for c in found if c not in used and not getattr(c, "_is_protocol", False)} == set()


@pytest.mark.parametrize(
    "shelf", ["edits", "validators", "transforms", "inspectors", "exporters", "document", "session"]
)
def test_every_file_says_in_its_first_line_what_it_is_for(shelf: str) -> None:
    package = importlib.import_module(f"onnx_scalpel.{shelf}")
    files = sorted(Path(next(iter(package.__path__))).glob("*.py"))
    assert [f.name for f in files if not re.match(r'"""\S.*', first_line(f))] == []
