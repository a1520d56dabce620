"""The live side: joins, edits and presence over Socket.IO. The only file that knows Socket.IO.

A handler runs in the thread that reads its connection and answers only when the session's process has the result, so
what one connection sends keeps its order; the order between connections is the session process's, whose events reach
every browser through one thread. An edit that is worked out in a job waits in a thread of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import socketio
from flask import Flask, request
from flask_socketio import SocketIO, join_room, leave_room

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.catalogue import EditCatalogue
from onnx_scalpel.web.errors import carried, internal_error, wrong_parameters
from onnx_scalpel.web.pasting import tensors_elsewhere, with_tensors_at_hand
from onnx_scalpel.web.presence import Participant, Presence
from onnx_scalpel.web.rates import RateLimit
from onnx_scalpel.web.sessions import Sessions

LOG = logging.getLogger("onnx_scalpel.web")
MESSAGE_LIMIT = 8 << 20  # bytes of one message from a browser: ids and names may be a megabyte long
REPLAY_LIMIT = 200  # revisions that a join replays; who missed more fetches a snapshot
PRESENCE_PAUSE = 0.04  # seconds; cursors of that time go out together
Data = dict[str, Any]
Handler = Callable[[Data], Data]


class _Server(socketio.Server):
    """Lets what may take minutes not hold up what the connection sends after it."""

    takes_long: Callable[[Any], bool] = staticmethod(lambda _: False)

    def _handle_event(self, eio_sid: str, namespace: str, id: int | None, data: Any) -> None:
        handle = super()._handle_event
        if self.takes_long(data):
            self.start_background_task(handle, eio_sid, namespace, id, data)
        else:
            handle(eio_sid, namespace, id, data)


def new_socket_server(app: Flask) -> SocketIO:
    """The Socket.IO server on a Flask app. Its own origin check is off, because the gate before it is the strict one.

    Handlers wait for the session's process, so a connection counts as lost only after two minutes without an answer.
    """
    sockets = SocketIO(
        app,
        async_mode="threading",
        async_handlers=False,
        manage_session=False,
        cors_allowed_origins="*",
        cors_credentials=False,
        max_http_buffer_size=MESSAGE_LIMIT,
        ping_interval=20,
        ping_timeout=120,
    )
    sockets.server.__class__ = _Server  # Flask-SocketIO makes the server itself
    return sockets


class Broadcaster:
    """Sends an event to every browser of a session, in the order of the calls."""

    def __init__(self, server: SocketIO) -> None:
        self._server = server

    def __call__(self, session: str, event: str, payload: Data) -> None:
        self._server.emit(event, payload, to=session)


class Sockets:
    """The handlers of all events."""

    def __init__(self, server: SocketIO, sessions: Sessions, presence: Presence, catalogue: EditCatalogue) -> None:
        self._server = server
        server.server.takes_long = partial(_takes_long, catalogue)
        self._sessions = sessions
        self._presence = presence
        self._joins = RateLimit(rate=5, burst=50)
        self._edits = RateLimit(rate=1000, burst=4000)  # a script may send many; waiting for each slows it down anyway
        self._moves = RateLimit(rate=60, burst=240)
        self._lock = threading.Lock()
        self._announcing: set[str] = set()
        for event, handler, limit in (
            ("join", self._join, self._joins),
            ("edit", self._edit, self._edits),
            ("preview", self._preview, self._edits),
            ("undo", self._undo, self._edits),
            ("redo", self._redo, self._edits),
            ("presence", self._move, self._moves),
        ):
            server.on_event(event, _answering(event, handler, limit))
        server.on_event("disconnect", self._disconnect)

    def _join(self, data: Data) -> Data:
        """{session, participant, name, since} → the summary with everyone's presence; missed revisions are sent first."""
        session = self._sessions.find(_text(data, "session"))
        connection = _connection()
        before = self._presence.of(connection)
        if before is not None and before.session != session.opened.id:
            leave_room(before.session)
        join_room(session.opened.id)  # before the summary, so that no revision falls between
        self._presence.join(connection, session.opened.id, _text(data, "participant", ""), _text(data, "name", ""))
        if before is not None and before.session != session.opened.id:
            self._announce(before.session)
        summary = self._sessions.summary(session)
        since = data.get("since")
        if isinstance(since, int) and 0 < summary["revision"] - since <= REPLAY_LIMIT and since >= 0:
            for message in session.client.since(since):
                self._server.emit("revision", message, to=connection)
        self._announce(session.opened.id)
        return summary | {"participants": self._presence.participants(session.opened.id)}

    def _edit(self, data: Data) -> Data:
        """{session, edit, client} → EditAnswer, when the edit is journalled."""
        who = self._participant(data)
        edit, client = data.get("edit"), data.get("client")
        if not isinstance(edit, dict):
            raise wrong_parameters(edit="an edit is needed")
        if client is not None and not (isinstance(client, str) and len(client) <= 100):
            raise wrong_parameters(client="a text of at most 100 characters")
        session = self._sessions.find(who.session)
        edit = with_tensors_at_hand(self._sessions, session, edit, who.id)
        return session.client.edit(edit, who.id, who.name, client)

    def _preview(self, data: Data) -> Data:
        """{session, edit} → {job}: the edit is worked out without being applied."""
        who = self._participant(data)
        if not isinstance(data.get("edit"), dict):
            raise wrong_parameters(edit="an edit is needed")
        return {"job": self._sessions.find(who.session).client.preview(data["edit"])}

    def _undo(self, data: Data) -> Data:
        who = self._participant(data)
        return self._sessions.find(who.session).client.undo(who.id, who.name)

    def _redo(self, data: Data) -> Data:
        who = self._participant(data)
        return self._sessions.find(who.session).client.redo(who.id, who.name)

    def _move(self, data: Data) -> Data:
        """{session, selection, cursor, graph}: what changed of a participant's presence."""
        moved = self._presence.update(_connection(), data)
        if moved is None:
            raise _not_joined()
        self._announce(moved.session)
        return {}

    def _disconnect(self, *_reason: object) -> None:
        connection = _connection()
        gone = self._presence.leave(connection)
        for limit in (self._joins, self._edits, self._moves):
            limit.forget(connection)
        if gone is not None:
            self._announce(gone.session)

    def _participant(self, data: Data) -> Participant:
        """Who this connection is in the session that it names. AppError: it has not joined it."""
        who = self._presence.of(_connection())
        if who is None or data.get("session", who.session) != who.session:
            raise _not_joined()
        return who

    def _announce(self, session: str) -> None:
        """Tell everyone at a session who is there, at most once every PRESENCE_PAUSE."""
        with self._lock:
            if session in self._announcing:
                return
            self._announcing.add(session)
        self._server.start_background_task(self._announce_soon, session)

    def _announce_soon(self, session: str) -> None:
        time.sleep(PRESENCE_PAUSE)
        with self._lock:
            self._announcing.discard(session)
        everyone = {"session": session, "participants": self._presence.participants(session)}
        self._server.emit("presence", everyone, to=session)


