"""Takes Skilljar's webhooks over HTTP and answers each when it is known to be kept; it believes none of them.

A webhook only says whose learning to read next: Skilljar signs nothing, sends what the webhook's owner wrote into its
additional headers or its basic auth, and gives an event no id (facts, lms 3).
"""

import base64
import binascii
import hmac
import json
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from connectors.base import STREAM, Progress
from connectors.errors import BadInput
from connectors.skilljar.settings import Listener

log = logging.getLogger(__name__)
SLOT = "webhooks"
HEADER = "X-Tandem-Secret"
LARGEST = 1 << 16  # bytes of a request: one event is some hundred
WAITING = 1000  # requests


@dataclass(slots=True, eq=False)
class Delivery:
    """One request that carried our secret. `user` is None where it names nobody."""

    user: str | None
    kept: threading.Event = field(default_factory=threading.Event)
    late: bool = False  # it was answered 503


class Hints:
    """The users that webhooks name. Opens with the first pass; without settings it hears nothing.

    The cursor has one slot of the whole source: a word for the webhooks of the last pass. When it comes back with the
    next pass they are kept, and answered so.
    """

    def __init__(self, settings: Listener | None, clock: Callable[[], datetime]) -> None:
        self._settings, self._receiver = settings, None if settings is None else _Receiver(settings)
        self._begun, self._pass = clock(), 0
        self._pending: list[Delivery] = []

    @property
    def port(self) -> int:
        """Where it listens; 0 before the first pass."""
        return 0 if self._receiver is None else self._receiver.port

    def taken(self, word: str | None) -> list[str]:
        """Whom webhooks named since the last pass, each once; `word` is the slot's value as it was saved."""
        if self._receiver is None or self._settings is None:
            return []
        self._receiver.open()
        if word == self._word():
            self._keep()
        self._pending = self._receiver.taken(self._settings.patience_s)
        return list(dict.fromkeys(each.user for each in self._pending if each.user is not None))

    def done(self) -> Iterator[Progress]:
        """What they led to was told: the word that is saved with it."""
        if self._pending:
            self._pass += 1
            yield Progress(STREAM, self._word(), SLOT)

    def close(self) -> None:
        """Stop listening."""
        if self._receiver is not None:
            self._receiver.close()

    def _keep(self) -> None:
        for each in self._pending:
            each.kept.set()
        self._pending = []

    def _word(self) -> str:
        return f"{self._begun.isoformat()} {self._pass}"


class _Receiver:
    def __init__(self, settings: Listener) -> None:
        self._settings = settings
        self._waiting: queue.Queue[Delivery] = queue.Queue(WAITING)
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        return 0 if self._server is None else self._server.server_port

    def open(self) -> None:
        if self._server is not None:
            return
        place = (self._settings.host, self._settings.port)
        try:
            self._server = _Server(place, self._answer)
        except OSError as error:
            reason = f"webhooks cannot be received at {place[0]}:{place[1]}: {error.strerror}"
            raise BadInput(reason, "choose another port") from error
        serve = partial(self._server.serve_forever, poll_interval=0.05)  # seconds that closing may take
        threading.Thread(target=serve, name="skilljar-webhooks", daemon=True).start()

    def taken(self, patience_s: float) -> list[Delivery]:
        found: list[Delivery] = []
        try:
            found.append(self._waiting.get(timeout=patience_s) if patience_s else self._waiting.get_nowait())
            while True:
                found.append(self._waiting.get_nowait())
        except queue.Empty:
            return [each for each in found if not each.late]

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _answer(self, secret: str, body: bytes) -> int:
        if not hmac.compare_digest(secret.encode(), self._settings.secret.get_secret_value().encode()):
            log.warning("a webhook without the right %s or password was turned away", HEADER)
            return 401
        delivery = Delivery(user_in(body))
        try:
            self._waiting.put_nowait(delivery)
        except queue.Full:
            return 503
        if delivery.kept.wait(self._settings.answer_s):
            return 200
        delivery.late = True
        return 503


def user_in(body: bytes) -> str | None:
    """The id of the user that an event names; None where it names none."""
    try:
        told = json.loads(body)
    except ValueError:
        return None
    user = told.get("user") if isinstance(told, dict) else None
    return str(user["id"]) if isinstance(user, dict) and user.get("id") else None


def secret_in(header: str, authorization: str) -> str:
    """What the additional header holds, else the password of basic auth; empty where there is neither."""
    kind, _, value = authorization.partition(" ")
    if header or kind.casefold() != "basic":
        return header
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], answer: Callable[[str, bytes], int]) -> None:
        self.answer = answer
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 10  # seconds that a caller may be silent

    def do_POST(self) -> None:
        """Whatever the path: a proxy may have changed it."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            self._say(413 if length.isdigit() else 411)
            return
        secret = secret_in(self.headers.get(HEADER, ""), self.headers.get("Authorization", ""))
        self._say(self.server.answer(secret, self.rfile.read(int(length))))

    def _say(self, status: int) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Requests are counted by what they change, not logged one by one."""
