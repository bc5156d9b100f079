"""A learning record store in memory on a real socket: what a reader meets, with its clock in the test's hand.

It does what was observed of xapi-statements 5.0.1: newest first unless ascending, `since` exclusive and on `stored`, one
`stored` for all statements of a request, `more` relative and "" at the end, voided statements left out, 409 for another
statement of a known id. Its keys are `key` and `secret`.
"""

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
BASIC = "Basic " + b64encode(b"key:secret").decode()


def text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class MemoryStore:
    """`now` is its clock, `hidden` the ids of what is stored and cannot be seen yet.

    It says that it is consistent through `lag_s` ago, unless not `says_consistent`. `fails` are statuses and headers
    that the next calls are answered with, `asked` the calls that came.
    """

    now: datetime = START
    lag_s: float = 0.0
    says_consistent: bool = True
    empty_more: bool = True
    largest: int = 1000
    statements: list[dict] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    fails: list[tuple[int, dict]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def put(self, *given: dict) -> list[str]:
        """Statements of one request, all stored at once; their ids."""
        kept = [{"id": str(uuid4()), "timestamp": text(self.now), **each, "stored": text(self.now)} for each in given]
        self.statements += kept
        return [each["id"] for each in kept]

    def void(self, id_: str) -> str:
        actor = {"mbox": "mailto:lms@acme.com"}
        (voiding,) = self.put(
            {"actor": actor, "verb": {"id": VOIDED}, "object": {"objectType": "StatementRef", "id": id_}}
        )
        return voiding

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def answer(self, path: str, headers) -> tuple[int, dict, dict]:
        url = urlsplit(path)
        self.asked.append(path)
        if self.fails:
            status, extra = self.fails.pop(0)
            return status, extra, {"message": "told to fail"}
        if url.path == "/xAPI/about":
            return 200, {}, {"version": ["1.0.3"]}
        if headers.get("Authorization") not in {BASIC, "Bearer token"}:
            return 401, {}, {"message": "who are you?"}
        if headers.get("X-Experience-API-Version") != "1.0.3":
            return 400, {}, {"warnings": ["Missing required value in 'header.X-Experience-API-Version'"]}
        if url.path != "/xAPI/statements":
            return 404, {}, {}
        return 200, self._consistent(), self._page({name: values[0] for name, values in parse_qs(url.query).items()})

    def _consistent(self) -> dict:
        through = text(self.now - timedelta(seconds=self.lag_s))
        return {"X-Experience-API-Consistent-Through": through} if self.says_consistent else {}

    def _page(self, query: dict[str, str]) -> dict:
        gone = {each["object"]["id"] for each in self.statements if each["verb"]["id"] == VOIDED}
        found = [each for each in self.statements if each["id"] not in gone | self.hidden]
        found = [each for each in found if each["stored"] > query.get("since", "")]
        found.sort(key=lambda each: each["stored"], reverse=query.get("ascending") != "true")
        begin, limit = int(query.get("cursor", "0")), min(int(query.get("limit", "0")) or self.largest, self.largest)
        page = {"statements": found[begin : begin + limit]}
        if begin + limit < len(found):
            return {**page, "more": "/xAPI/statements?" + urlencode({**query, "cursor": begin + limit})}
        return {**page, "more": ""} if self.empty_more else page


@contextmanager
def memory_store(**settings) -> Iterator[MemoryStore]:
    store = MemoryStore(**settings)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = store.answer(self.path, self.headers)
            content = json.dumps(body).encode()
            self.send_response_only(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    store.url = f"http://127.0.0.1:{server.server_port}/xAPI"
    threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True).start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
