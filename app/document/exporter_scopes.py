"""Where an exporter says that a node comes from: the module path in a node's metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable

NAMES, SPACE = "pkg.torch.onnx.name_scopes", "namespace"
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_NOWHERE = "_empty_nn_module_stack_from_metadata_hook"  # what torch writes for nodes of no module
_LONGEST = 4096  # characters; nothing longer was written by an exporter


class ExporterScopes:
    """Reads scopes off metadata; nodes of one module are read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def of(self, metadata: Iterable[tuple[str, str]]) -> str:
        """The scope, outermost part first with slashes between, as in 'encoder/layer.0/attention'; '' when none is told."""
        found = {key: value for key, value in metadata if key in (NAMES, SPACE)}
        for key, mark in ((NAMES, ", "), (SPACE, "/")):
            # what comes last is the node itself
            around = found.get(key, "")[:_LONGEST].rpartition(mark)[0]
            if around:
                known = self._known.get((key, around))
                if known is None:
                    read = _names if key == NAMES else _space
                    known = self._known[key, around] = "/".join(_parts(read(around)))
                return known
        return ""


def _names(text: str) -> list[str]:
    """Of "['', 'encoder', 'encoder.layer.0'": a list as Python writes it."""
    return [single or double for single, double in _QUOTED.findall(text)]


def _space(text: str) -> list[str]:
    """Of ": Model/encoder: Encoder/encoder.layer.0: Layer"."""
    return [part.partition(":")[0].strip() for part in text.split("/")]


def _parts(modules: list[str]) -> list[str]:
    """What each module adds to the one around it. A number is said with the name before it: 'layer.0', not '0'."""
    parts: list[str] = []
    around = ""
    for module in modules:
        if module in ("", around, _NOWHERE):
            continue
        inner = module.removeprefix(f"{around}.") if around else module
        around = module
        named = False  # the last part is a name that has no number yet
        for part in filter(None, inner.replace("/", "|").split(".")):
            if not part.isdigit() or not parts:
                parts.append(part)
            elif named:
                parts[-1] += f".{part}"
            else:
                parts.append(f"{parts[-1]}.{part}")
            named = not part.isdigit()
    return parts
