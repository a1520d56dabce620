"""A saved model without its weights, with what a validator needs to say which node or value it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx


@dataclass(frozen=True)
class WeightlessModel:
    """What validators and runs work on.

    `proto` holds every tensor above about 1 KB that came from a file as an external reference; references are relative
    to `folder` (for an inline model: into the .onnx file itself). `node_ids[graph_id][i]` is the id of node i of
    that graph in `proto` order; `value_id(graph_id, name)` finds a visible value's id, outer graphs included.
    `graph_ids` maps a body to its id: `graph_ids[(node_id, attribute)]`; the main graph is `graph:`.
    """

    proto: onnx.ModelProto
    folder: Path
    node_ids: dict[str, list[str]]
    graph_ids: dict[tuple[str, str], str]
    value_id: Callable[[str, str], str | None]
