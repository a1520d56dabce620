"""Flask pages, HTTP API, sockets and security; never imports onnx."""
