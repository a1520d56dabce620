"""Models that crash, hang or eat memory: each a clear line, and everything else goes on as if nothing were."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.shared_models import shared_folder
from tests.system.script import Heartbeat, Model, Script, eventually, opened
from tests.system.test_bad_files import assert_clear

pytestmark = pytest.mark.xdist_group("hostile")
SLOWEST_BEAT = 5.0  # seconds; on a quiet machine it takes some milliseconds
SECONDS = 2  # of processor time for a run

# ONNX Runtime divides by zero when it creates a session
DIVIDES = """
<ir_version: 10, opset_import: ["" : 23]>
attention (float[1, 4, 8] x) => (float[1, 4, 8] y)
{ [one] y = Attention <q_num_heads = 0, kv_num_heads = 0> (x, x, x) }
"""
# the smallest number divided by -1 is beyond the largest
TRAPS = """
<ir_version: 8, opset_import: ["" : 17]>
trap (int64[1] x) => (int64[1] y)
<int64[1] least = {-9223372036854775808}, int64[1] minus = {-1}>
{ [one] d = Div (least, minus)  y = Add (d, x) }
"""
# 2^62 turns
TURNS = """
<ir_version: 8, opset_import: ["" : 17]>
endless (float[64] x) => (float[64] y)
<int64 turns = {4611686018427387904}, bool go = {1}>
{ [one] y = Loop (turns, go, x) <body = turn (int64 i, bool c, float[64] v) => (bool c2, float[64] w)
    { c2 = Identity(c)  w = Add(v, v) }> }
"""
# no bound at all, and each turn keeps a megabyte
KEEPS = """
<ir_version: 8, opset_import: ["" : 17]>
keeps (float[262144] x) => (float[262144] y, float[T, 262144] all)
<int64 turns = {4611686018427387904}, bool go = {1}>
{ [one] y, all = Loop (turns, go, x) <body = turn (int64 i, bool c, float[262144] v)
    => (bool c2, float[262144] w, float[262144] s) { c2 = Identity(c)  w = Add(v, v)  s = Identity(w) }> }
"""
# 64 GB
FILLS = """
<ir_version: 8, opset_import: ["" : 17]>
fills (float[1] x) => (float[M, N] y)
<int64[2] size = {131072, 131072}>
{ [one] z = ConstantOfShape (size)  y = Add (z, x) }
"""
# twice as long at each of 34 steps
DOUBLES = (
    """
<ir_version: 8, opset_import: ["" : 17]>
doubles (float[1] x) => (float[M] y)
{ [one] t0 = Concat <axis = 0> (x, x)
"""
    + "".join(f"t{n} = Concat <axis = 0> (t{n - 1}, t{n - 1})\n" for n in range(1, 34))
    + "y = Relu (t33) }"
)


def laughs(depth: int) -> str:
    """Each function calls the one below it twice."""
    calls = "".join(
        f'<opset_import: ["" : 17, "f" : 1], domain: "f">\n'
        f"f{n} (a) => (c) {{ b = f.f{n - 1} (a)  c = f.f{n - 1} (b) }}\n"
        for n in range(1, depth)
    )
    return (
        f'<ir_version: 8, opset_import: ["" : 17, "f" : 1]>\n'
        f"laughs (float[1] x) => (float[1] y) {{ [one] y = f.f{depth - 1} (x)  z = Relu(nowhere) }}\n"
        f'<opset_import: ["" : 17], domain: "f">\nf0 (a) => (b) {{ b = Relu(a) }}\n{calls}'
    )


def chain(depth: int) -> onnx.ModelProto:
    """Each function calls the one below it: the runtime's stack ends before the chain does."""
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("f", 1)]

    def function(name: str, called: str, domain: str) -> onnx.FunctionProto:
        return helper.make_function(
            "f", name, ["a"], ["b"], [helper.make_node(called, ["a"], ["b"], domain=domain)], imports
        )

    functions = [
        function("C0", "Relu", ""),
        *(function(f"C{n}", f"C{n - 1}", "f") for n in range(1, depth + 1)),
    ]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in "xy")
    node = helper.make_node(f"C{depth}", ["x"], ["y"], name="one", domain="f")
    graph = helper.make_graph([node], "chain", [x], [y])
    return helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=9)


def holes(folder: Path) -> onnx.ModelProto:
    """A weight of 16 GiB in a file that is nothing but a hole."""
    with (folder / "holes.bin").open("wb") as file:
        file.truncate(1 << 34)
    weight = TensorProto(name="w", dims=[1 << 32], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    weight.external_data.add(key="location", value="holes.bin")
    one = numpy_helper.from_array(np.array([1.0], np.float32), "k")
    node = helper.make_node("Mul", ["w", "k"], ["y"], name="one")
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1 << 32])
    graph = helper.make_graph([node], "holes", [], [y], [weight, one])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


MEMORY = {"job-out-of-memory", "run-failed"}
HOSTILE = {
    "divides": (DIVIDES, {"job-crashed"}, "SIGFPE"),
    "traps": (TRAPS, {"job-crashed"}, "SIGFPE"),
    "turns": (TURNS, {"job-timed-out"}, "time allowed was used up"),
    "keeps": (KEEPS, {"job-timed-out", *MEMORY}, "used up|memory"),
    "fills": (FILLS, MEMORY, "memory|bytes"),
    "doubles": (DOUBLES, {"job-timed-out", *MEMORY}, "used up|memory"),
    "laughs": (laughs(40), {"job-timed-out", "model-refused"}, "used up|refuses"),
    "chain": (chain(20_000), {"job-crashed", "job-timed-out"}, "SIGSEGV|used up"),
}


