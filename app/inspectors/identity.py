"""What the model says about itself: versions, opsets, metadata, and the size of its file."""

from __future__ import annotations

from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.records import MAIN_GRAPH, Pairs
from onnx_scalpel.errors import one_line
from onnx_scalpel.inspectors.amounts import bytes_text, plural, some
from onnx_scalpel.inspectors.inspected import Facts, Inspected

METADATA_SHOWN = 200  # entries
TEXT_SHOWN = 2_000  # characters of one text


class IdentityInspector:
    """Reads the fields of the model itself."""

    name = "identity"
    title = "Model"

    def inspect(self, model: Inspected) -> Facts:
        record, graph = model.document.model(), model.document.graph(MAIN_GRAPH)
        file = model.document.file.text or model.document.path  # the text that it was read from
        return {
            "file": printable(file.name),
            "file_bytes": file.stat().st_size if file.is_file() else 0,
            "graph": printable(graph.name),
            "ir_version": record.ir_version,
            "opset_imports": [{"domain": printable(d), "version": version} for d, version in record.opset_imports],
            "producer": printable(record.producer_name),
            "producer_version": printable(record.producer_version),
            "domain": printable(record.domain),
            "model_version": str(record.model_version),
            "doc": printable(record.doc)[:TEXT_SHOWN],
            "metadata": _pairs(record.metadata),
            "metadata_entries": len(record.metadata),
        }

    def tell(self, facts: Facts) -> list[str]:
        opsets = [f"{one['domain'] or 'ai.onnx'} {one['version']}" for one in facts["opset_imports"]]
        lines = [
            f"file {facts['file']}, {bytes_text(facts['file_bytes'])}",
            f"IR version {facts['ir_version']}, opset {', '.join(opsets) or 'none declared'}",
        ]
        if facts["graph"]:
            lines.append(f"graph {one_line(facts['graph'], 120)}")
        if facts["domain"] or facts["model_version"] != "0":
            lines.append(f"domain {facts['domain'] or 'none'}, version {facts['model_version']}")
        if facts["metadata"]:
            keys = [one_line(one["key"], 40) or "(no key)" for one in facts["metadata"]]
            lines.append(f"{plural(facts['metadata_entries'], 'metadata entry', 'metadata entries')}: {some(keys)}")
        if facts["doc"]:
            lines.append(f"says: {one_line(facts['doc'], 160)}")
        return lines


def _pairs(pairs: Pairs) -> list[Facts]:
    return [{"key": printable(key), "value": printable(value)[:TEXT_SHOWN]} for key, value in pairs[:METADATA_SHOWN]]
