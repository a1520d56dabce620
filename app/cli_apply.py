"""`onnx-scalpel apply`: a recipe replayed on models, each of which is written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from onnx_scalpel.document.placement import SaveOptions
from onnx_scalpel.errors import AppError
from onnx_scalpel.session.foreground import apply_patiently
from onnx_scalpel.session.recipe import Recipe, read_recipe, replay
from onnx_scalpel.session.texts import open_any, write_anyhow
from onnx_scalpel.terminal import complain, say, tell

SUFFIX = ".onnx"


def apply_recipe(
    recipe: Path, models: Sequence[Path], output: Path, *, overwrite: bool, weights: Mapping[str, Any] | None = None
) -> bool:
    """Replay the recipe on every model; True when it fitted all of them. AppError: nothing could be begun."""
    edits, options = read_recipe(_json_of(recipe)), SaveOptions(**(weights or {}))
    done = True
    for model, target in _targets(models, output):
        try:
            _apply(edits, model, target, options, overwrite=overwrite)
        except AppError as error:
            complain(error, str(model))
            done = False
    return done


def _apply(recipe: Recipe, model: Path, target: Path, options: SaveOptions, *, overwrite: bool) -> None:
    if not model.is_file():
        raise AppError("no-such-file", "there is no such file", hint="give the path of an .onnx file")
    if target.exists() and target.samefile(model) and not overwrite:
        raise AppError("file-exists", "the result would take the place of the model", hint="add --overwrite to do that")
    document = open_any(model)
    applied = replay(document, recipe, partial(apply_patiently, told=lambda text: tell(f"{model.name}: {text}")))
    write_anyhow(document, target, options)
    count = f"{len(applied)} edit{'' if len(applied) == 1 else 's'}"
    say(f"{model} -> {target} ({count})")


def _json_of(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AppError("cannot-read", f"{path} cannot be read: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise AppError("wrong-recipe", f"{path} is no JSON: line {error.lineno}, column {error.colno}") from error
    except (ValueError, RecursionError) as error:  # no UTF-8, a number of thousands of digits, nested without an end
        raise AppError("wrong-recipe", f"{path} is no JSON") from error


def _targets(models: Sequence[Path], output: Path) -> list[tuple[Path, Path]]:
    """Each model with the file that it becomes; a folder stands for the models in it, which keep their places."""
    single = len(models) == 1 and not models[0].is_dir()
    if single and not output.is_dir():
        return [(models[0], output)]
    if output.is_file():
        raise AppError("not-a-folder", f"{output} is a file", hint="the output of several models is a folder")
    targets: list[tuple[Path, Path]] = []
    for model in models:
        if not model.is_dir():
            targets.append((model, output / model.name))
            continue
        inside = sorted(found for found in model.rglob(f"*{SUFFIX}") if found.is_file())
        inside = [found for found in inside if not found.is_relative_to(output)] if output != model else inside
        if not inside:
            raise AppError("no-models", f"there is no {SUFFIX} file in {model}")
        targets += [(found, output / found.relative_to(model)) for found in inside]
    names = [target for _, target in targets]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise AppError("same-name", f"two models would become {twice}", hint="apply the recipe to one folder at a time")
    return targets
