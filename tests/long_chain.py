"""A model that takes a while to open, made at once."""

from __future__ import annotations

from itertools import pairwise

from onnx import TensorProto, helper


def chain_of(count: int) -> bytes:
    """So many Relu nodes, one after the other. They are written as bytes: onnx's helpers take longer than opening them."""
    names = [f"v{at}".encode() for at in range(count + 1)]
    nodes = (b"\x0a%c%s\x12%c%s\x22\x04Relu" % (len(i), i, len(o), o) for i, o in pairwise(names))
    ends = [helper.make_tensor_value_info(name.decode(), TensorProto.FLOAT, [1]) for name in (names[0], names[-1])]
    model = helper.make_model(helper.make_graph([], "chain", ends[:1], ends[1:]))
    model.graph.MergeFromString(b"".join(b"\x0a%c%s" % (len(node), node) for node in nodes))
    serialized: bytes = model.SerializeToString()
    return serialized
