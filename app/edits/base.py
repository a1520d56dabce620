"""What an edit is: validated parameters that write through a transaction; reading, applying and listing edits."""

from __future__ import annotations

import difflib
import functools
import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from onnx_scalpel.document import ids
from onnx_scalpel.document.delta import Delta
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.transaction import TellProgress, Transaction, unheard
from onnx_scalpel.errors import AppError, EditRejected, one_line, sayable
from onnx_scalpel.registry import classes_on

WRONG_PARAMETERS = "wrong-parameters"
SHELVES = ("onnx_scalpel.edits", "onnx_scalpel.transforms")
ID_BEGINNINGS = ("node:", "value:", "graph:", "note:")
# keys of an edit's JSON that are not parameters: `creates` belongs to the recipe, `edit_version` to `upgrade`, `preview`
# names the job whose result is accepted
ENVELOPE = frozenset({"kind", "creates", "edit_version", "preview"})


class Edit(BaseModel):
    """Intent: a kind and its parameters. A subclass is one file, its fields are the parameters, its docstring the help.

    `title` is what a menu says, `acts_on` what must be selected: value, values, node, nodes, graph, model, or any of
    these. `edit_version` grows when a parameter changes its meaning; `upgrade` then reads what older recipes say.
    `in_job`: it takes long or runs the model, so a session applies it to a copy in a job and takes over the delta.
    `arranges`: it changes nothing of the model, only how readers arranged it for themselves.
    `asks_types`: it may have to infer types, so a session does the same while those it knows are of an earlier revision.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    acts_on: ClassVar[str] = ""
    edit_version: ClassVar[int] = 1
    in_job: ClassVar[bool] = False
    asks_types: ClassVar[bool] = False
    arranges: ClassVar[bool] = False

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        cls.kind = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def upgrade(cls, data: dict[str, Any], version: int) -> dict[str, Any]:
        """The parameters as this version has them, from those of an older one."""
        return data

    @classmethod
    def takes_long(cls, data: Mapping[str, Any], document: Document) -> bool:
        """Whether a session should apply these parameters (not validated yet) to a copy in a job."""
        return cls.in_job

    def apply(self, tx: Transaction) -> None:
        """Write the effect through `tx`; raise AppError when it would be wrong (nothing is kept then)."""
        raise NotImplementedError

    def describe(self, document: Document) -> str:
        """One sentence for the history, said of the document before the edit."""
        return self.title

    @classmethod
    def describe_all(cls, document: Document, edits: Sequence[Self]) -> str:
        """One sentence for several edits of this kind that are made at once."""
        return f"{cls.title}, {len(edits)} times"

    def to_json(self) -> dict[str, Any]:
        """The edit as it stands in a recipe: what was given, and no defaults."""
        data = {"kind": self.kind, **self.model_dump(mode="json", by_alias=True, exclude_unset=True)}
        return data if self.edit_version == 1 else {**data, "edit_version": self.edit_version}


@dataclass(frozen=True)
class AppliedEdit:
    """What an edit did: its delta, the ids it made, the sentence for the history, and what it reports beside its effect."""

    delta: Delta
    created: list[str]
    title: str
    report: dict[str, Any] = field(default_factory=dict)


@functools.lru_cache(maxsize=1)
def edit_types() -> dict[str, type[Edit]]:
    """The shelves: every edit and every transform by its kind."""
    found = [edit for shelf in SHELVES for edit in classes_on(shelf, Edit)]
    return {edit.kind: edit for edit in sorted(found, key=lambda e: e.kind) if edit.title}


def parse_edit(data: Mapping[str, Any]) -> Edit:
    """The edit that this JSON says; AppError `unknown-edit` or `wrong-parameters` with every wrong field at once."""
    if not isinstance(data, Mapping) or not isinstance(kind := data.get("kind"), str):
        raise AppError(
            "unknown-edit",
            "an edit is an object with a kind",
            hint='as in {"kind": "rename-value", "value": …, "name": …}',
            status=422,
        )
    found = edit_types().get(kind)
    if found is None:
        near = difflib.get_close_matches(kind, edit_types(), n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(edit_types())}"
        raise AppError("unknown-edit", f"there is no edit {kind!r}", hint=hint, status=422)
    parameters = {key: value for key, value in data.items() if key not in ENVELOPE}
    try:
        return found.model_validate(found.upgrade(parameters, _version_of(data, found)))
    except ValidationError as error:
        raise wrong_parameters(field_errors(error), kind) from None


def _version_of(data: Mapping[str, Any], edit: type[Edit]) -> int:
    version = data.get("edit_version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= edit.edit_version:
        raise AppError(
            "unknown-edit",
            f"{edit.kind} has no version {version!r} here; the newest known is {edit.edit_version}",
            hint="update Scalpel to replay this recipe",
            status=422,
        )
    return version


def wrong_parameters(fields: Mapping[str, str], kind: str = "") -> AppError:
    """The error that forms show beside their fields."""
    named = "; ".join(f"{name} {line}" for name, line in fields.items())
    message = f"{kind}: {named}" if kind else named
    return AppError(WRONG_PARAMETERS, message, fields=dict(fields), hint="mend the fields that are named", status=422)


def field_errors(error: ValidationError) -> dict[str, str]:
    """Every error as parameter → one line for people; what lies inside a list or an object is named in the line."""
    fields: dict[str, str] = {}
    for item in error.errors(include_url=False):
        place = item["loc"]
        name = str(place[0]) if place else "edit"
        inside = " ".join(f"item {part + 1}" if isinstance(part, int) else f"{part!r}" for part in place[1:])
        fields.setdefault(name, f"{inside}: {_line(item)}" if inside else _line(item))
    return fields


_LINES = {
    "missing": "is needed",
    "extra_forbidden": "is no parameter of this edit",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "too_short": "must name at least one",
}


def _line(item: Any) -> str:
    if item["type"] == "wrong":
        return str(item["msg"])
    if item["type"] == "literal_error":
        return f"must be one of {item['ctx']['expected']}".replace("'", "")
    return _LINES.get(item["type"], one_line(str(item["msg"]), 80).lower())


def apply_edit(
    document: Document,
    edit: Edit,
    creates: Sequence[str] = (),
    progress: TellProgress = unheard,
    *,
    trial: bool = False,
) -> AppliedEdit:
    """Apply the edit; whatever it raises, the document is then as it was before.

    `creates` are the ids that an earlier run of the same edit made; the same things get them again. `progress` hears
    how far an edit is that takes long. `trial`: its effect is looked at before it is accepted.
    """
    check_creates(document, creates)
    title = one_line(edit.describe(document))
    tx = Transaction(document, creates, progress, trial)
    try:
        edit.apply(tx)
    except BaseException:
        tx.rollback()
        raise
    return AppliedEdit(tx.delta(), list(tx.created), one_line(tx.title) or title, sayable(tx.report))


def check_creates(document: Document, creates: Sequence[str]) -> None:
    """Refuse ids that are no ids or that are in use: what they name now would be overwritten."""
    for made in creates:
        if not made.startswith(ID_BEGINNINGS) or made != ids.printable(made):
            raise _wrong_creates("holds what is no id", "is no id")
        if any(document.has(table, made) for table in ("node", "value", "graph", "note")):
            raise EditRejected(
                f"{made} exists already, so this edit cannot make it", subjects=(made,), hint="leave creates out"
            )
    if len(set(creates)) < len(creates):
        raise _wrong_creates("repeats an id", "repeats an id")


def _wrong_creates(what: str, line: str) -> AppError:
    hint = "leave creates out, and the edit chooses ids itself"
    return AppError(WRONG_PARAMETERS, f"creates {what}", fields={"creates": line}, hint=hint, status=422)


def catalogue() -> list[dict[str, Any]]:
    """Every edit as data, for palettes, forms and other programs: kind, title, acts_on, in_job, schema, description."""
    return [
        {
            "kind": kind,
            "title": edit.title,
            "acts_on": edit.acts_on,
            "in_job": edit.in_job,
            "schema": {**edit.model_json_schema(), "description": _help(edit)},
            "description": _help(edit),
        }
        for kind, edit in edit_types().items()
    ]


def _help(edit: type[Edit]) -> str:
    """The docstring as paragraphs of one line each."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(edit.__doc__ or ""))
