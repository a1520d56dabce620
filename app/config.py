"""What one server is started with: addresses, folders and limits, fixed for its life."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_data_path

DEFAULT_HOST = "127.0.0.1"
MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True)
class Config:
    """Settings of one server.

    `port` 0 takes a free port. `roots` are the only folders whose files the server opens, lists and saves into; the
    first one is what relative paths start from. `model` is opened at once, and the first page load leads to it.
    `data_dir` holds journals, uploads and the list of recent files. Limits are in bytes.
    """

    host: str
    port: int
    roots: tuple[Path, ...]
    data_dir: Path
    open_browser: bool
    model: Path | None
    token: str = field(repr=False)
    upload_limit: int = 4 * GIB
    body_limit: int = 1 * MIB
    session_limit: int = 64

    @classmethod
    def build(
        cls,
        *,
        host: str = DEFAULT_HOST,
        port: int = 0,
        roots: Sequence[Path] = (),
        data_dir: Path | None = None,
        open_browser: bool = True,
        model: Path | None = None,
        token: str | None = None,
        upload_limit: int = 4 * GIB,
    ) -> Config:
        """Fill in the defaults: the current folder and the model's as roots, the user's data folder, a fresh token.

        The model's own folder is always a root, because a save beside it is what its owner expects.
        """
        model = model.resolve() if model is not None else None
        folders = [root.resolve() for root in roots] or [Path.cwd().resolve()]
        if model is not None and not any(model.is_relative_to(folder) for folder in folders):
            folders.append(model.parent)
        return cls(
            host=host,
            port=port,
            roots=tuple(dict.fromkeys(folders)),
            data_dir=(data_dir or user_data_path("onnx-scalpel", appauthor=False)).resolve(),
            open_browser=open_browser,
            model=model,
            token=token or secrets.token_urlsafe(24),
            upload_limit=upload_limit,
        )
