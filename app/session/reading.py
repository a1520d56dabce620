"""What can be asked of a session without changing it: summary, snapshot, types, operators, recipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from onnx_scalpel.document import save, schemas, views
from onnx_scalpel.document.document import Document
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.load import as_opened
from onnx_scalpel.edits.subjects import subject_record
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.checks import Checks, missing_view
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.clipboard import with_data
from onnx_scalpel.session.recipe import LARGEST_RECIPE, build_recipe, digest_of, without_arrangement
from onnx_scalpel.session.session import HISTORY_SHOWN, Session
from onnx_scalpel.session.since_saved import edits_since
from onnx_scalpel.session.watching import Watching
from onnx_scalpel.validators.shape_inference import infer

ORIGINAL_LIMITS = Limits(cpu_seconds=60, wall_seconds=120, memory_bytes=4 << 30)
RECIPE_LIMITS = Limits(cpu_seconds=120, wall_seconds=300, memory_bytes=1 << 30)


class Reading:
    """Answers questions about a session as it is now."""

    def __init__(self, session: Session, checks: Checks, children: Children, watching: Watching) -> None:
        self._session = session
        self._children = children
        self._checks = checks
        self._watching = watching
        self._original: bytes | None = None
        self._columns: tuple[tuple[int, int], bytes] | None = None

    def operations(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        """The questions by the names that requests use."""
        return {
            "summary": lambda _: self.summary(),
            "snapshot": lambda a: self.snapshot(a["format"]),
            "since": lambda a: self._session.since(a["revision"]),
            "types": lambda _: self.types(),
            "operators": lambda _: self.operators(),
            "attribute": lambda a: views.attribute(self._session.document, a["node"], a["name"]),
            "metadata": lambda a: metadata_of(self._session.document, a["subject"]),
            "unsaved_edits": lambda _: edits_since(self._session, self._watching.revision),
        }

    def summary(self) -> dict[str, Any]:
        """The page's SessionSummary; the path is the server's to say."""
        session = self._session
        return {
            "session": session.id,
            "name": session.name,
            "path": "",
            "revision": session.revision,
            "unsaved": session.unsaved,
            "history": session.history.view(HISTORY_SHOWN),
            "diagnostics": self._checks.diagnostics,
            "missing": missing_view(self._checks.missing),
            "checked_revision": self._checks.checked_revision,
            "nodes": sum(len(session.document.node_ids(graph)) for graph in session.document.graph_ids()),
            "state": "ready",
            "saved_path": session.saved_path,
            "changed_on_disk": self._watching.look(),
        }

    def snapshot(self, form: str) -> bytes:
        """The whole model: `columns` for the page, `json` for people and scripts."""
        session = self._session
        if form == "json":
            return msgspec.json.encode(views.snapshot_json(session.document, session.inferred, session.revision))
        if form != "columns":
            raise AppError("unknown-format", "a snapshot is columns or json", status=422)
        state = (session.revision, self._checks.types_serial)
        if self._columns is None or self._columns[0] != state:  # several people open the same model at once
            columns = views.snapshot_columns(session.document, session.inferred, session.revision)
            self._columns = (state, columns)
        return self._columns[1]

    def types(self) -> bytes:
        """Every inferred type, as JSON."""
        types = {value: {"dtype": dtype, "shape": shape} for value, (dtype, shape) in self._session.inferred.items()}
        whole = {"session": self._session.id, "revision": self._checks.checked_revision, "types": types}
        return msgspec.json.encode(whole)

    def operators(self) -> bytes:
        """The schemas of every operator that the model's opset imports offer, as a JSON list."""
        return msgspec.json.encode(schemas.operators(dict(self._session.document.model().opset_imports)))

    def original(self, answer: Callable[[Any], None]) -> None:
        """The model as it was opened, as columns, with the types that inference finds. Made once, in a job."""
        if self._original is not None:
            return answer(self._original)
        document = self._session.document

        def on_end(outcome: JobOutcome) -> None:
            if outcome.error is not None:
                return answer(outcome.error)
            self._original = outcome.result
            return answer(outcome.result)

        self._children.start(
            lambda _: _original_columns(document),
            ORIGINAL_LIMITS,
            folder=document.folder,
            readable=(document.path.parent,),
            on_end=on_end,
        )

    def recipe(self, answer: Callable[[Any], None]) -> None:
        """The edits that stand, to be replayed elsewhere. In a job: the digest of a large model takes seconds."""
        session = self._session
        edits = session.journal.edits([revision.number for revision in session.history.standing()])
        edits = without_arrangement(edits)
        document = session.document

        def on_end(outcome: JobOutcome) -> None:
            answer(outcome.result if outcome.error is None else outcome.error)

        self._children.start(
            lambda _: build_recipe(
                session.name, digest_of(document), with_data(document.file.store, edits, LARGEST_RECIPE)
            ),
            RECIPE_LIMITS,
            folder=document.folder,
            readable=(document.path.parent,),
            on_end=on_end,
        )


def _original_columns(document: Document) -> bytes:
    """Runs in the child."""
    original = as_opened(document)
    return views.snapshot_columns(original, infer(save.weightless(original)).types, 0)


def metadata_of(document: Document, subject: str) -> list[dict[str, str]]:
    """The metadata of the model, a graph, a node or a value. Exporters keep whole stack traces there, for every node, so
    it is no part of a snapshot. AppError `no-such-subject`."""
    return [
        {"key": printable(key), "value": printable(value)} for key, value in subject_record(document, subject).metadata
    ]
