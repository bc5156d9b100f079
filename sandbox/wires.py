"""What an emulator does to a connection below HTTP; it answers nothing by itself."""

from __future__ import annotations

import socket
import struct

from aiohttp import web


def reset(request: web.Request) -> web.Response:
    """Tears the connection down with a TCP reset: the answer that follows never leaves."""
    transport = request.transport
    if transport is not None:
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            # Linger on with zero seconds: close() then sends RST, not FIN.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=500)
