"""What the file says of a subject that no other answer tells: at once, or in a job where writing a large edited model would hold up edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from onnx_scalpel.document.document import Document
from onnx_scalpel.document.remainder.more import more_of
from onnx_scalpel.document.remainder.standing import Standing
from onnx_scalpel.edits.subjects import subject_record
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.limits import Limits
from onnx_scalpel.jobs.outcome import JobOutcome
from onnx_scalpel.session.children import Children
from onnx_scalpel.session.session import Session

LARGE = 4000  # nodes and values; an edited model of so many is written in 10 ms
LIMITS = Limits(cpu_seconds=60, wall_seconds=120, memory_bytes=2 << 30)
Arguments = dict[str, Any]  # subject, start, count, whole
Answer = Callable[[Any], None]  # hears the result or the AppError


class Telling:
    """Answers questions for more. One job at a time answers all that were asked meanwhile."""

    def __init__(self, session: Session, children: Children) -> None:
        self._session = session
        self._children = children
        self._waiting: list[tuple[Arguments, Answer]] = []
        self._working = False
        self._standing: tuple[int, Standing] | None = None

    def more(self, arguments: Arguments, answer: Answer) -> None:
        """`more_of` the model as it stands, with its revision. AppError `no-such-subject`."""
        session = self._session
        subject_record(session.document, arguments["subject"])
        nodes, values, _ = session.document.tables()
        if session.document.is_touched and len(nodes) + len(values) > LARGE:
            self._waiting.append((arguments, answer))
            self._work()
            return
        known = self._standing
        if known is None or known[0] != session.revision or not known[1].about(session.document):
            known = self._standing = (session.revision, Standing(session.document))
        answer({"revision": session.revision, **more_of(known[1], **arguments)})

    def _work(self) -> None:
        if self._working:
            return
        waiting, self._waiting = self._waiting, []
        asked = [one for one in waiting if self._is_there(*one)]
        if not asked:
            return
        self._working = True
        revision, document = self._session.revision, self._session.document

        def on_end(outcome: JobOutcome) -> None:
            self._working = False
            for (_, answer), told in zip(asked, outcome.result or [None] * len(asked), strict=True):
                answer(outcome.error or {"revision": revision, **told})
            self._work()

        questions = [arguments for arguments, _ in asked]
        self._children.start(
            lambda _: _told(document, questions),
            LIMITS,
            folder=document.folder,
            readable=(document.path.parent,),
            on_end=on_end,
        )

    def _is_there(self, arguments: Arguments, answer: Answer) -> bool:
        """Whether the subject is still there; who asked for one that is gone is told so."""
        try:
            subject_record(self._session.document, arguments["subject"])
        except AppError as error:
            answer(error)
            return False
        return True


def _told(document: Document, questions: list[Arguments]) -> list[dict[str, Any]]:
    """Runs in the child."""
    standing = Standing(document)
    return [more_of(standing, **question) for question in questions]
