"""The command line: serve (what happens without a command), apply, check, inspect, edits."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from onnx_scalpel import __version__
from onnx_scalpel.config import DEFAULT_HOST, Config
from onnx_scalpel.errors import AppError
from onnx_scalpel.terminal import complain, say

EXISTING = click.Path(path_type=Path)
FOLDER = click.Path(path_type=Path, file_okay=False)


class _ServeByDefault(click.Group):
    """A group whose commands are optional: `onnx-scalpel model.onnx` serves."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "-h", "--version")):
            if len(args) > 1 and not any(arg.startswith("-") for arg in args) and not Path(args[0]).exists():
                known = ", ".join(self.list_commands(ctx))
                raise click.UsageError(f"there is no command or file {args[0]!r}; commands: {known}", ctx)
            args = ["serve", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AppError as error:
            complain(error)
            sys.exit(1)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[MODEL] | COMMAND …")


@click.group(cls=_ServeByDefault, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="onnx-scalpel")
def main() -> None:
    """Edit ONNX models in the browser, or change and check them from here.

    Without a command it serves: `onnx-scalpel model.onnx` opens the model in your browser.
    """
    # what the libraries log is for the server's log file; on a terminal there is one clear line instead
    logging.getLogger("onnx_scalpel").addHandler(logging.NullHandler())


@main.command()
@click.argument("model", required=False, type=EXISTING)
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), metavar="N", help="Port to listen on; 0 takes a free one."
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--data-dir", type=FOLDER, help="Where journals and uploads are kept.")
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=FOLDER,
    help="A folder whose files may be opened and saved; repeatable. The default is the current folder and the model's.",
)
def serve(
    model: Path | None, host: str, port: int, no_browser: bool, data_dir: Path | None, roots: Sequence[Path]
) -> None:
    """Serve the editor and open it in the browser.

    The token in the address is drawn at random at every start, unless $SCALPEL_TOKEN says one.
    """
    token = os.environ.get("SCALPEL_TOKEN")
    if token is not None and not re.fullmatch(r"[A-Za-z0-9_-]{16,}", token):
        raise AppError(
            "bad-token", "$SCALPEL_TOKEN cannot be used", hint="16 or more letters, digits, hyphens or underscores"
        )
    if model is not None and not model.is_file():
        raise AppError("no-such-file", f"there is no file {model}", hint="give the path of an .onnx file")
    missing = next((root for root in roots if not root.is_dir()), None)
    if missing is not None:
        raise AppError("no-such-folder", f"there is no folder {missing}", hint="a root is a folder that exists")
    config = Config.build(
        host=host,
        port=port,
        roots=roots,
        data_dir=data_dir,
        open_browser=not no_browser,
        model=model,
        token=token,
    )
    from onnx_scalpel.web.serve import serve as serve_web

    serve_web(config)


@main.command(short_help="Replay a recipe on models and save the results.")
@click.argument("recipe", type=EXISTING)
@click.argument("models", required=True, nargs=-1, type=EXISTING, metavar="MODEL…")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="A file; a folder for many models."
)
@click.option("--overwrite", is_flag=True, help="Let the result take the place of a model that it was made from.")
@click.option(
    "--weights",
    type=click.Choice(["as-opened", "inline", "one-file", "per-tensor"]),
    default="as-opened",
    show_default=True,
    help="Where the weights go: inside the .onnx file, in one data file, or in one for each tensor.",
)
@click.option(
    "--threshold",
    type=click.IntRange(0),
    default=1024,
    show_default=True,
    metavar="BYTES",
    help="With one-file and per-tensor, smaller tensors stay in the .onnx file.",
)
def apply(recipe: Path, models: Sequence[Path], output: Path, overwrite: bool, weights: str, threshold: int) -> None:
    """Replay the edits of RECIPE on a model, several models, or all models of a folder.

    A recipe is JSON: {"format": 1, "edits": [{"kind": ..., ...parameters}]}. The editor writes one: Save as, Recipe as JSON.

    A model on which an edit does not fit is not written; the edit and the reason are told, and the exit code is 1.
    """
    from onnx_scalpel.cli_apply import apply_recipe

    how = {"weights": weights, "threshold": threshold}
    sys.exit(0 if apply_recipe(recipe, models, output, overwrite=overwrite, weights=how) else 1)


@main.command(short_help="Say what is wrong with a model.")
@click.argument("model", type=EXISTING)
@click.option("--run", is_flag=True, help="Also run the model on generated inputs.")
@click.option("--against", type=EXISTING, help="Run this model too, and compare the outputs.")
@click.option("--dim", "dims", multiple=True, metavar="NAME=SIZE", help="A size for a named dim of the inputs.")
@click.option("--seed", default=0, type=click.IntRange(0, 2**32 - 1), metavar="N", help="Seed of the generated inputs.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(model: Path, run: bool, against: Path | None, dims: Sequence[str], seed: int, as_json: bool) -> None:
    """Say what is wrong with a model.

    The exit code is 1 when there are errors, when the model does not run, or when its outputs differ.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: jobs are forked, which wants no threads
    from onnx_scalpel.cli_check import check_model

    sizes = dict(_size(dim) for dim in dims)
    sys.exit(0 if check_model(model, run=run, against=against, dims=sizes, seed=seed, as_json=as_json) else 1)


def _size(text: str) -> tuple[str, int]:
    name, _, size = text.rpartition("=")
    if not name or not size.isdecimal() or len(size) > 10 or int(size) < 1:
        raise click.BadParameter(f"{text!r} is not NAME=SIZE", param_hint="--dim")
    return name, int(size)


@main.command(short_help="Say what a model is made of.")
@click.argument("model", type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def inspect(model: Path, as_json: bool) -> None:
    """Say what a model is made of: inputs, outputs, operators, weights, cost of a run, where it comes from, what to beware of.

    Nothing is run and nothing is changed. The exit code is 1 when the file is no model.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: jobs are forked, which wants no threads
    from onnx_scalpel.cli_inspect import inspect_model

    inspect_model(model, as_json=as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the whole catalogue, with schemas, as JSON.")
def edits(as_json: bool) -> None:
    """List the edits that a recipe can be made of."""
    import json

    from onnx_scalpel.edits.base import catalogue

    entries = catalogue()
    if as_json:
        say(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    for entry in entries:
        needed = entry["schema"].get("required", [])
        named = [name if name in needed else f"{name}?" for name in entry["schema"]["properties"]]
        say(f"{entry['kind']:<16} {entry['title']:<16} {', '.join(named)}")


if __name__ == "__main__":
    main()
