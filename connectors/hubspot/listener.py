"""Takes webhooks in over HTTP and answers each when it is known to be kept; it never reads what they say.

A request is answered 200 only after `kept` was called for it, else 503 in time for HubSpot to send it again: nothing is
acknowledged that could be lost with this process. HubSpot sends again for a day (facts, hubspot 3.4).
"""

import json
import logging
import queue
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from connectors.errors import BadInput
from connectors.hubspot.settings import Listener
from connectors.hubspot.signature import refusal

log = logging.getLogger(__name__)
LARGEST = 1 << 20  # bytes of a request: a hundred events are some 50 KB
WAITING = 100  # requests; HubSpot sends ten at once


@dataclass(slots=True, eq=False)
class Delivery:
    """One request that was believed."""

    events: Sequence[Mapping[str, Any]]
    kept: threading.Event = field(default_factory=threading.Event)
    late: bool = False  # it was answered 503; what it says comes again


class Receiver:
    """A listener in threads of its own. `clock` gives aware times, to judge the age of a request."""

    def __init__(self, settings: Listener, secret: str, clock: Callable[[], datetime]) -> None:
        self._settings, self._secret, self._clock = settings, secret, clock
        self._waiting: queue.Queue[Delivery] = queue.Queue(WAITING)
        try:
            self._server = _Server((settings.host, settings.port), self._answer)
        except OSError as error:
            place = f"{settings.host}:{settings.port}"
            raise BadInput(
                f"webhooks cannot be received at {place}: {error.strerror}", "choose another port"
            ) from error
        self.port = self._server.server_port
        serve = partial(self._server.serve_forever, poll_interval=0.05)  # seconds that closing may take
        threading.Thread(target=serve, name="hubspot-webhooks", daemon=True).start()

    def taken(self, patience_s: float) -> list[Delivery]:
        """What has come in; waits a little for the first."""
        found: list[Delivery] = []
        try:
            found.append(self._waiting.get(timeout=patience_s) if patience_s else self._waiting.get_nowait())
            while True:
                found.append(self._waiting.get_nowait())
        except queue.Empty:
            return found

    def close(self) -> None:
        """Stop listening; what waits for its answer is answered 503."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, method: str, headers: Mapping[str, str], body: bytes) -> int:
        signature, timestamp = headers.get("x-hubspot-signature-v3"), headers.get("x-hubspot-request-timestamp")
        uri = self._settings.public_url
        wrong = refusal(self._secret, method, uri, body, signature, timestamp, self._clock())
        if wrong is not None:
            log.warning("a webhook was turned away: %s", wrong)
            return 401
        try:
            events = json.loads(body)
        except ValueError:
            return 400
        if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
            return 400
        delivery = Delivery(events)
        try:
            self._waiting.put_nowait(delivery)
        except queue.Full:
            return 503
        if delivery.kept.wait(self._settings.answer_s):
            return 200
        delivery.late = True
        return 503


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], answer: Callable[[str, Mapping[str, str], bytes], int]) -> None:
        self.answer = answer
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 10  # seconds that a caller may be silent

    def do_POST(self) -> None:
        """Whatever the path: a proxy may have changed it, and the signature is over the public address."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            self._say(413 if length.isdigit() else 411)
            return
        self._say(self.server.answer(self.command, _lower(self.headers.items()), self.rfile.read(int(length))))

    def _say(self, status: int) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Requests are counted by what they change, not logged one by one."""


def _lower(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by their names in lower case: HTTP does not tell cases apart."""
    return {name.casefold(): value for name, value in headers}
