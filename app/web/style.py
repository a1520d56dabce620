"""The style of the few pages that the server draws by itself, without the built browser side."""

from __future__ import annotations

from functools import cache

from onnx_scalpel.web.assets import package_folder


@cache
def plain_style() -> str:
    """The content of templates/plain.css; it goes inline into a page whose policy names its hash."""
    return (package_folder("templates") / "plain.css").read_text(encoding="utf-8")
