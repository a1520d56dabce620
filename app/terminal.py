"""What commands say: results as lines on stdout, and one line on stderr about what went wrong."""

from __future__ import annotations

import click

from onnx_scalpel.errors import AppError


def say(line: str) -> None:
    """One line for programs and people to read, on stdout."""
    click.echo(line)


def tell(line: str) -> None:
    """What is going on, for people who wait; on stderr, so that it is no result."""
    click.echo(line, err=True)


def complain(error: AppError, about: str = "") -> None:
    """One line on stderr: what went wrong, with what, and what to do."""
    start = f"{about}: " if about else ""
    hint = f" ({error.hint})" if error.hint else ""
    click.echo(f"onnx-scalpel: {start}{error.message}{hint}", err=True)
