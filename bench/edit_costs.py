"""CPU milliseconds of single edits in a session, journal row included, and what graphs that hurt cost: prints JSON.

`python -m bench.edit_costs` measures transformers of 50,000 nodes (plain, with dtypes declared, with every type declared), 2,000
Ifs, a chain in reverse order, and tensors with 20,000 consumers. With the names of cases behind it, it measures these alone.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

from bench.models import huge_graph, scripts

TIMES = 25
Edits = Iterator[dict[str, Any]]


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] in MEASURES:
        print(json.dumps(MEASURES[sys.argv[1]](Path(sys.argv[2]))))
        return
    report: dict[str, Any] = {"load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="scalpel-bench-") as folder:
        for name, measure, make in (case for case in CASES if case[0] in (sys.argv[1:] or [case[0]])):
            path = Path(folder) / f"{name}.onnx"
            make(path)
            command = [sys.executable, "-m", "bench.edit_costs", measure, str(path)]
            report[name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            path.unlink()
    print(json.dumps(report, indent=1))


# what is measured


def opened(path: Path) -> tuple[Any, float]:
    """A session on the model with its journal, as a session process has it, and the CPU seconds of opening."""
    from onnx_scalpel.session import warm  # noqa: F401 - as the zygote does before it forks
    from onnx_scalpel.session.recovery import Opening, open_session

    folder = Path(tempfile.mkdtemp(prefix="session-", dir=path.parent))
    start = time.process_time()
    session = open_session(Opening("bench", path.name, path, folder)).session
    return session, time.process_time() - start


def spent(session: Any, edit: dict[str, Any] | None) -> float:
    """CPU milliseconds of one edit (None: of undoing the last one) until it is durable and told: to everyone, and its author."""
    from onnx_scalpel.session.messages import Event, Response, encode_frame
    from onnx_scalpel.session.session import Author

    who = Author("bench", "bench", str(session.revision))
    start = time.process_time()
    message = session.undo(who) if edit is None else session.submit(who, edit)
    session.commit()
    encode_frame(Event("revision", message))
    encode_frame(Response(1, {name: message[name] for name in ("revision", "delta", "created")}))
    return (time.process_time() - start) * 1000


def usual_edits(path: Path) -> dict[str, Any]:
    """The median and the worst of each usual edit, all over a transformer."""
    session, seconds = opened(path)
    found: dict[str, Any] = {"open_cpu_s": round(seconds, 3)}
    for kind, edits in _usual(session.document):
        spent(session, next(edits))  # what is read once, is read
        costs = [spent(session, edit) for edit in edits]
        found[kind] = {
            "median_ms": round(statistics.median(costs), 2),
            "worst_ms": round(max(costs), 2),
            "of": len(costs),
        }
    return found


def _usual(document: Any) -> Iterator[tuple[str, Edits]]:
    nodes: dict[str, list[str]] = {}
    for node in document.node_ids():
        nodes.setdefault(document.node(node).op_type, []).append(node)

    def spread(op_type: str, offset: int = 0) -> list[str]:
        found = nodes[op_type]
        step = max(len(found) // (TIMES + 1), 1)
        return found[offset::step][: TIMES + 1]

    def output(node: str) -> str:
        return str(document.node(node).outputs[0])

    yield (
        "rename",
        ({"kind": "rename-value", "value": output(n), "name": f"renamed_{i}"} for i, n in enumerate(spread("Mul"))),
    )
    yield "insert", ({"kind": "insert-node", "op_type": "Relu", "value": output(n)} for n in spread("MatMul"))
    yield (
        "set-attribute",
        ({"kind": "set-attribute", "node": n, "attribute": "axis", "value": 2} for n in spread("Softmax")),
    )
    yield (
        "connect",
        ({"kind": "connect", "node": n, "slot": 1, "value": document.node(n).inputs[0]} for n in spread("Add", 3)),
    )
    yield "remove", ({"kind": "remove-nodes", "nodes": [n], "reconnect": True} for n in spread("Sigmoid"))


def many_bodies(path: Path) -> dict[str, Any]:
    session, seconds = opened(path)
    return {"open_cpu_s": round(seconds, 3), "rename_ms": round(spent(session, rename("x")), 2)}


def backwards(path: Path) -> dict[str, Any]:
    from onnx_scalpel.document.save import model_bytes

    session, seconds = opened(path)
    edit = spent(session, rename("v2500"))
    start = time.process_time()
    model_bytes(session.document)
    return {
        "open_cpu_s": round(seconds, 3),
        "rename_ms": round(edit, 2),
        "save_cpu_s": round(time.process_time() - start, 3),
    }


def many_consumers(path: Path) -> dict[str, Any]:
    """Of one reader among the 20,000, and of all of them at once; then what undoing that takes."""
    session, _ = opened(path)
    spent(session, rename("y"))
    uses = {"kind": "replace-uses", "value": "value:t", "with": "value:x"}
    edits = {
        "rename_ms": rename("t"),
        "replace_one_use_ms": {**uses, "consumers": ["node:a9000"]},
        "remove_one_reader_ms": {"kind": "remove-nodes", "nodes": ["node:a5000"]},
        "replace_all_uses_ms": uses,
        "remove_and_reconnect_all_ms": {"kind": "remove-nodes", "nodes": ["node:u"], "reconnect": True},
    }
    costs = {name: round(spent(session, edit), 1) for name, edit in edits.items()}
    return {**costs, **{f"undo_{name}": round(spent(session, None), 1) for name in list(reversed(edits))[:2]}}


def shared_operands(path: Path) -> dict[str, Any]:
    """Of a value, an initializer and a constant that the same 20,000 nodes read: what each edit takes, and its undo."""
    session, _ = opened(path)
    spent(session, rename("y"))
    uses = {"kind": "replace-uses", "value": "value:t"}
    edits = {
        "replace_all_uses": {**uses, "with": "value:x"},
        "replace_all_uses_by_what_is_made_behind": {**uses, "with": "value:z"},
        "replace_half_of_the_uses": {
            **uses,
            "with": "value:x",
            "consumers": [f"node:a{i}" for i in range(0, 20_000, 2)],
        },
        "remove_and_reconnect": {"kind": "remove-nodes", "nodes": ["node:t"], "reconnect": True},
        "remove": {"kind": "remove-nodes", "nodes": ["node:t"]},
        "insert_node": {"kind": "insert-node", "op_type": "Relu", "value": "value:t"},
        "insert_node_of_another_type": {"kind": "insert-node", "op_type": "Softsign", "value": "value:t"},
        "insert_node_behind_initializer": {"kind": "insert-node", "op_type": "Relu", "value": "value:w"},
        "replace_uses_of_initializer": {"kind": "replace-uses", "value": "value:w", "with": "value:x"},
        "replace_producer": {"kind": "replace-node", "node": "node:t", "op_type": "Neg"},
        "connect": {"kind": "connect", "node": "node:a9000", "slot": 0, "value": "value:x"},
        "disconnect": {"kind": "disconnect", "node": "node:a9000", "slot": 0},
        "promote_value_to_input": {"kind": "promote-to-input", "value": "value:t", "dtype": "float32"},
        "promote_initializer_to_input": {"kind": "promote-to-input", "value": "value:w"},
        "initializer_to_constant": {"kind": "initializer-to-constant", "values": ["value:w"]},
        "constant_to_initializer": {"kind": "constant-to-initializer", "values": ["value:c"]},
        "add_output": {"kind": "add-output", "value": "value:t", "dtype": "float32"},
    }
    found = {}
    for name, edit in edits.items():
        cost = round(spent(session, edit), 1)
        found[name] = {"ms": cost, "undo_ms": round(spent(session, None), 1)}
    return found


def rename(name: str) -> dict[str, Any]:
    return {"kind": "rename-value", "value": f"value:{name}", "name": f"{name}_renamed"}


# the models


def transformer(*options: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        folder = scripts()
        if folder is None:
            sys.exit("The script that makes huge graphs is not here: set $SCALPEL_SHARED to its folder's parent.")
        command = [sys.executable, str(folder / "make_huge_graph.py"), "50000", str(path), "--share-weights", *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    return make


def all_declared(path: Path) -> None:
    found = huge_graph("50k")
    assert found is not None
    onnx.save(onnx.shape_inference.infer_shapes(onnx.load(found), data_prop=True), path)


def ifs(path: Path) -> None:
    """2,000 Ifs in a row; both bodies read what is outside."""

    def body(name: str, op_type: str) -> onnx.GraphProto:
        made = helper.make_tensor_value_info(name, TensorProto.FLOAT, [3])
        return helper.make_graph([helper.make_node(op_type, ["x"], [name])], name, [], [made])

    nodes = [
        helper.make_node("If", ["c"], [f"v{i}"], then_branch=body(f"t{i}", "Relu"), else_branch=body(f"e{i}", "Neg"))
        for i in range(2_000)
    ]
    _save(path, nodes, {"c": TensorProto.BOOL, "x": TensorProto.FLOAT}, "v1999")


def reversed_chain(path: Path) -> None:
    nodes = [helper.make_node("Relu", [f"v{i - 1}" if i else "x"], [f"v{i}"]) for i in range(5_000)]
    _save(path, nodes[::-1], {"x": TensorProto.FLOAT}, "v4999")


def fan_out(path: Path) -> None:
    """t feeds 20,000 nodes, u (an Identity of x) another 20,000."""
    nodes = [helper.make_node("Relu", ["x"], ["t"]), helper.make_node("Identity", ["x"], ["u"])]
    nodes += [helper.make_node("Neg", ["t"], [f"a{i}"]) for i in range(20_000)]
    nodes += [helper.make_node("Abs", ["u"], [f"b{i}"]) for i in range(20_000)]
    nodes.append(helper.make_node("Sum", ["a0", "b0"], ["y"]))
    _save(path, nodes, {"x": TensorProto.FLOAT}, "y")


def three_shared(path: Path, declared: bool = False) -> None:
    """20,000 nodes that read the value t, the initializer w and the constant c; z is made behind them all."""
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [3], [1.0, 2.0, 3.0])
    nodes = [helper.make_node("Relu", ["x"], ["t"]), helper.make_node("Constant", [], ["c"], value=tensor)]
    nodes += [helper.make_node("Sum", ["t", "w", "c"], [f"a{i}"]) for i in range(20_000)]
    nodes += [helper.make_node("Abs", ["x"], ["z"]), helper.make_node("Sum", ["a0", "z"], ["y"])]
    _save(path, nodes, {"x": TensorProto.FLOAT}, "y", [tensor], [f"a{i}" for i in range(20_000)] if declared else [])


def three_shared_declared(path: Path) -> None:
    """The same with a declared type on what each of the nodes makes."""
    three_shared(path, declared=True)


def _save(
    path: Path,
    nodes: list[Any],
    inputs: dict[str, int],
    output: str,
    tensors: Sequence[Any] = (),
    declared: Sequence[str] = (),
) -> None:
    listed = [helper.make_tensor_value_info(name, dtype, [3] if name == "x" else []) for name, dtype in inputs.items()]
    made = helper.make_tensor_value_info(output, TensorProto.FLOAT, [3])
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [3]) for name in declared]
    graph = helper.make_graph(nodes, "g", listed, [made], tensors, value_info=infos)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)


MEASURES = {f.__name__: f for f in (usual_edits, many_bodies, backwards, many_consumers, shared_operands)}
CASES: list[tuple[str, str, Callable[[Path], None]]] = [
    ("llama_50k", "usual_edits", transformer()),
    ("bert_50k", "usual_edits", transformer("--style", "bert")),
    ("moe_50k", "usual_edits", transformer("--style", "moe")),
    ("llama_50k_dtypes_declared", "usual_edits", transformer("--value-info")),
    ("llama_50k_types_declared", "usual_edits", all_declared),
    ("ifs_2k", "many_bodies", ifs),
    ("reversed_chain_5k", "backwards", reversed_chain),
    ("consumers_20k", "many_consumers", fan_out),
    ("operands_20k", "shared_operands", three_shared),
    ("operands_20k_types_declared", "shared_operands", three_shared_declared),
]

if __name__ == "__main__":
    main()
