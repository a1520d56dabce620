"""The route through which data files that a model lacks are supplied."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, request

from onnx_scalpel.web.errors import wrong_parameters
from onnx_scalpel.web.openapi import describe
from onnx_scalpel.web.parts import Parts
from onnx_scalpel.web.uploads import Upload

LIST = {"type": "array", "items": {"type": "object"}}


def data_files_routes(parts: Parts) -> Blueprint:
    """POST of data files to a session."""
    routes = Blueprint("data_files", __name__, url_prefix="/api/sessions")

    @routes.post("/<session_id>/data-files")
    @describe(
        "Supply data files that the model lacks, as the parts `file` of a multipart form (zip archives, too): each is matched "
        "by its path or last name, its size is checked, and those that are not needed are told in `left`",
        answer={"taken": LIST, "left": LIST, "missing": {"type": "object"}},
    )
    def supply(session_id: str) -> dict[str, Any]:
        session = parts.sessions.find(session_id)
        if request.mimetype != "multipart/form-data":
            raise wrong_parameters(file="send the files as multipart/form-data")
        parts.scratch.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=parts.scratch))
        try:
            upload = Upload(folder / "files")
            upload.receive(request)
            upload.unpack(parts.config.upload_limit, data=True)
            upload.sync()
            answer = session.client.supply({str(folder / "files" / name): str(name) for name in upload.names})
            return answer | {"missing": session.client.summary()["missing"]}
        finally:
            shutil.rmtree(folder)

    return routes
