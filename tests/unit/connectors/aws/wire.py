"""A service of AWS as boto3 meets it on the wire: JSON in, JSON out; each answer is a function of the operation."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.aws.calls import Calls
from connectors.aws.pace import Pace
from connectors.aws.settings import Access, Keys

Request = dict[str, Any]
Answer = Callable[[Request], Mapping[str, Any]]


class Failed(Exception):
    """An error as a service answers it."""

    def __init__(self, code: str, message: str = "as AWS says", status: int = 400, **members: Any) -> None:
        super().__init__(code)
        self.code, self.message, self.status, self.members = code, message, status, members


class Lost(Exception):
    """The call was carried out, and its answer is lost."""


@dataclass
class Wire:
    """What was asked, in order, and what is answered, by operation."""

    base_url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, Request]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def access(self, **more: Any) -> Access:
        keys = Keys(method="keys", access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="wJalrXUtnFEMI")
        return Access(base_url=self.base_url, auth=keys, queue_url=f"{self.base_url}/1/tandem", **more)

    def calls(self, **more: Any) -> Calls:
        return Calls(self.access(**more), unhurried())

    def of(self, operation: str) -> list[Request]:
        return [request for name, request in self.asked if name == operation]


def unhurried() -> Pace:
    """No limit at all."""
    return Pace(1.0, lambda: 0.0, lambda _: None, rates={})


@contextmanager
def wire(**answers: Answer) -> Iterator[Wire]:
    opened = Wire(answers=dict(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = json.loads(body) if body.startswith(b"{") else dict(parse_qsl(body.decode()))
            parts = urlsplit(self.path)
            request |= dict(parse_qsl(parts.query))
            target = self.headers.get("X-Amz-Target", "")
            operation = target.rpartition(".")[2] or request.get("Action") or parts.path.strip("/")
            opened.asked.append((operation, request))
            opened.headers.append(dict(self.headers))
            try:
                self._answer(200, opened.answers[operation](request))
            except Lost:
                self.close_connection = True
                self.connection.close()
            except Failed as failed:
                self._answer(failed.status, {"Message": failed.message, **failed.members}, failed.code)

        do_GET = do_PATCH = do_POST  # noqa: N815  the names that http.server asks for

        def _answer(self, status: int, told: Mapping[str, Any] | str, code: str = "") -> None:
            body = told.encode() if isinstance(told, str) else json.dumps({**told, "__type": code}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-amzn-ErrorType", code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    opened.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield opened
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
