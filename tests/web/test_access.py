"""Who is let in: token, Host, Origin, size limits, headers."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest
import simple_websocket

from onnx_scalpel.config import Config
from onnx_scalpel.web.security import PAGE_POLICY, Policy
from tests.web.live import LiveServer, LiveSocket, write_model

POLLING = "/socket.io/?EIO=4&transport=polling"


def test_without_a_token_only_the_sign_of_life_answers(server: LiveServer) -> None:
    assert server.ask("GET", "/healthz", signed=False).status == 200
    for path in ("/", "/s/abc", "/api/sessions", "/api/edits", "/static/dist/manifest.json", "/nothing"):
        answer = server.ask("GET", path, signed=False)
        assert answer.status == 401, path
        assert answer.error["code"] == "token-needed"
    assert server.ask("GET", POLLING, headers={"Origin": server.origin}, signed=False).status == 401


@pytest.mark.parametrize("given", ["Bearer nonsense", "Bearer ", "Basic eDp4", "Bearer \u00e9"])
def test_a_wrong_token_is_refused(server: LiveServer, given: str) -> None:
    answer = server.ask("GET", "/api/sessions", headers={"Authorization": given}, signed=False)
    assert answer.status == 401


def test_a_person_without_a_token_gets_a_page_that_says_what_to_do(server: LiveServer) -> None:
    answer = server.ask("GET", "/", headers={"Accept": "text/html"}, signed=False)
    assert answer.status == 401
    assert b"Open the address that the server printed" in answer.body
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_the_first_page_load_turns_the_token_into_a_cookie_and_leaves_the_address(server: LiveServer) -> None:
    answer = server.ask("GET", f"/s/abc?token={server.token}&x=1%202", signed=False)
    assert answer.status == 303
    assert answer.headers["Location"] == "/s/abc?x=1+2"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"scalpel_token_{server.port}=")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
    signed = {"Cookie": cookie.partition(";")[0]}
    assert server.ask("GET", "/api/sessions", headers=signed, signed=False).status == 200


def test_who_follows_a_link_on_another_site_is_let_in_at_the_second_try(server: LiveServer) -> None:
    asked = {"Accept": "text/html", "Sec-Fetch-Site": "cross-site"}
    assert server.ask("GET", "/", headers=asked, signed=False).headers["Refresh"] == "0"
    again = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    assert server.ask("GET", "/", headers=again, signed=False).headers["Refresh"] is None


def test_signing_in_never_leads_to_another_server(server: LiveServer) -> None:
    for path in ("//evil.example/", "/\\evil.example/", "///evil.example"):
        answer = server.ask("GET", f"{path}?token={server.token}", signed=False)
        assert answer.status == 303
        assert not answer.headers["Location"].startswith(("//", "/\\", "http"))


def test_a_token_in_the_address_opens_no_route_of_the_api(server: LiveServer) -> None:
    assert server.ask("GET", f"/api/sessions?token={server.token}", signed=False).status == 401
    assert server.ask("GET", "/?token=wrong", signed=False).status == 401


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/sessions", POLLING])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1", ""])
def test_a_foreign_host_is_refused_everywhere(server: LiveServer, path: str, host: str) -> None:
    answer = server.get(path, Host=host.format(port=server.port))
    assert answer.status == 403
    assert answer.error["code"] == "host-refused"


def test_forwarded_headers_do_not_count(server: LiveServer) -> None:
    forwarded = {"X-Forwarded-Host": f"127.0.0.1:{server.port}", "X-Forwarded-Proto": "http", "Host": "evil.example"}
    assert server.get("/api/sessions", **forwarded).status == 403
    origin = {"X-Forwarded-Host": "evil.example", "Origin": "http://evil.example", "Cookie": server.cookie()}
    assert server.ask("GET", POLLING, headers=origin, signed=False).status == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_the_servers_own_names_are_allowed(server: LiveServer, name: str) -> None:
    assert server.get("/api/sessions", Host=f"{name}:{server.port}").status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", ""]
)
def test_a_foreign_page_changes_nothing_even_with_the_cookie(server: LiveServer, origin: str) -> None:
    headers = {"Origin": origin.format(port=server.port), "Cookie": server.cookie()}
    for method, path in (("POST", "/api/sessions"), ("DELETE", "/api/sessions/abc"), ("GET", POLLING)):
        answer = server.ask(method, path, headers=headers, signed=False)
        assert answer.status == 403
        assert answer.error["code"] == "origin-refused"


def test_without_an_origin_the_cookie_is_not_enough_to_change_things(server: LiveServer) -> None:
    cookie = {"Cookie": server.cookie()}
    assert server.ask("POST", "/api/sessions", {"path": "x"}, cookie, signed=False).status == 403
    assert server.ask("GET", POLLING, headers=cookie, signed=False).status == 403
    own = cookie | {"Origin": server.origin}
    assert server.ask("POST", "/api/sessions", {"path": "missing.onnx"}, own, signed=False).status == 404


def test_a_socket_needs_the_token_and_the_right_origin(server: LiveServer) -> None:
    cookie = {"Cookie": server.cookie()}
    for headers in ({}, {"Origin": server.origin}, cookie, cookie | {"Origin": "http://evil.example"}):
        with pytest.raises((simple_websocket.ConnectionError, simple_websocket.ConnectionClosed)):
            LiveSocket(server, headers)
    with LiveSocket(server, cookie | {"Origin": server.origin}) as socket:
        assert socket.call("undo", {})["error"]["code"] == "not-joined"


@pytest.mark.parametrize("path", ["/", "/api/sessions", "/api/nothing", "/healthz"])
def test_every_answer_carries_the_security_headers(server: LiveServer, path: str) -> None:
    headers = server.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_the_policy_of_pages_is_strict() -> None:
    assert "unsafe" not in PAGE_POLICY and "*" not in PAGE_POLICY
    assert "script-src 'self'" in PAGE_POLICY


def test_json_beyond_a_megabyte_is_refused(server: LiveServer) -> None:
    answer = server.post("/api/sessions", b'{"path": "' + b"x" * (1 << 20) + b'"}')
    assert answer.status == 413
    assert answer.error["code"] == "too-large"


@pytest.mark.parametrize(("length", "status"), [("1" * 5000, 413), ("9" * 18, 413), ("-1", 400), ("two", 400)])
def test_a_length_that_cannot_be_is_refused(server: LiveServer, length: str, status: int) -> None:
    answer = server.post("/api/sessions", b"{}", {"Content-Length": length})
    assert answer.status == status
    assert answer.error["code"] in ("too-large", "bad-request")


def test_a_body_that_hides_its_size_is_cut_off(server: LiveServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    pieces = (b"x" * 65536 for _ in range(32))
    headers = {"Authorization": f"Bearer {server.token}", "Transfer-Encoding": "chunked"}
    connection.request("POST", "/api/sessions", pieces, headers, encode_chunked=True)
    assert connection.getresponse().status in (400, 413)
    connection.close()


def test_an_upload_beyond_the_cap_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", [tmp_path], upload_limit=3 << 20) as small:
        assert small.upload(("big.onnx", b"\0" * (4 << 20))).status == 413
        model = write_model(tmp_path / "small.onnx").read_bytes()
        assert small.upload(("small.onnx", model), ("spare.bin", b"\0" * (2 << 20))).status == 201
        assert len(list((tmp_path / "data" / "uploads").iterdir())) == 1


@pytest.mark.parametrize(
    ("host", "allowed", "refused"),
    [
        ("127.0.0.1", ["127.0.0.1:80", "localhost:80", "localhost"], ["10.0.0.1:80", "evil.example:80"]),
        ("192.168.1.5", ["192.168.1.5:80", "127.0.0.1:80"], ["192.168.1.6:80"]),
        ("box.local", ["BOX.local:80"], ["box.local:81", "box.local.evil.example:80"]),
        ("0.0.0.0", ["10.0.0.1:80", "[fe80::1]:80"], ["evil.example:80", "10.0.0.1:81", "10.0.0.1.evil.example:80"]),
        ("::1", ["[::1]:80"], ["::1", "[::2]:80"]),
    ],
)
def test_a_server_goes_by_the_names_it_was_given(host: str, allowed: list[str], refused: list[str]) -> None:
    policy = Policy.of(Config.build(host=host, port=80))
    assert [name for name in allowed if not policy.host_allowed(name)] == []
    assert [name for name in refused if policy.host_allowed(name)] == []
