"""Models that crash, hang or eat the process that looks at them: one clear line, and the session lives."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.zygote import Child, Zygote
from onnx_scalpel.session import lifeline
from onnx_scalpel.session.lifeline import Patience
from tests.session.conftest import Sessions, name_node, write_text_model

# ONNX Runtime divides by zero when it creates a session for this one
CRASHES = """
<ir_version: 10, opset_import: ["" : 23]>
attention (float[1, 4, 8] q, float[1, 4, 8] k, float[1, 4, 8] v) => (float[1, 4, 8] y)
{ y = Attention <q_num_heads = 0, kv_num_heads = 0> (q, k, v) }
"""
# it asks for four terabytes
EATS = """
<ir_version: 8, opset_import: ["" : 17]>
bomb (float[1] x) => (float[M] y)
<int64[1] large = {1099511627776}>
{ y = Expand(x, large) }
"""
# a loop of 2^60 turns
HANGS = """
<ir_version: 8, opset_import: ["" : 17]>
endless (float[1] x) => (float[1] y)
<int64 turns = {1152921504606846976}, bool go = {1}>
{
  y = Loop (turns, go, x) <body = turn (int64 i, bool c, float[1] v) => (bool c2, float[1] w) {
    c2 = Identity(c)
    w = Add(v, v)
  }>
}
"""


# each function calls the one below it twice, thirty deep
LAUGHS = """
<ir_version: 8, opset_import: ["" : 17, "f" : 1]>
laughs (float[1] x) => (float[1] y) { [top] y = f.f29 (x)  z = Relu(nowhere) }
<opset_import: ["" : 17], domain: "f">
f0 (a) => (b) { b = Relu(a) }
""" + "".join(
    f'<opset_import: ["" : 17, "f" : 1], domain: "f">\nf{n} (a) => (c) {{ b = f.f{n - 1} (a)  c = f.f{n - 1} (b) }}\n'
    for n in range(1, 30)
)


def test_a_check_that_hangs_says_so_and_our_own_findings_still_come(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifeline, "ENTRY", "tests.session.entries:impatient")
    client, heard = sessions.open(write_text_model(LAUGHS, tmp_path / "laughs.onnx"))
    done = heard.wait("diagnostics", lambda d: d["state"] == "done")
    first, *others = done["diagnostics"]
    assert (first["code"], first["severity"]) == ("check-timed-out", "error")
    assert "\n" not in first["message"]
    assert others, "our own validators found nothing"
    assert client.edit(name_node("node:y", "n"), "ann")["revision"] == 1


@pytest.mark.parametrize(("text", "codes"), [(CRASHES, {"job-crashed"}), (EATS, {"job-out-of-memory", "run-failed"})])
def test_a_run_that_crashes_or_eats_memory_is_one_clear_line(
    sessions: Sessions, tmp_path: Path, text: str, codes: set[str]
) -> None:
    client, heard = sessions.open(write_text_model(text, tmp_path / "hostile.onnx"))
    pid = client.pid
    job = client.run({})
    ended = heard.wait("job", lambda j: j["job"] == job and j["state"] != "running", 50)
    error = ended["error"]
    assert ended["state"] == "failed" and error["code"] in codes, ended
    assert "\n" not in error["message"] and len(error["message"]) <= 200
    heard.wait("diagnostics", lambda d: d["state"] == "done")
    node = next(iter(client.summary()["history"]), None)
    assert node is None and client.pid == pid
    assert client.edit({"kind": "rename-value", "value": "value:y", "name": "out"}, "ann")["revision"] == 1


def test_a_run_without_end_is_cancelled_and_edits_go_on(sessions: Sessions, tmp_path: Path) -> None:
    client, heard = sessions.open(write_text_model(HANGS, tmp_path / "hangs.onnx"))
    job = client.run({})
    assert client.edit(name_node("node:y", "n"), "ann")["revision"] == 1
    assert client.job(job)["state"] == "running"
    assert client.cancel(job)["state"] == "cancelled"
    assert heard.wait("job", lambda j: j["job"] == job and j["state"] != "running")["error"] is None


def test_a_seventh_job_at_once_is_refused_and_edits_go_on(sessions: Sessions, tmp_path: Path) -> None:
    client, _ = sessions.open(write_text_model(HANGS, tmp_path / "hangs.onnx"))
    jobs = [client.run({}) for _ in range(6)]
    with pytest.raises(AppError, match="6 jobs are running on this model already") as refused:
        client.run({})
    assert (refused.value.code, refused.value.status) == ("too-many-jobs", 429)
    assert client.edit(name_node("node:y", "n"), "ann")["revision"] == 1
    client.cancel(jobs[0])
    for job in [*jobs[1:], client.run({})]:
        client.cancel(job)


def test_a_job_ends_with_its_process_and_says_so(sessions: Sessions, tmp_path: Path) -> None:
    sessions.may_end = True
    client, heard = sessions.open(write_text_model(HANGS, tmp_path / "hangs.onnx"))
    job = client.run({})
    heard.wait("job", lambda j: j["job"] == job)
    assert client.pid is not None
    signal.pidfd_send_signal(_pidfd(client.pid), signal.SIGKILL)
    lost = heard.wait("job", lambda j: j["job"] == job and j["state"] == "failed")
    assert lost["error"]["code"] == "job-lost" and client.job(job) == lost
    assert client.edit(name_node("node:y", "n"), "ann")["revision"] == 1


def _pidfd(pid: int) -> int:
    import os

    return os.pidfd_open(pid)


@pytest.mark.parametrize("content", [b"", b"<!doctype html><title>404</title>", b"PK\x03\x04 zip", b"\x80\x05 pickle"])
def test_what_is_no_model_is_refused_in_one_line_and_leaves_nothing(
    sessions: Sessions, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "thing.onnx"
    path.write_bytes(content)
    with pytest.raises(AppError) as refused:
        sessions.open(path)
    assert "\n" not in refused.value.message and str(tmp_path) not in refused.value.message
    assert not sessions.folder().exists()


def test_a_file_that_is_not_there_is_refused(sessions: Sessions, tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"missing\.onnx"):
        sessions.open(tmp_path / "missing.onnx")


class Stubborn:
    """A zygote whose sessions are stopped before they can open anything, or killed."""

    def __init__(self, zygote: Zygote, how: int) -> None:
        self._zygote, self._how = zygote, how

    def spawn(self, entry: str, argument: dict[str, object]) -> Child:
        child = self._zygote.spawn(entry, argument)
        signal.pidfd_send_signal(_pidfd(child.pid), self._how)
        return child


@pytest.mark.parametrize(("how", "code"), [(signal.SIGSTOP, "open-timed-out"), (signal.SIGSEGV, "open-crashed")])
def test_an_opening_that_hangs_or_crashes_is_one_clear_line(
    sessions: Sessions, zygote: Zygote, chain: Path, how: int, code: str
) -> None:
    stubborn = Sessions(Stubborn(zygote, how), sessions.data_dir)  # type: ignore[arg-type]
    with pytest.raises(AppError) as refused:
        stubborn.open(chain, patience=Patience(open_seconds=1.0))
    assert refused.value.code == code
    assert lifeline.ENTRY not in refused.value.message


def test_a_session_that_hangs_is_ended_and_started_again(
    sessions: Sessions, chain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions.may_end = True
    client, heard = sessions.open(chain)
    client.edit(name_node("node:a", "n"), "ann")
    monkeypatch.setattr("onnx_scalpel.session.client.QUICK_SECONDS", 1.0)
    assert client.pid is not None
    signal.pidfd_send_signal(_pidfd(client.pid), signal.SIGSTOP)
    with pytest.raises(AppError) as refused:
        client.summary()
    assert refused.value.code == "session-timed-out"
    heard.wait("session", lambda s: s["state"] == "ready")
    assert client.summary()["revision"] == 1


def test_opening_within_too_little_memory_is_one_clear_line(sessions: Sessions, tmp_path: Path) -> None:
    nodes = "\n".join(f"  v{n + 1} = Relu(v{n})" for n in range(20_000))
    text = f'<ir_version: 8, opset_import: ["" : 17]>\nlong (float[1] v0) => (float[1] v20000) {{\n{nodes}\n}}'
    path = write_text_model(text, tmp_path / "long.onnx")
    with pytest.raises(AppError) as refused:
        sessions.open(path, patience=Patience(memory_bytes=24 << 20))
    assert refused.value.code in ("open-out-of-memory", "open-crashed")
    assert "\n" not in refused.value.message
