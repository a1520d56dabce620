"""The data files that a model needs beside it."""

from __future__ import annotations

from onnx_scalpel.document.data_files import data_files_of
from onnx_scalpel.document.ids import printable
from onnx_scalpel.document.weightless import tensors_in
from onnx_scalpel.errors import AppError, one_line
from onnx_scalpel.inspectors.amounts import bytes_text, plural
from onnx_scalpel.inspectors.inspected import Facts, Held, Inspected
from onnx_scalpel.inspectors.placing import place_of

FILES_SHOWN = 200
SUBJECTS_SHOWN = 20


class ExternalFileInspector:
    """Lists data files with what lies in them. A path that leaves the model's folder is never looked at, only told."""

    name = "external"
    title = "Data files"

    def inspect(self, model: Inspected) -> Facts:
        together: dict[str, list[tuple[Held, int]]] = {}
        for held in model.tensors:
            place = place_of(model.document, held.ref)
            if place.location is not None:
                together.setdefault(place.location, []).append((held, place.external))
        short = {
            f.location: f.needed for f in data_files_of(tensors_in(model.proto), model.document.file.find) if f.is_short
        }
        files = [_described(model, location, group, short.get(location)) for location, group in together.items()]
        return {
            "count": len(files),
            "tensors": sum(len(group) for group in together.values()),
            "bytes": sum(size for group in together.values() for _, size in group),
            "files": files[:FILES_SHOWN],
        }

    def tell(self, facts: Facts) -> list[str]:
        lines = []
        for one in facts["files"]:
            state = f"; {one['problem']}" if one["problem"] else f" of {bytes_text(one['file_bytes'])}"
            held = f"{plural(one['tensors'], 'tensor')}, {bytes_text(one['bytes'])}"
            lines.append(f"{one_line(one['location'], 80) or '(no name)'}: {held}{state}")
        return lines


def _described(model: Inspected, location: str, group: list[tuple[Held, int]], needed: int | None) -> Facts:
    """`needed` is how long a file must be that is not there or too short."""
    size, problem = _look(model, location)
    if needed is not None and size is not None:
        problem = f"the file is cut off, it has {bytes_text(size)} of {bytes_text(needed)}"
    return {
        "location": printable(location),
        "tensors": len(group),
        "bytes": sum(size for _, size in group),
        "file_bytes": size,
        "problem": problem,
        "subjects": [held.subject for held, _ in group[:SUBJECTS_SHOWN]],
    }


def _look(model: Inspected, location: str) -> tuple[int | None, str]:
    """The size of a data file, or what is wrong with it."""
    try:
        path = model.document.file.data_path(location)
        return (path.stat().st_size, "") if path.is_file() else (None, "the file is missing")
    except AppError:
        return None, "the path leaves the model's folder, or is no path"
    except (OSError, ValueError):
        return None, "the file cannot be looked at"
