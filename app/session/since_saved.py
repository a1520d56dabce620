"""The edits that the session's file does not hold yet, told so that they fit a fresh opening of it: what a reload makes again."""

from __future__ import annotations

import re
from typing import Any

from onnx_scalpel.document import ids
from onnx_scalpel.document.delta import decode_delta
from onnx_scalpel.document.records import NodeRecord, Record, Table, ValueRecord
from onnx_scalpel.edits.fragments import references_in
from onnx_scalpel.session.clipboard import with_data
from onnx_scalpel.session.history import History
from onnx_scalpel.session.recipe import LARGEST_RECIPE
from onnx_scalpel.session.session import Session


def edits_since(session: Session, saved: int) -> list[dict[str, Any]]:
    """The edits that stand now and did not at revision `saved`, oldest first: {"title", "author", "author_name", "edit"}.
    One that was taken back since has no `edit`: no edit says how."""
    history = session.history
    then = {r.number for r in History(history.revisions[:saved]).standing()}
    now = history.standing()
    new = [revision for revision in now if revision.number not in then]
    recorded = session.journal.edits([revision.number for revision in new])
    edits = with_data(session.document.file.store, recorded, LARGEST_RECIPE)
    names = _Fresh(session, saved)
    told = [
        {"title": r.title, "author": r.author, "author_name": r.author_name, "edit": names.translated(edit)}
        for r, edit in zip(new, edits, strict=True)
    ]
    lost = sorted(then - {revision.number for revision in now})
    back = [history.revision(number) for number in lost]
    return told + [
        {"title": f"Undid: {r.title}", "author": r.author, "author_name": r.author_name, "edit": None} for r in back
    ]


class _Fresh:
    """Ids as they are when the saved file is opened afresh: they come from names, and names may have changed before the save."""

    def __init__(self, session: Session, saved: int) -> None:
        self._document = session.document
        self._known: dict[str, str] = {}
        self._saved: dict[tuple[Table, str], Record | None] = {}  # what was changed since, as it was saved
        self._moved = saved > 0
        if self._moved:
            for number in range(saved + 1, session.revision + 1):
                for change in decode_delta(session.journal.delta(number)).changes:
                    self._saved.setdefault((change.table, change.id), change.before)

    def translated(self, data: Any) -> Any:
        """The same edit with every id in it as the fresh opening has it; what it creates keeps its ids."""
        if not self._moved:
            return data
        if isinstance(data, dict):
            kept = {"creates": lambda ids: ids, "fragment": self._fragment}
            return {key: kept.get(key, self.translated)(value) for key, value in data.items()}
        if isinstance(data, list):
            return [self.translated(item) for item in data]
        return self._id(data) if isinstance(data, str) and data.startswith(("node:", "value:", "graph:")) else data

    def _fragment(self, data: Any) -> Any:
        """Keys in a fragment mean something in it only; its large tensors are the file's."""
        for named in references_in(data):
            if str(named.get("source", "")).startswith("value:"):
                named["source"] = self._id(named["source"])
        return data

    def _id(self, old: str) -> str:
        if old not in self._known:
            self._known[old] = old  # a graph asks for its node, which asks for its graph: it ends at the main graph
            self._known[old] = self._fresh(old)
        return self._known[old]

    def _fresh(self, old: str) -> str:
        if old.startswith("graph:"):
            return self._graph(old)
        record = self._record("node" if old.startswith("node:") else "value", old)
        if isinstance(record, ValueRecord) and record.name:
            wanted = ids.value_id(record.name, self._graph(record.graph))
        elif isinstance(record, NodeRecord) and (name := self._first_output(record)):
            wanted = ids.node_id(name, record.name, record.op_type, 0, self._graph(record.graph))
        else:
            return old  # made since, or named by nothing that changes
        return old if re.fullmatch(re.escape(wanted) + r"(?:~\d+)?", old) else wanted

    def _graph(self, old: str) -> str:
        """A body is called by the node that holds it."""
        live = self._document.tables()[2].get(old)
        if live is None or not live.owner:
            return old
        return old.replace(live.owner, self._id(live.owner), 1)

    def _first_output(self, node: NodeRecord) -> str:
        first = next((output for output in node.outputs if output), "")
        value = self._record("value", first) if first else None
        return value.name if isinstance(value, ValueRecord) else ""

    def _record(self, table: Table, key: str) -> Record | None:
        if (table, key) in self._saved:
            return self._saved[table, key]
        return self._document.record(table, key)
