"""One open model as the web process sees it: blocking calls from any thread, events from one. Imports nothing heavy."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.zygote import Zygote
from onnx_scalpel.session.lifeline import Lifeline, Patience

# what the zygote imports before its first fork, so that a session starts at once
PRELOAD = ("onnx_scalpel.session.warm", "onnxruntime")

QUICK_SECONDS = 60.0  # an operation that answers at once; later, the process hangs
SAVE_SECONDS = 1900.0  # a little more than the job that writes may take
RUN_SECONDS = 330.0
REPORT_SECONDS = 750.0  # a little more than its two jobs may take
TENSOR_SECONDS = 1900.0
OnEvent = Callable[[str, dict[str, Any]], None]
OnState = Callable[[str], None]
OnProgress = Callable[[dict[str, Any]], None]
T = TypeVar("T")


class SessionClient:
    """The line to one session. Every method blocks until it is answered, and raises AppError."""

    def __init__(self, session_id: str, on_event: OnEvent, on_state: OnState | None) -> None:
        self.id = session_id
        self._on_event = on_event
        self._on_state = on_state
        self._lock = threading.Lock()
        self._known: dict[str, Any] = {
            "unsaved": False,
            "saved_path": None,
            "revision": 0,
            "changed_on_disk": False,
        }
        self._running: dict[str, dict[str, Any]] = {}  # jobs that the process was last heard to do
        self._lost: dict[str, dict[str, Any]] = {}  # jobs that ended with their process
        self._line: Lifeline
        self.folder = ""  # of the session's journal

    @classmethod
    def open(
        cls,
        zygote: Zygote,
        *,
        session_id: str,
        model_path: Path,
        name: str,
        data_dir: Path,
        on_event: OnEvent,
        on_state: OnState | None = None,
        on_progress: OnProgress | None = None,
        on_start: Callable[[Callable[[], None]], None] | None = None,
        patience: Patience | None = None,
    ) -> SessionClient:
        """Open a model, or go on with the session whose journal lies in `data_dir/<session_id>`.

        AppError: why the model is refused, `open-timed-out`, `open-crashed`, `file-changed`. `on_event` hears `revision`,
        `diagnostics`, `types`, `job` and `session` with the page's payloads, in order; it must not call the client.
        `on_progress` hears how far the opening is, and `on_start` gets what gives it up: `cancelled` is raised here then.
        """
        client = cls(session_id, on_event, on_state)
        folder = data_dir.absolute() / session_id  # other processes may have other working directories
        client.folder = str(folder)
        opening = {"session": session_id, "name": name, "path": str(model_path.absolute()), "folder": client.folder}
        client._line = Lifeline(zygote, opening, patience or Patience(), client._hear, client._change_state)
        client._line.on_progress = on_progress
        if on_start is not None:
            on_start(client._line.give_up_opening)
        client._line.start()
        return client

    @property
    def pid(self) -> int | None:
        """The session's process; None while it is started again."""
        return self._line.pid

    def summary(self) -> dict[str, Any]:
        """The page's SessionSummary, without its path."""
        return self._ask(dict, "summary")

    def snapshot(self, form: str = "columns") -> bytes:
        """The whole model: `columns` for the page, `json` for people and scripts."""
        return self._ask(bytes, "snapshot", format=form)

    def edit(
        self, data: dict[str, Any], author: str, author_name: str = "", client: str | None = None
    ) -> dict[str, Any]:
        """Submit an edit; the page's EditAnswer. The same `client` id of the same author is done once and answered twice.

        An edit that takes long is worked out in a job (kind `edit`), and answered when it is journalled.
        """
        return self._write("edit", author, author_name, client, edit=data)

    def undo(self, author: str, author_name: str = "", client: str | None = None) -> dict[str, Any]:
        """Take back this author's newest standing edit. AppError `nothing-to-undo`, `conflict`."""
        return self._write("undo", author, author_name, client)

    def redo(self, author: str, author_name: str = "", client: str | None = None) -> dict[str, Any]:
        """Bring back what this author undid last. AppError `nothing-to-redo`, `conflict`."""
        return self._write("redo", author, author_name, client)

    def since(self, revision: int) -> list[dict[str, Any]]:
        """The revision messages after this one. AppError `too-old`: a snapshot is needed."""
        return self._ask(list, "since", revision=revision)

    def types(self) -> bytes:
        """Every inferred type, as JSON like the `types` event."""
        return self._ask(bytes, "types")

    def operators(self) -> bytes:
        """The operators that the model's opset imports offer, as a JSON list."""
        return self._ask(bytes, "operators")

    def attribute(self, node: str, name: str) -> dict[str, Any]:
        """One attribute, uncut."""
        return self._ask(dict, "attribute", node=node, name=name)

    def metadata(self, subject: str) -> list[dict[str, str]]:
        """The metadata entries of the model, a graph, a node or a value. AppError `no-such-subject`."""
        return self._ask(list, "metadata", subject=subject)

    def more(self, subject: str, start: int, count: int, whole: bool) -> dict[str, Any]:
        """What the file says of a subject that nothing else here tells, as rows. AppError `no-such-subject`."""
        arguments = {"subject": subject, "start": start, "count": count, "whole": whole}
        return self._expect(dict, self._line.call("more", arguments, RUN_SECONDS, repeatable=True, kills=False))

    def original(self) -> bytes:
        """The model as it was opened, as columns."""
        return self._expect(bytes, self._line.call("original", {}, RUN_SECONDS, repeatable=True, kills=False))

    def unsaved_edits(self) -> list[dict[str, Any]]:
        """The edits that the session's file does not hold yet, as they fit a fresh opening of it, oldest first:
        [{"title", "author", "author_name", "edit"}]; `edit` is None for one that was taken back after it was saved."""
        return self._ask(list, "unsaved_edits")

    def recipe(self) -> dict[str, Any]:
        """The edits that stand, to be replayed elsewhere."""
        return self._expect(dict, self._line.call("recipe", {}, RUN_SECONDS, repeatable=True, kills=False))

    def check(self) -> str:
        """Check the model now; the job's id."""
        return self._ask(str, "check")

    def run(self, request: dict[str, Any]) -> str:
        """Run the model ({seed?, dims?}); the job's id. AppError `choice-needed`: sizes of symbolic dims are missing."""
        answer = self._line.call("run", {"request": request}, RUN_SECONDS, repeatable=True, kills=False)
        return self._expect(str, answer)

    def report(self) -> dict[str, Any]:
        """What the model is made of: the facts of every inspector, and the revision that they are about."""
        return self._expect(dict, self._line.call("report", {}, REPORT_SECONDS, repeatable=True, kills=False))

    def tensor(
        self,
        subject: Mapping[str, str],
        piece: Mapping[str, int],
        *,
        statistics: bool,
        wait: bool,
        formula: Mapping[str, Any] | None = None,
    ) -> dict[str, Any] | str:
        """Values and statistics of the tensor of {"value"} or {"node", "attribute"}; without `wait` the id of a job.
        `piece` is start, count, rows, stride; with a `formula` of what it would make of the value. AppError `no-such-tensor`, `wrong-parameters`, `bad-tensor`, `external-data`."""
        named = {"value": "", "node": "", "attribute": "", **subject}
        arguments = {**named, "piece": dict(piece), "statistics": statistics, "wait": wait, "formula": formula}
        answer = self._line.call("tensor", arguments, TENSOR_SECONDS, repeatable=wait, kills=False)
        return self._expect(dict, answer) if wait else self._expect(str, answer)

    def preview(self, data: dict[str, Any]) -> str:
        """Work an edit out without applying it; the job's id. Its result is the page's PreviewResult; the edit with the
        key `preview` and this id accepts it."""
        return self._ask(str, "preview", edit=data)

    def copy(self, nodes: Sequence[str]) -> dict[str, Any]:
        """The fragment of these nodes, for the edit paste-nodes. AppError `no-such-node`, `fragment-too-large`."""
        return self._ask(dict, "copy", nodes=list(nodes))

    def lend(self, tensors: Sequence[Mapping[str, Any]], to: SessionClient, author: str) -> str:
        """Bring the data of tensors that a fragment names to another session; the id of the job, which is this session's.
        Its result is a digest for each, '' for one that cannot be had."""
        return self._ask(str, "lend", tensors=list(tensors), folder=to.folder, author=author)

    def job(self, job_id: str) -> dict[str, Any]:
        """The page's JobMessage. AppError `no-such-job`."""
        return self._about_job("job", job_id)

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Stop a job; its JobMessage."""
        return self._about_job("cancel", job_id)

    def write_model(
        self, target: Path, alone: bool = False, weights: Mapping[str, Any] | None = None, author: str = ""
    ) -> list[str]:
        """Write the model to a new file, with its data files beside it unless it is wanted `alone`; the paths of all.
        `weights` is {"weights": how they are written, "threshold"?}; None: as the session's file has them. AppError
        `choice-needed` when one file cannot hold what is to go inside."""
        arguments = _order(target, weights, author) | {"alone": alone}
        return self._expect(
            list, self._line.call("write_model", arguments, SAVE_SECONDS, repeatable=False, kills=False)
        )

    def supply(self, files: Mapping[str, str]) -> dict[str, Any]:
        """Take data files that the model lacks, {path: name}, into the session's folder; {"taken", "left"}.
        AppError `not-needed` when none of them is one."""
        answer = self._line.call("supply", {"files": dict(files)}, SAVE_SECONDS, repeatable=False, kills=False)
        return self._expect(dict, answer)

    def save(
        self,
        path: Path,
        overwrite: bool = False,
        anyway: bool = False,
        weights: Mapping[str, Any] | None = None,
        author: str = "",
    ) -> dict[str, Any]:
        """Save to `path`; {"path", "revision", "unsaved"}. AppError `file-exists` without `overwrite`;
        `changed-on-disk` without `anyway` when it is the session's own file, and another program changed it;
        `choice-needed` as `write_model`. `author` hears of the job, of kind `save`."""
        arguments = _order(path, weights, author) | {"overwrite": overwrite, "anyway": anyway}
        return self._expect(dict, self._line.call("save", arguments, SAVE_SECONDS, repeatable=False, kills=False))

    def memory(self) -> int:
        """Bytes of memory that the session's process has for itself."""
        return self._ask(int, "memory")

    def close(self) -> None:
        """End the session's process. Its journal stays, so that it can be opened again; without edits nothing stays."""
        self._line.close(10.0)

    def _about_job(self, op: str, job_id: str) -> dict[str, Any]:
        """A process that was started while this was asked knows nothing of the jobs of the one before it."""
        if job_id not in self._lost:
            try:
                return self._ask(dict, op, job=job_id)
            except AppError:
                if job_id not in self._lost:
                    raise
        return self._lost[job_id]

    def _ask(self, returns: type[T], op: str, **arguments: Any) -> T:
        return self._expect(returns, self._line.call(op, arguments, QUICK_SECONDS, repeatable=True, kills=True))

    def _expect(self, returns: type[T], answer: Any) -> T:
        if not isinstance(answer, returns):
            raise TypeError(f"a session answered {type(answer).__name__}, not {returns.__name__}")
        return answer

    def _write(self, op: str, author: str, author_name: str, client: str | None, **more: Any) -> dict[str, Any]:
        # an id of its own makes the request harmless to repeat when the process ends under it
        who = {"author": author, "author_name": author_name, "client": client or secrets.token_hex(8)}
        return self._ask(dict, op, **who, **more)

    def _hear(self, event: str, payload: dict[str, Any]) -> None:
        with self._lock:
            if event in ("revision", "session"):
                self._known.update((key, payload[key]) for key in self._known if key in payload)
            elif event == "job":
                self._running.pop(payload["job"], None)
                if payload["state"] == "running":
                    self._running[payload["job"]] = payload
        self._on_event(event, payload)

    def _change_state(self, state: str, detail: dict[str, Any]) -> None:
        first = state == "ready" and not detail.get("recovered") and self._known["revision"] == 0
        with self._lock:
            self._known.update((key, detail[key]) for key in ("revision", "unsaved") if key in detail)
            known = dict(self._known)
            running, self._running = (self._running, {}) if state == "recovering" else ({}, self._running)
        if not first:
            shown = {"ready": "ready", "recovering": "recovering", "lost": "closed"}[state]
            self._on_event("session", {"session": self.id, "state": shown, **known})
        for job in running.values():
            self._lose(job)
        if self._on_state is not None:
            self._on_state(state)

    def _lose(self, job: dict[str, Any]) -> None:
        error = AppError("job-lost", "the session's process ended, and this job with it", hint="start it again")
        lost = {**job, "state": "failed", "error": error.to_json()}
        with self._lock:
            self._lost[job["job"]] = lost
        self._on_event("job", lost)


def _order(path: Path, weights: Mapping[str, Any] | None, author: str) -> dict[str, Any]:
    """What every writing of the model says."""
    how = None if weights is None else dict(weights)
    return {"path": str(path.absolute()), "weights": how, "author": author, "overwrite": False, "anyway": False}
