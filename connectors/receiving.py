"""Takes requests in over HTTP and answers each when what it says is known to be kept; it never judges one itself.

A connector's `judge` sees every request. It either answers at once (a refusal, a look at its health), or makes a
`Delivery`, whose answer waits until `kept` is called for it; else 503 goes out in time for the sender to come again.
Nothing is acknowledged that could be lost with this process.
"""

import json
import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from connectors.base import STREAM, Progress, slots_of
from connectors.errors import BadInput

log = logging.getLogger(__name__)
LARGEST = 1 << 20  # bytes of a request
WAITING = 100  # requests that wait to be taken


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, status: int, value: object, headers: Mapping[str, str] | None = None) -> "Answer":
        """An answer in JSON."""
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})


BUSY = Answer(503)


@dataclass(slots=True, eq=False)
class Delivery:
    """One request that was believed: what it says, and what it is answered once that is kept."""

    events: Sequence[Any]
    answer: Answer = Answer(200)
    kept: threading.Event = field(default_factory=threading.Event)
    late: bool = False  # it is answered 503; what it says comes again

    def lost(self) -> None:
        """It is not kept, and will not be: answer it at once."""
        self.late = True
        self.kept.set()


# Method, path with its query, headers by their names in lower case, body.
Judge = Callable[[str, str, Mapping[str, str], bytes], Answer | Delivery]


class Receiver:
    """Listens in threads of its own, called `name`, at `host:port`; a delivery waits `answer_s` seconds to be kept.

    `judge` is called in many threads at once. A request over `largest` bytes is refused, and one that comes while
    `waiting` others wait to be taken is answered 503. Raises `BadInput` where nobody can listen.
    """

    def __init__(
        self,
        name: str,
        place: tuple[str, int],
        answer_s: float,
        judge: Judge,
        *,
        largest: int = LARGEST,
        waiting: int = WAITING,
    ) -> None:
        self._judge, self._answer_s = judge, answer_s
        self._open: set[Delivery] = set()
        self._waiting: queue.Queue[Delivery] = queue.Queue(waiting)
        try:
            self._server = _Server(place, self._answer, largest)
        except OSError as error:
            reason = f"webhooks cannot be received at {place[0]}:{place[1]}: {error.strerror}"
            raise BadInput(reason, "choose another port") from error
        self.port = self._server.server_port
        serve = partial(self._server.serve_forever, poll_interval=0.05)  # seconds that closing may take
        threading.Thread(target=serve, name=name, daemon=True).start()

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
        for delivery in list(self._open):
            delivery.lost()

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        judged = self._judge(method, path, headers, body)
        if isinstance(judged, Answer):
            return judged
        self._open.add(judged)
        try:
            self._waiting.put_nowait(judged)
            if judged.kept.wait(self._answer_s) and not judged.late:
                return judged.answer
        except queue.Full:
            log.warning("%d requests wait already: one is answered 503", self._waiting.maxsize)
        finally:
            self._open.discard(judged)
        judged.late = True
        return BUSY


class Inbox:
    """What a receiver has taken in, pass by pass; a pass that was committed is answered at the next one.

    `slot` is the source's slot for a word that names the last pass: when it comes back among the cursors, the pass is
    kept. `begun` tells the passes of one process from those of another. The receiver opens with the first pass.
    """

    def __init__(self, opened: Callable[[], Receiver], slot: str, begun: datetime) -> None:
        self._opened, self._slot, self._begun = opened, slot, begun
        self._receiver: Receiver | None = None
        self._pending: list[Delivery] = []
        self._pass = 0

    @property
    def receiver(self) -> Receiver:
        """What listens."""
        if self._receiver is None:
            self._receiver = self._opened()
        return self._receiver

    def taken(self, cursors: Mapping[str, str], patience_s: float) -> Sequence[Delivery]:
        """Answers what the last pass has kept, and takes what has come since; `told` belongs behind its changes."""
        receiver = self.receiver
        if slots_of(STREAM, cursors).get(self._slot) == self._word():
            self._keep()
        for delivery in self._pending:
            delivery.lost()
        self._pass += 1  # before anything is told: a pass that breaks off has a word that was never saved
        self._pending = [each for each in receiver.taken(patience_s) if not each.late]
        return self._pending

    def told(self, *, anything: bool) -> Iterator[Progress]:
        """The word of this pass, to be answered at the next; at once where nothing was told that is not kept already."""
        if self._pending and anything:
            yield Progress(STREAM, self._word(), self._slot)
        elif self._pending:
            self._keep()

    def close(self) -> None:
        """Stop listening, if it ever began."""
        if self._receiver is not None:
            self._receiver.close()

    def _keep(self) -> None:
        for delivery in self._pending:
            delivery.kept.set()
        self._pending = []

    def _word(self) -> str:
        return f"{self._begun.isoformat()} {self._pass}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, place: tuple[str, int], answer: Callable[[str, str, Mapping[str, str], bytes], Answer], largest: int
    ) -> None:
        self.answer, self.largest = answer, largest
        super().__init__(place, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A request that breaks off gets no answer, and so comes again."""
        log.warning("a request was not answered", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 10  # seconds that a caller may be silent

    def _take(self) -> None:
        told = self.headers.get("Content-Length", "0" if self.command == "GET" else "")
        if not told.isdigit() or int(told) > self.server.largest:
            self.close_connection = True
            self._say(Answer(413 if told.isdigit() else 411))
            return
        body = self.rfile.read(int(told))
        self._say(self.server.answer(self.command, self.path, _lower(self.headers.items()), body))

    do_GET = do_POST = do_PUT = _take  # noqa: N815 - the names that http.server looks for

    def _say(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Requests are counted by what they change, not logged one by one."""


def _lower(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by their names in lower case: HTTP does not tell cases apart."""
    return {name.casefold(): value for name, value in headers}
