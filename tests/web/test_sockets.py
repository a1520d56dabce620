"""The live side: edits in order, everyone sees everyone's, presence comes and goes."""

from __future__ import annotations

from tests.web.live import LiveServer, LiveSocket

RENAME = {"kind": "rename-value", "value": "value:h", "name": "hidden"}


def test_two_browsers_see_each_others_edits(server: LiveServer, session: str) -> None:
    with LiveSocket(server) as ann, LiveSocket(server) as bob:
        summary = ann.join(session, "ann", "Ann")
        assert summary["session"] == session and summary["revision"] == 0
        assert bob.join(session, "bob", "Bob")["participants"][0]["name"] == "Ann"
        answer = ann.call("edit", {"session": session, "edit": RENAME, "client": "c1"})
        assert answer["revision"] == 1
        for socket in (ann, bob):
            message = socket.event("revision")
            assert (message["revision"], message["author_name"], message["client"]) == (1, "Ann", "c1")
            assert message["delta"] == answer["delta"]
        refused = bob.call("undo", {"session": session})
        assert refused["error"]["code"] == "nothing-to-undo"
        assert ann.call("undo", {"session": session})["revision"] == 2
        assert bob.event("revision")["how"] == "undo"
        assert ann.call("redo", {"session": session})["revision"] == 3


def test_an_edit_over_http_reaches_the_browsers(server: LiveServer, session: str) -> None:
    with LiveSocket(server) as ann:
        ann.join(session, "ann", "Ann")
        server.post(f"/api/sessions/{session}/edits", RENAME, {"X-Scalpel-Participant": "ann"})
        message = ann.event("revision")
        assert (message["author"], message["author_name"]) == ("ann", "Ann")
        assert ann.event("diagnostics", revision=1, state="done")["session"] == session


def test_edits_of_one_browser_keep_their_order(server: LiveServer, session: str) -> None:
    count = 150
    with LiveSocket(server) as ann, LiveSocket(server) as bob:
        ann.join(session, "ann")
        bob.join(session, "bob")
        waiting = [
            ann.send("edit", {"session": session, "edit": RENAME | {"name": f"name_{n}"}, "client": f"c{n}"})
            for n in range(count)
        ]
        answers = [answer.get(timeout=30) for answer in waiting]
        assert [answer["revision"] for answer in answers] == list(range(1, count + 1))
        heard = [bob.event("revision") for _ in range(count)]
        assert [message["client"] for message in heard] == [f"c{n}" for n in range(count)]
        assert [message["revision"] for message in heard] == list(range(1, count + 1))


def test_who_joins_late_is_sent_what_was_missed(server: LiveServer, session: str) -> None:
    for number in range(3):
        server.post(f"/api/sessions/{session}/edits", RENAME | {"name": f"late_{number}"})
    with LiveSocket(server) as ann:
        ann.join(session, "ann", since=1)
        assert [ann.event("revision")["revision"] for _ in range(2)] == [2, 3]


def test_presence_comes_and_goes(server: LiveServer, session: str) -> None:
    with LiveSocket(server) as ann:
        ann.join(session, "ann", "Ann")
        with LiveSocket(server) as bob:
            bob.join(session, "bob", "Bob <b>")
            bob.call("presence", {"session": session, "selection": ["node:y"], "cursor": [1, 2.5], "graph": "graph:"})
            while True:
                people = {p["id"]: p for p in ann.event("presence")["participants"]}
                if people.get("bob", {}).get("selection"):
                    break
            assert people["bob"]["cursor"] == [1.0, 2.5]
            assert people["bob"]["colour"] != people["ann"]["colour"]
            assert people["bob"]["name"] == "Bob <b>"
        while len(people) > 1:
            people = {p["id"]: p for p in ann.event("presence")["participants"]}
        assert set(people) == {"ann"}


def test_malformed_messages_are_answered_and_harm_nobody(server: LiveServer, session: str) -> None:
    with LiveSocket(server) as ann:
        for event in ("edit", "undo", "redo", "presence"):
            assert ann.call(event, {"session": session})["error"]["code"] == "not-joined"
        for data in (None, [], "text", 7):
            assert ann.call("join", data)["error"]["code"] == "bad-message"
        assert ann.call("join", {})["error"]["code"] == "wrong-parameters"
        assert ann.join("nothing", "ann")["error"]["code"] == "no-such-session"
        ann.join(session, "ann")
        assert ann.call("edit", {"session": session})["error"]["code"] == "wrong-parameters"
        assert ann.call("edit", {"session": "other", "edit": RENAME})["error"]["code"] == "not-joined"
        assert ann.call("edit", {"session": session, "edit": {"kind": "nothing"}})["error"]["code"] == "unknown-edit"
        odd = {"selection": [3], "cursor": ["a", None], "graph": 9}
        assert ann.call("presence", {"session": session, **odd}) == {}
        (me,) = ann.event("presence")["participants"]
        assert (me["selection"], me["cursor"], me["graph"]) == ([], None, "graph:")


def test_a_connection_that_floods_is_told_to_slow_down(server: LiveServer, session: str) -> None:
    with LiveSocket(server) as ann:
        ann.join(session, "ann")
        waiting = [ann.send("presence", {"session": session, "cursor": [n, n]}) for n in range(600)]
        answers = [answer.get(timeout=30) for answer in waiting]
        assert any(answer.get("error", {}).get("code") == "slow-down" for answer in answers)
        assert answers[0] == {}


def test_closing_a_session_tells_its_browsers(server: LiveServer) -> None:
    session = server.open({"path": "small.onnx"})
    with LiveSocket(server) as ann:
        ann.join(session, "ann")
        server.ask("DELETE", f"/api/sessions/{session}")
        assert ann.event("session", state="closed")["session"] == session
