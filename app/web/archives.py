"""Unpacks zip archives that hold models: bounded while it goes on, and never outside of the folder."""

from __future__ import annotations

import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from onnx_scalpel.errors import AppError
from onnx_scalpel.web.names import safe_name

MEMBERS_LIMIT = 10_000
DIRECTORY_LIMIT = 8 << 20  # bytes of an archive's table of contents, which is read whole
PIECE = 1 << 20
RATIO_LIMIT = 250  # times its own size that an archive may become …
RATIO_FROM = 256 << 20  # … once it is larger than this: weights of zeros shrink well
SPARE = 64 << 20  # bytes that stay free on the disk
_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db")
_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_END_BYTES, _COMMENT_BYTES = 22, 65_535
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, struct.error, ValueError, IndexError)


def member_names(archive: Path) -> list[PurePosixPath]:
    """The files in an archive. AppError `zip-broken`, `zip-too-many`, `zip-escapes`, `zip-encrypted`."""
    with open_archive(archive, archive.name) as opened:
        return [name for name, _ in _members(archive.name, opened)]


def unpack(archive: Path, folder: Path, limit: int, name: str = "") -> list[PurePosixPath]:
    """Unpack into `folder`, at most `limit` bytes; the names below it. `name` is what its sender calls the archive.

    AppError `zip-broken`, `zip-encrypted`, `zip-escapes`, `zip-too-many`, `zip-too-large`, `disk-full`: what was unpacked by
    then is the caller's to remove.
    """
    name, packed, total = name or archive.name, archive.stat().st_size, 0
    with open_archive(archive, name) as opened:
        members = _members(name, opened)
        claimed = sum(info.file_size for _, info in members)
        if claimed > limit:
            raise _too_large(name)
        if shutil.disk_usage(folder).free < claimed + SPARE:
            raise AppError(
                "disk-full", f"there is no room to unpack {name}", hint="free some space on the server", status=423
            )
        for path, info in members:
            target = folder / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(info) as source, target.open("xb") as file:
                    while piece := source.read(PIECE):
                        total += len(piece)
                        if total > limit or (total > RATIO_FROM and total > RATIO_LIMIT * packed):
                            raise _too_large(name)
                        file.write(piece)
            except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
                raise _broken(name, "it holds one name twice") from error
            except (NotImplementedError, RuntimeError) as error:
                message = f"{name} is compressed in a way that is not known here"
                raise AppError("zip-broken", message, hint="pack it as an ordinary zip archive") from error
            except (*_BROKEN, OSError) as error:
                if isinstance(error, OSError) and error.errno is not None:
                    raise  # of the disk, not of what bzip2 reads
                raise _broken(name, "a file in it cannot be read") from error
    return [path for path, _ in members]


def open_archive(archive: Path, name: str) -> zipfile.ZipFile:
    """The archive, unless its table of contents is too large to be read."""
    if _directory_bytes(archive) > DIRECTORY_LIMIT:
        raise _too_many(name)
    try:
        return zipfile.ZipFile(archive)
    except (*_BROKEN, OSError, NotImplementedError) as error:
        raise _broken(name, "it is cut off or no zip archive") from error


def _directory_bytes(archive: Path) -> int:
    """How long the table of contents says that it is; 0 when there is none."""
    with archive.open("rb") as file:
        size = file.seek(0, 2)
        start = max(0, size - _END_BYTES - _COMMENT_BYTES - 20 - 56)
        file.seek(start)
        tail = file.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) < at + _END_BYTES:
            return 0
        length = int(struct.unpack_from("<L", tail, at + 12)[0])
        locator = tail.rfind(_LOCATOR64, 0, at)
        if locator >= 0:
            file.seek(min(size, struct.unpack_from("<Q", tail, locator + 8)[0]))
            record = file.read(56)
            if record.startswith(_END64) and len(record) == 56:
                length = max(length if length != 0xFFFFFFFF else 0, int(struct.unpack_from("<Q", record, 40)[0]))
        return min(length, size)


def _members(archive: str, opened: zipfile.ZipFile) -> list[tuple[PurePosixPath, zipfile.ZipInfo]]:
    """The files with the names under which they may be stored."""
    infos = opened.infolist()
    if len(infos) > MEMBERS_LIMIT:
        raise _too_many(archive)
    found: list[tuple[PurePosixPath, zipfile.ZipInfo]] = []
    for info in infos:
        if info.is_dir() or any(part in _JUNK or part.startswith("._") for part in PurePosixPath(info.filename).parts):
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            raise _escapes(archive, "a link")
        if info.flag_bits & 1:
            message = f"{archive} is encrypted"
            raise AppError("zip-encrypted", message, hint="unpack it with its password, and open the files inside")
        try:
            found.append((safe_name(info.filename), info))
        except AppError as error:
            raise _escapes(archive, "a path that leads outside of it or cannot be kept") from error
    return found


def _broken(name: str, why: str) -> AppError:
    return AppError("zip-broken", f"{name} is damaged: {why}", hint="fetch or pack it again")


def _escapes(name: str, what: str) -> AppError:
    return AppError("zip-escapes", f"{name} holds {what}", hint="it may be made to do harm: unpack it yourself if not")


def _too_many(name: str) -> AppError:
    message = f"{name} holds more than {MEMBERS_LIMIT:,} files"
    return AppError("zip-too-many", message, hint="pack the model and its data files only", status=413)


def _too_large(name: str) -> AppError:
    hint = "open a large model by its path; if it is small, this archive was made to do harm"
    return AppError("zip-too-large", f"{name} becomes too large when it is unpacked", hint=hint, status=413)
