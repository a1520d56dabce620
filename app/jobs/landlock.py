"""Linux Landlock through its system calls: a job reads the system and the model's folder, writes its scratch folder, has no network.

Kernels before 5.13, and systems that are not Linux on x86-64 or ARM64, have none: `restrict` then answers False and
the other limits still hold.
"""

from __future__ import annotations

import ctypes
import os
import platform
import stat
import struct
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every 64-bit architecture
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_NETWORK = 0b11  # bind and connect TCP
_SCOPES = 0b11  # abstract Unix sockets, signals to processes outside
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc", "/opt", "/proc", "/sys", "/dev")


@lru_cache(maxsize=1)
def version() -> int:
    """The kernel's Landlock version; 0 when it has none."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return 0
    return max(0, _syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG))


def restrict(readable: Sequence[Path], writable: Sequence[Path]) -> bool:
    """Confine the calling process for good; needs no_new_privs. False where the kernel cannot."""
    supported = version()
    if not supported:
        return False
    rights = _rights(supported)
    attribute = struct.pack("=QQQ", rights, _NETWORK if supported >= 4 else 0, _SCOPES if supported >= 6 else 0)
    size = 24 if supported >= 6 else 16 if supported >= 4 else 8
    ruleset = _syscall(_CREATE_RULESET, attribute[:size], size, 0)
    if ruleset < 0:
        return False
    try:
        for path in (*_system_paths(), *readable):
            _allow(ruleset, path, _READ & rights)
        for path in (*writable, Path(os.devnull)):
            _allow(ruleset, path, rights)
        return _syscall(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _rights(supported: int) -> int:
    count = 13 if supported < 2 else 14 if supported < 3 else 15 if supported < 5 else 16
    return (1 << count) - 1


def _system_paths() -> set[Path]:
    """What Python and the libraries need: the system's folders and wherever this interpreter's modules lie."""
    package = str(Path(__file__).resolve().parent.parent)
    own = [p for p in (sys.prefix, sys.base_prefix, sys.exec_prefix, package, *sys.path) if p]
    return {Path(p) for p in (*_SYSTEM, *own, *(os.path.realpath(p) for p in own))}


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _FILE_RIGHTS
        _syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)


def _syscall(number: int, *arguments: int | bytes | None) -> int:
    values = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    return int(ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *values))
