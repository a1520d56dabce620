"""The whole product as scripts and people meet it: a real server, real processes, real files."""
