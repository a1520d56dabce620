"""Runs one server until it is told to stop: binds, opens the model, prints the address, closes everything."""

from __future__ import annotations

import logging
import logging.handlers
import socket
import threading
import webbrowser
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from onnx_scalpel.config import Config
from onnx_scalpel.errors import AppError
from onnx_scalpel.web.factory import WebApp, create_app
from onnx_scalpel.web.sessions import Session
from onnx_scalpel.web.stopping import StopSignal

LOG = logging.getLogger("onnx_scalpel.web")
LOG_BYTES = 4 << 20


class _Handler(WSGIRequestHandler):
    """Says nothing about itself and leaves the request line, which may hold the token, out of the log."""

    server_version = "Scalpel"
    sys_version = ""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are not logged."""

    def log(self, type: str, message: str, *args: object) -> None:
        """What goes wrong below the routes."""
        LOG.log(logging.ERROR if type == "error" else logging.DEBUG, message.rstrip(), *args)


def serve(config: Config) -> None:
    """Serve until Ctrl-C or SIGTERM. AppError: the port is taken, or the model is refused; then nothing was served."""
    _log_to_file(config.data_dir)
    with _bound(config) as listener:
        config = replace(config, port=listener.getsockname()[1])
        with StopSignal() as stopping:
            app = create_app(config)
            try:
                if _model_opened(app, config, stopping):
                    _serve(app, config, listener, stopping)
            finally:
                app.stop()


def _serve(app: WebApp, config: Config, listener: socket.socket, stopping: StopSignal) -> None:
    server: BaseWSGIServer = make_server(
        config.host, config.port, app.gate, threaded=True, request_handler=_Handler, fd=listener.fileno()
    )
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.block_on_close = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="http", daemon=True)
    thread.start()
    address = page_address(config)
    print(address, flush=True)
    if config.open_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    stopping.wait()
    server.shutdown()
    thread.join(1.0)


def page_address(config: Config) -> str:
    """The address to open; for a server on every interface the local one, because that works for sure."""
    host = "127.0.0.1" if config.host in ("", "0.0.0.0", "::") else config.host
    return f"http://{f'[{host}]' if ':' in host else host}:{config.port}/?token={config.token}"


def _model_opened(app: WebApp, config: Config, stopping: StopSignal) -> bool:
    """Open the model that the server was started with, so that the first page load leads to it; False: told to stop.

    In a thread, so that a large model does not keep the server from stopping. AppError: the model is refused.
    """
    model, sessions = config.model, app.parts.sessions
    if model is None:
        return not stopping.wait(0)
    opened: Future[Session] = Future()

    def work() -> None:
        try:
            opened.set_result(sessions.open(app.parts.roots.model_file(str(model)), source="path"))
        except BaseException as error:  # noqa: BLE001  # raised again by the thread that waits
            opened.set_exception(error)

    threading.Thread(target=work, name="open", daemon=True).start()
    while not opened.done():
        if stopping.wait(0.02):
            return False
    sessions.lead_to(opened.result())
    app.parts.recent.add(model)
    return True


@contextmanager
def _bound(config: Config) -> Iterator[socket.socket]:
    """A listening socket, bound before anything is started. AppError: the address cannot be had."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        place = f"{config.host}:{config.port}"
        raise AppError("port-taken", f"cannot listen on {place}", hint="it may be in use: try --port 0") from error
    with listener:
        yield listener


def _log_to_file(data_dir: Path) -> None:
    """Send everything that is logged to data_dir/server.log: standard output is for the address alone."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        data_dir.chmod(0o700)  # journals and uploads are the user's own
        handler = logging.handlers.RotatingFileHandler(data_dir / "server.log", maxBytes=LOG_BYTES, backupCount=1)
    except OSError as error:
        raise AppError(
            "no-data-folder", "the data folder cannot be written", hint="choose one with --data-dir"
        ) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