def _answering(event: str, handler: Handler, limit: RateLimit) -> Callable[..., Data]:
    """A handler whose failures are answers: {"error": …}, as over HTTP."""

    def handle(*arguments: object) -> Data:
        try:
            if not limit.admits(_connection()):
                raise AppError("slow-down", "too many messages at once", hint="wait a moment", status=429)
            if len(arguments) != 1 or not isinstance(arguments[0], dict):
                raise AppError("bad-message", f"`{event}` takes one object", hint="see /api/docs", status=422)
            return handler(carried(arguments[0]))
        except AppError as error:
            return {"error": error.to_json()}
        except Exception:
            LOG.exception("the socket event %s failed", event)
            return {"error": internal_error().to_json()}

    return handle


def _takes_long(catalogue: EditCatalogue, data: Any) -> bool:
    """Whether an event's name and payload are an edit that is worked out in a job, or brings large tensors along."""
    if not isinstance(data, list) or len(data) != 2 or data[0] != "edit" or not isinstance(data[1], dict):
        return False
    try:
        edit = data[1].get("edit")
        return bool(tensors_elsewhere(edit)) or catalogue.takes_long(edit)
    except (AppError, RecursionError):
        return False  # the ordinary way tells what is wrong


def _connection() -> str:
    connection: str = request.sid  # type: ignore[attr-defined]
    return connection


def _not_joined() -> AppError:
    return AppError("not-joined", "this connection has not joined that session", hint="send `join` first", status=409)


def _text(data: Data, name: str, default: str | None = None) -> str:
    value = data.get(name, default)
    if not isinstance(value, str):
        raise wrong_parameters(**{name: "a text is needed"})
    return value
