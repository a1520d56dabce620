"""Makes edits of one model again on another one: those that stand when its file is reloaded, or those of a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from onnx_scalpel.errors import AppError, one_line
from onnx_scalpel.web.errors import wrong_parameters
from onnx_scalpel.web.sessions import Session, Sessions

RECIPE_FORMAT = 1
Step = Mapping[str, Any]  # {"title", "author", "author_name", "edit"}; no edit: it cannot be made again


def reloaded(sessions: Sessions, session: Session, *, replay: bool) -> dict[str, Any]:
    """Open the session's file as it is now in a new session, and make the edits there that it does not hold yet; the old
    session stays."""
    file = sessions.own_file(session)
    if file is None:
        hint = "upload the model again and apply the recipe to it"
        raise AppError("no-file", "this model was not opened from a file of the server", hint=hint, status=409)
    if not file.is_file():
        hint = "save this model under that name to have it back"
        raise AppError("no-such-file", f"{file.name} is not there any more", hint=hint, status=404)
    steps = session.client.unsaved_edits() if replay else []
    return replayed(sessions.open(file, source="path"), steps)


def replayed(session: Session, steps: Sequence[Step]) -> dict[str, Any]:
    """Make edits one after the other; what does not fit is told, and the rest goes on."""
    failed = []
    for index, step in enumerate(steps):
        try:
            if step["edit"] is None:
                raise AppError("was-saved", "it had been saved before it was undone", hint="change it back by hand")
            session.client.edit(step["edit"], step["author"], step["author_name"])
        except AppError as error:
            failed.append({"index": index, "title": step["title"], "message": error.message, "hint": error.hint})
    return {"session": session.opened.id, "applied": len(steps) - len(failed), "failed": failed}


def recipe_steps(data: Mapping[str, Any], author: str, author_name: str) -> list[Step]:
    """The edits of a recipe. AppError 422 for what is none."""
    edits = data.get("edits")
    if data.get("format", RECIPE_FORMAT) != RECIPE_FORMAT:
        raise wrong_parameters(format=f"this version knows recipes of format {RECIPE_FORMAT}")
    if not isinstance(edits, list) or not all(isinstance(edit, dict) for edit in edits):
        raise wrong_parameters(edits="a recipe has a list of edits")
    return [{"title": _title(edit), "author": author, "author_name": author_name, "edit": edit} for edit in edits]


def _title(edit: Mapping[str, Any]) -> str:
    """What an edit that was not made yet is called: `rename-value h → hidden` from its parameters."""
    kind = edit.get("kind")
    told = [
        str(value) for name, value in edit.items() if name not in ("kind", "creates") and isinstance(value, (str, int))
    ]
    return one_line(f"{kind if isinstance(kind, str) else 'an edit without a kind'} {', '.join(told)}", 120)
