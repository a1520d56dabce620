"""Brings the large tensors of pasted nodes from the session that they were copied from to the one that they are pasted into."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import msgspec

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.sessions import Session, Sessions

POLL = 0.1  # seconds between two looks at how far it is
Data = dict[str, Any]


def tensors_elsewhere(edit: Any) -> list[Data]:
    """The tensors in an edit's fragments that say from which session they are to be had."""
    if not isinstance(edit, dict):
        return []
    inside = edit.get("edits")
    edits = [edit, *(inside if isinstance(inside, list) else ())]
    fragments = [one["fragment"] for one in edits if isinstance(one, dict) and isinstance(one.get("fragment"), dict)]
    return [named for fragment in fragments for named in _named(fragment)]


def _named(data: Any) -> Iterator[Data]:
    waiting = [data]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("session"), str) and ("source" in one or "digest" in one):
                yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def with_tensors_at_hand(sessions: Sessions, session: Session, edit: Data, author: str) -> Data:
    """The edit as the session can make it: tensors of its own are found by it, others are copied into its store first.

    What cannot be had stays as it is, and the edit says so. AppError `cancelled`.
    """
    if not tensors_elsewhere(edit):
        return edit
    edit = msgspec.msgpack.decode(msgspec.msgpack.encode(edit))
    sources: dict[str, list[Data]] = {}
    for named in tensors_elsewhere(edit):
        if named["session"] == session.opened.id:
            del named["session"]
        else:
            sources.setdefault(named["session"], []).append(named)
    for source, wanted in sources.items():
        if sessions.has(source):
            _bring(sessions, sessions.find(source), session, wanted, author)
    return edit


def _bring(sessions: Sessions, source: Session, target: Session, wanted: list[Data], author: str) -> None:
    job = source.client.lend(wanted, target.client, author)
    sessions.remember_job(job, source.opened.id)
    told: tuple[Any, ...] = ()
    while (state := source.client.job(job))["state"] == "running":
        if (now := (state["progress"], state["text"])) != told:
            told = now
            sessions.tell(target, "job", {**state, "kind": "edit"})
        time.sleep(POLL)
    if state["state"] == "cancelled":
        raise AppError("cancelled", "it was cancelled; nothing was changed", status=409)
    if state["state"] == "failed":
        raise AppError.from_json(state["error"], 423 if state["error"]["code"] == "disk-full" else 400)
    for named, digest in zip(wanted, state["result"], strict=True):
        if digest:
            named.pop("session")
            named.pop("source", None)
            named["digest"] = digest
