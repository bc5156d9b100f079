"""Ports for what a test starts later: none that the system gives to connections, and none of another worker of pytest."""

import itertools
import os
import socket

FIRST, EACH, WORKERS = 20_000, 1_000, 12  # up to 32,000: from 32,768 on Linux gives ports to connections
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
_next = itertools.cycle(range(FIRST + _worker * EACH, FIRST + (_worker + 1) * EACH, 2))


def free_port() -> int:
    """A port of which the next one is free as well."""
    return next(port for port in _next if _is_free(port) and _is_free(port + 1))


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
