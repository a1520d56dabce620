"""CPU seconds and anonymous memory of open, snapshot, one edit of each kind and save, in a process of its own: prints JSON."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any


def anonymous_megabytes() -> float:
    """RssAnon of this process: what it needs beyond mapped files."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else float("nan")


def cpu(act: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = act()
    return time.process_time() - start, result


def measure(path: Path) -> dict[str, Any]:
    import onnx_graphsurgeon  # noqa: F401  the import is not part of an open
    import onnxruntime  # noqa: F401

    from onnx_scalpel.document.load import open_model
    from onnx_scalpel.document.save import model_bytes
    from onnx_scalpel.document.views import snapshot_columns
    from onnx_scalpel.edits.base import apply_edit, parse_edit

    before = anonymous_megabytes()
    opened, document = cpu(lambda: open_model(path))
    after = anonymous_megabytes()
    painted, columns = cpu(lambda: snapshot_columns(document, {}, 0))
    saved, data = cpu(lambda: model_bytes(document))
    nodes = document.node_ids("graph:")
    along_axis = next(node for node in nodes if "axis" in document.node(node).attributes)
    elementwise = next(node for node in nodes if document.node(node).op_type in ("Softmax", "Relu"))
    value = document.node(elementwise).outputs[0]
    edits = [
        {"kind": "rename-value", "value": value, "name": "renamed_by_the_bench"},
        {"kind": "insert-node", "op_type": "Relu", "domain": "", "value": value, "attributes": {}, "extra_inputs": []},
        {"kind": "set-attribute", "node": along_axis, "attribute": "axis", "value": 2},
        {"kind": "remove-nodes", "nodes": [elementwise], "reconnect": True},
    ]
    costs = {str(edit["kind"]): cpu(partial(apply_edit, document, parse_edit(edit)))[0] for edit in edits}
    return {
        "nodes": len(nodes),
        "open_cpu_s": round(opened, 3),
        "snapshot_cpu_s": round(painted, 3),
        "snapshot_bytes": len(columns),
        "save_cpu_s": round(saved, 3),
        "saved_equals_file": data == path.read_bytes(),
        "open_anonymous_mb": round(after - before, 1),
        "edit_cpu_ms": {kind: round(seconds * 1000, 2) for kind, seconds in costs.items()},
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
