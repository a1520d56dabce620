"""The bytes that a save takes over from files: each file opened once, copied by the system, hashed where a name needs it."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from onnx_scalpel.document.disk import Part
from onnx_scalpel.document.source import Extent, ModelFile

_STEP = 1 << 23  # bytes hashed at a time


class SourceBytes:
    """What can be copied from while it is entered; `file` is the opened model."""

    def __init__(self, file: ModelFile) -> None:
        self._file = file
        self._descriptors: dict[Path | None, int | None] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def model(self) -> int | None:
        """A descriptor of the opened model, if something was copied from it and it still has its name."""
        return self._descriptors.get(None)

    def copy(self, part: Part, extent: Extent) -> None:
        """Write these bytes behind what the part has. OSError, EOFError."""
        descriptor = self._descriptor(extent.path)
        if descriptor is not None:
            part.copy(descriptor, extent.offset, extent.length)
        else:
            part.write(memoryview(self._file.data)[extent.offset : extent.offset + extent.length])

    def copy_hashed(self, part: Part, extent: Extent) -> str:
        """The same; gives their SHA-256."""
        hashed = hashlib.sha256()
        for start in range(0, extent.length, _STEP):
            piece = Extent(extent.path, extent.offset + start, min(_STEP, extent.length - start))
            self.copy(part, piece)
            hashed.update(self._file.read(piece))
        return hashed.hexdigest()

    def _descriptor(self, path: Path | None) -> int | None:
        """Of a file; None for the opened model when another file took its name: its bytes are mapped still."""
        if path not in self._descriptors:
            descriptor = self._opened() if path is None else os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            if descriptor is not None:
                self._open.callback(os.close, descriptor)
            self._descriptors[path] = descriptor
        return self._descriptors[path]

    def _opened(self) -> int | None:
        if isinstance(self._file.data, bytes):
            return None
        try:
            descriptor = os.open(self._file.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        facts = os.fstat(descriptor)
        if (facts.st_dev, facts.st_ino) == self._file.inode:
            return descriptor
        os.close(descriptor)
        return None
