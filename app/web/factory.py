"""Makes the parts of the web process and wires them: the one place where that happens."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil
from flask import Flask
from flask_socketio import SocketIO

from onnx_scalpel.config import Config
from onnx_scalpel.errors import AppError
from onnx_scalpel.jobs.zygote import Zygote
from onnx_scalpel.session.client import PRELOAD
from onnx_scalpel.web.assets import package_folder
from onnx_scalpel.web.catalogue import CATALOGUE_PROCESS, EditCatalogue
from onnx_scalpel.web.data_files_api import data_files_routes
from onnx_scalpel.web.edits_api import edits_routes
from onnx_scalpel.web.errors import install_error_handlers
from onnx_scalpel.web.files_api import files_routes
from onnx_scalpel.web.inspect_api import inspect_routes
from onnx_scalpel.web.jobs_api import jobs_routes
from onnx_scalpel.web.netron import netron_routes
from onnx_scalpel.web.openapi import description_routes
from onnx_scalpel.web.openings import Openings
from onnx_scalpel.web.openings_api import openings_routes
from onnx_scalpel.web.pages import message_page, page_or_json, pages_routes
from onnx_scalpel.web.parts import Parts
from onnx_scalpel.web.presence import Presence
from onnx_scalpel.web.recent import RecentFiles
from onnx_scalpel.web.roots import Roots
from onnx_scalpel.web.samples import Samples
from onnx_scalpel.web.security import Gate, Policy, WSGIApp
from onnx_scalpel.web.sessions import Sessions
from onnx_scalpel.web.sessions_api import sessions_routes
from onnx_scalpel.web.sockets import Broadcaster, Sockets, new_socket_server
from onnx_scalpel.web.viewings import Viewings
from onnx_scalpel.web.views_api import views_routes

STOP_PATIENCE = 1.5  # seconds for session processes to end by themselves


@dataclass(frozen=True)
class WebApp:
    """A wired server: `gate` is the WSGI application to serve."""

    flask: Flask
    sockets: SocketIO
    gate: WSGIApp
    parts: Parts
    zygote: Zygote

    def stop(self) -> None:
        """End all processes; the journals stay."""
        self.parts.sessions.stop(STOP_PATIENCE)
        self.zygote.stop()
        shutil.rmtree(self.parts.scratch, ignore_errors=True)


def create_app(config: Config) -> WebApp:
    """Wire a server for a config whose `port` is the bound one. Starts the zygote."""
    app = Flask("onnx_scalpel", static_folder=None, template_folder=str(package_folder("templates")))
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # ids may hold several
    app.json.sort_keys = False  # type: ignore[attr-defined]
    install_error_handlers(app, page_or_json)
    sockets = new_socket_server(app)
    zygote = Zygote.start((*PRELOAD, CATALOGUE_PROCESS))
    parts = _parts(config, zygote, sockets)
    Sockets(sockets, parts.sessions, parts.presence, parts.catalogue)
    for routes in (
        pages_routes(parts),
        sessions_routes(parts),
        openings_routes(parts),
        edits_routes(parts),
        jobs_routes(parts),
        inspect_routes(parts),
        files_routes(parts),
        data_files_routes(parts),
        views_routes(parts),
        netron_routes(parts),
        description_routes(parts.catalogue),
    ):
        app.register_blueprint(routes)

    def refusal_page(error: AppError) -> tuple[str, str]:
        with app.app_context():
            return message_page(error)

    return WebApp(app, sockets, Gate(app, Policy.of(config), refusal_page), parts, zygote)


def _parts(config: Config, zygote: Zygote, sockets: SocketIO) -> Parts:
    roots = Roots(config.roots)
    samples = package_folder("sample_models")
    sessions = Sessions(zygote, config.data_dir, roots, samples, config.session_limit, Broadcaster(sockets))
    sessions.sweep()
    viewings = Viewings(config.data_dir / "viewed", roots)
    viewings.sweep()
    return Parts(
        config=config,
        roots=roots,
        sessions=sessions,
        openings=Openings(),
        viewings=viewings,
        samples=Samples(samples),
        recent=RecentFiles(config.data_dir / "recent.json", roots),
        catalogue=EditCatalogue(zygote),
        presence=Presence(),
        static=package_folder("static/dist"),
        scratch=_scratch(config.data_dir),
    )


def _scratch(data_dir: Path) -> Path:
    """A folder of this process for downloads in the making; what servers that died left behind is removed."""
    for folder in data_dir.glob("scratch-*"):
        number = folder.name.partition("-")[2]
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            shutil.rmtree(folder, ignore_errors=True)
    return data_dir / f"scratch-{os.getpid()}"
