"""Finds what stands on a shelf: the classes that the modules of one package define, so that a new one is a new file only."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


def classes_on(package: str, base: type[T] = object) -> list[type[T]]:  # type: ignore[assignment]
    """Every concrete subclass of `base` that a module of `package` defines, by module and then by line.

    `base` itself is left out, and so is what a module merely imports.
    """
    return [c for c in _defined_in(package) if issubclass(c, base) and c is not base and not inspect.isabstract(c)]


def classes_with(package: str, *names: str, fits: Callable[[type], bool] = lambda _: True) -> list[type]:
    """Every class that a module of `package` defines and that has all the attributes `names`: for shelves without a base."""
    return [c for c in _defined_in(package) if all(hasattr(c, name) for name in names) and fits(c)]


def _defined_in(package: str) -> Iterator[type]:
    parent = importlib.import_module(package)
    for found in sorted(pkgutil.iter_modules(parent.__path__), key=lambda m: m.name):
        module = importlib.import_module(f"{package}.{found.name}")
        for member in vars(module).values():
            if inspect.isclass(member) and member.__module__ == module.__name__:
                yield member
