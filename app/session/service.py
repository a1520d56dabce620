"""What a session process answers: every operation by its name, and edits in groups that become durable together."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from onnx_scalpel.document.records import ARRANGEMENT
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.limits import anonymous_bytes
from onnx_scalpel.session.checks import Checks
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.clipboard import Clipboard
from onnx_scalpel.session.edit_jobs import EditJobs
from onnx_scalpel.session.files import DATA_FOLDER, mapped_bytes
from onnx_scalpel.session.inspecting import Inspecting
from onnx_scalpel.session.job_list import JobList
from onnx_scalpel.session.journal import JournalDamaged, JournalFull
from onnx_scalpel.session.loop import Loop
from onnx_scalpel.session.messages import OPENING, Event, Request, Response, Working, failure
from onnx_scalpel.session.reading import Reading
from onnx_scalpel.session.recovery import Opened, Opening, forget_session, open_session
from onnx_scalpel.session.refusals import bug, disk_full, too_large
from onnx_scalpel.session.runs import Runs
from onnx_scalpel.session.saving import Order, Saving, save_options
from onnx_scalpel.session.session import Author, Session
from onnx_scalpel.session.supplying import Supplying
from onnx_scalpel.session.telling import Telling
from onnx_scalpel.session.watching import Watch, Watching

log = logging.getLogger(__name__)
HEARD_AGAIN = 100  # revisions told again after a recovery at most; a page that misses more asks for it
Arguments = dict[str, Any]
Answer = Callable[[Any], None]  # hears the result or the AppError


class Service:
    """The parts of a session, wired to its channel."""

    def __init__(self, channel: socket.socket) -> None:
        self.loop = Loop(channel, self._serve)
        self._writes: dict[str, Callable[[Author, Arguments], dict[str, Any]]] = {}
        self._reads: dict[str, Callable[[Arguments], Any]] = {}
        self._slow: dict[str, Callable[[Arguments, Answer], None]] = {"open": self._open}  # these answer themselves
        self._session: Session | None = None
        self._edits: EditJobs | None = None
        # what is said once the edits are durable: the new revision's message, and the answer with what it says
        self._held: list[tuple[dict[str, Any] | None, Answer, Any]] = []
        self._closed = False

    def end(self) -> None:
        """Let go of the journal."""
        if self._session is not None and not self._closed:
            self._session.journal.close()

    def _serve(self, requests: Sequence[Request]) -> None:
        for request in requests:
            if request.op in self._writes and not self._defers(request):
                self._write(request)
                continue
            self._commit()
            self._read(request)
        self._commit()

    def _write(self, request: Request) -> None:
        assert self._session is not None
        arguments = request.arguments
        self._hold(request.op, lambda: self._writes[request.op](_author(arguments), arguments), self._later(request))

    def _hold(self, op: str, write: Callable[[], dict[str, Any]], answer: Answer) -> None:
        """Make a revision, and keep what is to be said until it is durable."""
        assert self._session is not None
        before = self._session.revision
        try:
            message = write()
        except AppError as error:
            self._held.append((None, answer, error))
        except JournalFull:
            self._held.append((None, answer, None))
            self._forget()
        except Exception:  # the boundary: a bug is loud in the log, and the session goes on
            log.exception("%s failed", op)
            self._held.append((None, answer, bug(op)))
        else:
            told = {name: message[name] for name in ("revision", "delta", "created", "report") if name in message}
            self._held.append((message if self._session.revision > before else None, answer, told))

    def _adopt(self, op: str, write: Callable[[], dict[str, Any]], answer: Answer) -> None:
        """Make a revision of what a job worked out."""
        self._hold(op, write, answer)
        self._commit()

    def _commit(self) -> None:
        """Make the edits of this round durable, then tell everyone and answer."""
        if not self._held:
            return
        assert self._session is not None
        try:
            self._session.commit()
        except JournalFull:
            self._forget()
            return
        held, self._held = self._held, []
        for message, answer, told in held:
            if message is not None:
                self._publish("revision", message)
            answer(told)
        messages = [message for message, _, _ in held if message is not None]
        if any(change["table"] not in ARRANGEMENT for message in messages for change in message["delta"]):
            self._checks.schedule()
        elif messages:
            self._checks.arranged()

    def _forget(self) -> None:
        """The disk is full: nothing of this round happened, and its edits are told so."""
        assert self._session is not None
        self._session.roll_back()
        held, self._held = self._held, []
        for _, answer, told in held:
            answer(told if isinstance(told, AppError) else disk_full())

    def _defers(self, request: Request) -> bool:
        """Whether a write is worked out in a job; the caller is told, so that it waits."""
        if request.op != "edit" or self._edits is None:
            return False
        try:
            if not self._edits.defers(_author(request.arguments), request.arguments["edit"]):
                return False
        except AppError:
            return False  # what is wrong with it is told by the ordinary way
        self.loop.send(Working(request.id))
        return True

    def _read(self, request: Request) -> None:
        refusal = self._attempt(request)
        if refusal is not None:  # outside of any handler: what a failed attempt held is free again
            self.loop.send(failure(request.id, refusal))

    def _attempt(self, request: Request) -> AppError | None:
        try:
            if request.op in self._slow:
                self._slow[request.op](request.arguments, self._later(request))
            elif request.op in self._reads:
                self.loop.send(Response(request.id, self._reads[request.op](request.arguments)))
            else:
                return AppError("not-open", f"a session cannot {request.op} now", status=409)
        except AppError as error:
            return error
        except (MemoryError, SystemError) as error:
            if isinstance(error, SystemError):  # what CPython may raise when there is no room for a MemoryError
                log.exception("%s failed", request.op)
            return too_large(request.op)
        except (JournalDamaged, JournalFull):
            log.exception("%s failed on the journal", request.op)
            return disk_full()
        except Exception:  # the boundary: a bug is loud in the log, and the session goes on
            log.exception("%s failed", request.op)
            return bug(request.op)
        return None

    def _publish(self, name: str, payload: dict[str, Any]) -> None:
        self.loop.send(Event(name, payload))

    def _later(self, request: Request) -> Answer:
        """Answers a request whenever its job has ended."""

        def answer(result: Any) -> None:
            if isinstance(result, AppError):
                self.loop.send(failure(request.id, result))
            else:
                self.loop.send(Response(request.id, result))

        return answer

    def _open(self, arguments: Arguments, answer: Answer) -> None:
        """Open, and tell what was committed but perhaps not heard of (`heard` is the last that was) before the process ended."""
        opening = Opening(arguments["session"], arguments["name"], Path(arguments["path"]), Path(arguments["folder"]))
        try:
            opened = open_session(opening, self._tell_opening)
        except BaseException:
            self.loop.stop()  # the answer says why; there is nothing to live for
            raise
        self._wire(opened)
        session = opened.session
        answer({"revision": session.revision, "unsaved": session.unsaved, "recovered": opened.recovered})
        heard = arguments["heard"]
        if heard is not None and heard < session.revision:
            for number in range(max(heard, session.revision - HEARD_AGAIN) + 1, session.revision + 1):
                self._publish("revision", session.message(number))

    def _tell_opening(self, step: str, done: int, of: int) -> None:
        self.loop.send_now(Event(OPENING, {"step": step, "done": done, "of": of}))

    def _wire(self, opened: Opened) -> None:
        session = self._session = opened.session
        children = Children(self.loop, (session.document.file.store.folder, session.folder / DATA_FOLDER))
        mapped = mapped_bytes(session.document)
        self._checks = checks = Checks(session, self.loop, children, self._publish, mapped)
        checks.about_session = opened.findings
        watch = Watch(session.document, session.journal.about())
        watching = Watching(session, watch, self.loop, self._publish)
        reading = Reading(session, checks, children, watching)
        jobs = JobList(session, self._publish)
        runs = Runs(session, children, checks, jobs, mapped)
        self._edits = edits = EditJobs(session, children, jobs, self._adopt)
        inspecting = Inspecting(session, children, checks, jobs, mapped)
        clipboard = Clipboard(session, children, jobs, mapped)
        supplying = Supplying(session, checks, watch, children, self.loop)
        saving = Saving(session, self.loop, children, watch, jobs, watching.tell)
        watching.on_change = saving.keep_the_opened
        self._writes = {
            "edit": lambda who, a: edits.submit_now(who, a["edit"]),
            "undo": lambda who, _: session.undo(who),
            "redo": lambda who, _: session.redo(who),
        }
        self._reads = {
            **reading.operations(),
            "check": lambda _: runs.check(),
            "preview": lambda a: edits.preview(a["edit"]),
            "copy": lambda a: clipboard.copy(a["nodes"]),
            "lend": lambda a: clipboard.lend(a["tensors"], Path(a["folder"]), a["author"]),
            "job": lambda a: jobs.message(a["job"]),
            "cancel": lambda a: jobs.cancel(a["job"]),
            "supply": lambda a: supplying.supply(a["files"]),
            "memory": lambda _: anonymous_bytes(),
            "close": self._close,
        }
        self._slow = {
            "edit": lambda a, answer: edits.submit(_author(a), a["edit"], answer),
            "recipe": lambda _, answer: reading.recipe(answer),
            "run": lambda a, answer: runs.run(a["request"], answer),
            "report": lambda _, answer: inspecting.report(answer),
            "tensor": inspecting.tensor,
            "more": Telling(session, children).more,
            "write_model": lambda a, answer: saving.write_model(_order(a), a["alone"], answer),
            "save": lambda a, answer: saving.save(_order(a), answer),
            "original": lambda _, answer: reading.original(answer),
        }
        self.loop.call_later(0.0, lambda: self._prepare(reading))
        checks.schedule_first()

    def _prepare(self, reading: Reading) -> None:
        """Once `open` is answered, make what the page asks for next while the browser is on its way to it."""
        try:
            reading.snapshot("columns")
        except Exception:  # whoever asks for it is told
            log.exception("the first snapshot could not be made")

    def _close(self, _: Arguments) -> None:
        assert self._session is not None
        session = self._session
        session.journal.close()
        self._closed = True
        if session.revision == 0 and not session.document.file.supplied:
            forget_session(session.folder)
        self.loop.stop()


def _author(arguments: Arguments) -> Author:
    return Author(arguments["author"], arguments["author_name"], arguments["client"])


def _order(arguments: Arguments) -> Order:
    options = save_options(arguments["weights"])
    path, overwrite, anyway = Path(arguments["path"]), arguments["overwrite"], arguments["anyway"]
    return Order(path, overwrite, anyway, options, arguments["author"])