@contextlib.contextmanager
def steady(script: Script) -> Iterator[None]:
    """The server answers /healthz all the while."""
    with Heartbeat(script.server) as heart:
        yield
    assert heart.seconds and not heart.wrong
    assert max(heart.seconds) < SLOWEST_BEAT


def written(folder: Path, name: str, model: str | onnx.ModelProto) -> Path:
    path = folder / f"{name}.onnx"
    onnx.save(onnx.parser.parse_model(model) if isinstance(model, str) else model, str(path))
    return path


def named(model: Model) -> str:
    """The id of the node called `one`."""
    found: str = next(node["id"] for node in model.snapshot["nodes"] if node["name"] == "one")
    return found


def rename_there_and_back(model: Model) -> None:
    """Edits are taken, and the model is what it was."""
    node = named(model)
    before = model.download()
    model.edit("rename-node", node=node, name="other")
    assert model.download() != before
    model.undo()
    assert model.download() == before


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_model_runs_into_one_clear_line(script: Script, folder: Path, name: str) -> None:
    source, codes, words = HOSTILE[name]
    with steady(script), opened(script, written(folder, name, source)) as model:
        pids = script.session_pids()
        ended = model.ended(model.run(seconds=SECONDS), 40)
        assert ended["state"] == "failed"
        assert ended["error"]["code"] in codes
        assert re.search(words, ended["error"]["message"])
        assert_clear(re.sub(r"\(SIG\w+: ", "(", ended["error"]["message"]))
        rename_there_and_back(model)
        assert script.session_pids() == pids


def test_a_check_that_hangs_is_given_up_and_own_findings_come(script: Script, folder: Path) -> None:
    with steady(script), opened(script, written(folder, "laughing", laughs(36))) as model:
        findings = model.checked(90)["diagnostics"]
        assert findings[0]["code"] == "check-timed-out"
        assert_clear(findings[0]["message"])
        assert "dangling-input" in [finding["code"] for finding in findings]
        rename_there_and_back(model)


def test_a_run_that_hangs_is_cancelled_at_once(script: Script, folder: Path) -> None:
    with steady(script), opened(script, written(folder, "cancelled", TURNS)) as model:
        job = model.run()
        eventually(lambda: model.job(job)["text"] == "running the model")
        started = time.monotonic()
        assert script.ask("DELETE", f"/api/jobs/{job}").json()["state"] == "cancelled"
        assert time.monotonic() - started < 2
        assert model.job(job)["error"] is None
        rename_there_and_back(model)


def test_edits_are_taken_while_a_run_hangs(script: Script, folder: Path) -> None:
    with steady(script), opened(script, written(folder, "meanwhile", TURNS)) as model:
        job = model.run()
        for _ in range(5):
            rename_there_and_back(model)
        assert model.job(job)["state"] == "running"


def test_a_session_that_is_closed_takes_its_hanging_run_with_it(script: Script, folder: Path) -> None:
    before = script.session_pids()
    with opened(script, written(folder, "closed", TURNS)) as model:
        job = model.run()
        eventually(lambda: model.job(job)["text"] == "running the model")
    eventually(lambda: script.session_pids() == before)
    assert script.ask("GET", f"/api/jobs/{job}").error["code"] == "no-such-job"


def test_weights_of_sixteen_gigabytes_of_nothing_are_opened_and_checked(script: Script, folder: Path) -> None:
    with steady(script), opened(script, written(folder, "holes", holes(folder))) as model:
        assert not [d for d in model.checked(30)["diagnostics"] if d["severity"] == "error"]
        ended = model.ended(model.run(seconds=SECONDS), 40)
        assert ended["state"] == "failed"
        assert ended["error"]["code"] in {"job-out-of-memory", "job-timed-out", *MEMORY}
        assert model.edit("rename-node", node=named(model), name="other")["revision"] == 1


@pytest.mark.long
def test_the_whole_collection_of_hostile_models_harms_nobody(script: Script, folder: Path) -> None:
    make = shared_folder("scripts") / "make_hostile_corpus.py"
    corpus = folder / "corpus"
    subprocess.run([sys.executable, str(make), str(corpus)], check=True, stdout=subprocess.DEVNULL)
    cases = json.loads((corpus / "cases.json").read_text(encoding="utf-8"))
    with steady(script):
        for name in cases:
            assert_harmless(script, corpus / name / "model.onnx")
    assert script.session_pids() == set()


def assert_harmless(script: Script, path: Path) -> None:
    answer = script.ask("POST", "/api/sessions", {"path": str(path)})
    if answer.status != 201:
        assert_clear(answer.error["message"])
        return
    model = Model(script, answer.json()["session"])
    started = script.ask("POST", f"{model.route}/run", {"seconds": SECONDS})
    if started.status == 202:
        ended = model.ended(started.json()["job"])
        assert ended["state"] == "done" or ended["error"]["message"].isprintable()
    else:
        assert_clear(started.error["message"])
    for finding in model.checked(400)["diagnostics"]:
        assert finding["message"].isprintable()
        assert len(finding["message"]) <= 200
    values = model.snapshot["values"]
    if values:
        model.edit("rename-value", value=values[0]["id"], name="harmless")
        model.undo()
    model.close()
