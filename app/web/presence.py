"""Who looks at which session right now: names, colours, selections and cursors, by connection."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace
from typing import Any

from onnx_scalpel.errors import one_line

NAME_LIMIT = 60  # characters of a participant's name
ID_LIMIT = 100  # characters of a participant's id
SELECTION_LIMIT = 500  # ids that are shown to others
TEXT_LIMIT = 4096  # characters of one id in a selection


@dataclass(frozen=True)
class Participant:
    """One connection to one session; two connections of one person share `id` and `colour`."""

    session: str
    id: str
    name: str
    colour: int
    selection: tuple[str, ...] = ()
    cursor: tuple[float, float] | None = None
    graph: str = "graph:"

    def to_json(self) -> dict[str, Any]:
        """As the page's Participant."""
        return {
            "id": self.id,
            "name": self.name,
            "colour": self.colour,
            "selection": list(self.selection),
            "cursor": list(self.cursor) if self.cursor else None,
            "graph": self.graph,
        }


class Presence:
    """The one place that knows which connection is who; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_connection: dict[str, Participant] = {}

    def join(self, connection: str, session: str, participant: str, name: str) -> Participant:
        """Seat a connection at a session; the colour is the smallest that nobody else there has."""
        participant = one_line(participant, ID_LIMIT) or connection[:ID_LIMIT]
        with self._lock:
            others = [p for c, p in self._by_connection.items() if p.session == session and c != connection]
            same = next((p for p in others if p.id == participant), None)
            taken = {p.colour for p in others}
            colour = same.colour if same else next(n for n in range(len(taken) + 1) if n not in taken)
            joined = Participant(session, participant, one_line(name, NAME_LIMIT) or "Guest", colour)
            self._by_connection[connection] = joined
            return joined

    def update(self, connection: str, data: dict[str, Any]) -> Participant | None:
        """Take a connection's new selection, cursor and graph; what is malformed is left as it was. None: it has not joined."""
        with self._lock:
            participant = self._by_connection.get(connection)
            if participant is not None:
                participant = _changed(participant, data)
                self._by_connection[connection] = participant
            return participant

    def leave(self, connection: str) -> Participant | None:
        """Forget a connection; who it was."""
        with self._lock:
            return self._by_connection.pop(connection, None)

    def of(self, connection: str) -> Participant | None:
        """Who a connection is; None before it joined."""
        with self._lock:
            return self._by_connection.get(connection)

    def participants(self, session: str) -> list[dict[str, Any]]:
        """Everyone at a session, each person once (the latest connection counts)."""
        with self._lock:
            people = {p.id: p for p in self._by_connection.values() if p.session == session}
        return [p.to_json() for p in people.values()]

    def name_of(self, session: str, participant: str) -> str:
        """The name of someone at a session; the id itself for someone who is not connected."""
        with self._lock:
            named = (p.name for p in self._by_connection.values() if p.session == session and p.id == participant)
            return next(named, participant)


def _changed(participant: Participant, data: dict[str, Any]) -> Participant:
    selection, cursor, graph = data.get("selection"), data.get("cursor"), data.get("graph")
    if isinstance(selection, list) and all(isinstance(i, str) and len(i) <= TEXT_LIMIT for i in selection):
        participant = replace(participant, selection=tuple(selection[:SELECTION_LIMIT]))
    if "cursor" in data and (cursor is None or _is_point(cursor)):
        participant = replace(participant, cursor=None if cursor is None else (float(cursor[0]), float(cursor[1])))
    if isinstance(graph, str) and len(graph) <= TEXT_LIMIT:
        participant = replace(participant, graph=graph)
    return participant


def _is_point(cursor: Any) -> bool:
    return (
        isinstance(cursor, list)
        and len(cursor) == 2
        and all(isinstance(c, (int, float)) and not isinstance(c, bool) and abs(c) < 1e12 for c in cursor)
        and all(math.isfinite(c) for c in cursor)
    )
