"""What is known of one operator: slots, attributes with defaults and plain-text docs; where it comes from does not show."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec
import numpy as np

SAFE_INTEGER = 2**53  # beyond this a browser's number loses digits; such integers travel as text


class Slot(msgspec.Struct, frozen=True):
    """One input or output of an operator; `types` are as in 'tensor(float)'. Slots with the same `parameter` ('T') are of one type;
    it is '' where each may be of its own."""

    name: str
    doc: str = ""
    optional: bool = False
    variadic: bool = False
    types: tuple[str, ...] = ()
    parameter: str = ""


class AttributeSchema(msgspec.Struct, frozen=True):
    """An attribute; `type` as in onnx.AttributeProto ('INTS'), `default` as JSON, None when there is none."""

    name: str
    type: str
    required: bool = False
    default: Any = None
    doc: str = ""


class OperatorSchema(msgspec.Struct, frozen=True):
    """One operator as it is since opset `since` of its domain."""

    op_type: str
    domain: str
    since: int
    doc: str = ""
    deprecated: bool = False
    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Slot, ...] = ()
    attributes: tuple[AttributeSchema, ...] = ()

    def attribute(self, name: str) -> AttributeSchema | None:
        return next((a for a in self.attributes if a.name == name), None)


def normal_domain(domain: str) -> str:
    """'' for the standard domain under its other name, as the schemas know it."""
    return "" if domain == "ai.onnx" else domain


def default_as_json(value: Any) -> Any:
    """A default as JSON; None for what JSON has no word for (tensors, graphs)."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, int):
        return value if abs(value) <= SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return float(str(np.float32(value))) if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return value
    return [default_as_json(item) for item in value] if isinstance(value, (list, tuple)) else None


def plain_text(doc: str | None) -> str:
    """A schema's Markdown as plain text: no tags, no code fences, links by their words."""
    text = re.sub(r"```\w*\n?|`", "", doc or "")
    text = re.sub(r"\[([^\]]+)\]\((?:https?|#|Broadcasting|[A-Za-z]+\.md)[^)]*\)", r"\1", text)
    text = re.sub(r"<br\s*/?>", "\n", text)
    text = re.sub(r"</?(?:b|i|em|strong|p|a|dl|dt|dd|tt|code|sub|sup)(?:\s[^>]*)?>", "", text)
    text = re.sub(r"\*\*([^*\n]+)\*\*", r"\1", text)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def brief(doc: str, limit: int) -> str:
    """The beginning of a doc, to the end of a word: whole manuals of a hundred operators would weigh 300 KB."""
    text = plain_text(doc)
    return text if len(text) <= limit else text[:limit].rsplit(None, 1)[0] + " …"
