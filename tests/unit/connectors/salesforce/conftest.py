"""A scripted org on a real socket, for the answers that no emulator gives: errors, resets, silence."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.salesforce import Settings
from connectors.salesforce.client import Client

DATA = "/services/data/v59.0"
TANDEM = "005000000000001AAA"


@dataclass
class Answer:
    """`body` is sent as JSON, or as it is where it is text; `fault` is "reset" or "silence"."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


def refusal(code: str, message: str = "as Salesforce says", status: int = 400, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer([{"errorCode": code, "message": message}], status, named)


class ScriptedOrg:
    """Each route has a queue of answers, of which the last one repeats; `requests` are those that came."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.released = threading.Event()
        self._routes: dict[tuple[str, str], list[Answer]] = {}
        self._tokens = 0
        self.on("GET", "/services/oauth2/userinfo", Answer({"user_id": TANDEM}))
        self.on("GET", f"{DATA}/jobs/ingest", Answer({"done": True, "nextRecordsUrl": None, "records": []}))

    def on(self, method: str, path: str, *answers: Answer) -> None:
        self._routes[method, path] = list(answers)

    def on_query(self, *pages: list[dict[str, Any]], path: str = "queryAll") -> None:
        self.on("GET", f"{DATA}/{path}/", *(Answer({"records": page, "done": True}) for page in pages))

    def calls(self, part: str) -> list[Request]:
        return [request for request in self.requests if part in request.path]

    def take(self, request: Request) -> Answer:
        self.requests.append(request)
        queue = self._routes.get((request.method, request.path))
        if queue is None and request.path == "/services/oauth2/token":
            self._tokens += 1
            return Answer({"access_token": f"token-{self._tokens}", "instance_url": "https://elsewhere.example"})
        if queue is None:
            return refusal("NOT_FOUND", f"nothing is scripted for {request.method} {request.path}", 404)
        return queue.pop(0) if len(queue) > 1 else queue[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    org: ScriptedOrg


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        form = self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        body: Any = {k: v[0] for k, v in parse_qs(raw.decode()).items()} if form else _json(raw)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        answer = self.server.org.take(Request(self.command, parts.path, query, dict(self.headers), body))
        if answer.fault:
            if answer.fault == "silence":
                self.server.org.released.wait(10)
            self.close_connection = True
            return
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        payload = text.encode()
        self.send_response_only(answer.status)
        self.send_header("Content-Type", "text/html" if isinstance(answer.body, str) else "application/json")
        self.send_header("Content-Length", str(len(payload)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Tests are silent."""


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw or b"null")
    except json.JSONDecodeError:
        return raw.decode()


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    scripted = ScriptedOrg()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.org = scripted
    scripted.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield scripted
    scripted.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(org: ScriptedOrg) -> Settings:
    auth = {"method": "client_credentials", "client_id": "key", "client_secret": "hush-hush"}
    return Settings(base_url=org.url, auth=auth, timeout_s=5)


@pytest.fixture
def clock():
    return lambda: datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def client(settings: Settings, clock) -> Client:
    return Client(settings, clock)


@pytest.fixture(name="answer")
def _answer() -> type[Answer]:
    return Answer


@pytest.fixture(name="refusal")
def _refusal():
    return refusal
