"""A short-lived process that says which edits there are, for processes that must not import the libraries edits need."""

from __future__ import annotations

import socket
from typing import Any

from onnx_scalpel.edits.base import catalogue
from onnx_scalpel.session.messages import Response, encode_frame


def main(channel: socket.socket, argument: dict[str, Any]) -> None:
    """Send the edit catalogue as one response and end."""
    channel.sendall(encode_frame(Response(0, result=catalogue())))
    channel.close()
