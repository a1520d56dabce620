"""What the routes are made from: the parts that the factory wires once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from onnx_scalpel.config import Config
from onnx_scalpel.web.catalogue import EditCatalogue
from onnx_scalpel.web.openings import Openings
from onnx_scalpel.web.presence import Presence
from onnx_scalpel.web.recent import RecentFiles
from onnx_scalpel.web.roots import Roots
from onnx_scalpel.web.samples import Samples
from onnx_scalpel.web.sessions import Sessions
from onnx_scalpel.web.viewings import Viewings


@dataclass(frozen=True)
class Parts:
    """Everything a route may need; each has its own state and its own lock."""

    config: Config
    roots: Roots
    sessions: Sessions
    openings: Openings
    viewings: Viewings
    samples: Samples
    recent: RecentFiles
    catalogue: EditCatalogue
    presence: Presence
    static: Path
    scratch: Path
