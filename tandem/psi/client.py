"""The client's part: asks, keeps every answer, and finds what both sets hold; it tells the server nothing but points."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from connectors.errors import BadInput, RetryLater
from tandem.psi import library
from tandem.psi.elements import Elements, Terms, spoken
from tandem.psi.server import Tell, marked
from tandem.psi.state import Folder, chunk_name, chunks, within
from tandem.psi.wire import Broken, Reply, Wire, refused
from tandem.psi.work import in_order
from tandem.settings import ConfigError

WHOLE = "setup.bin"
AGAIN = "run the same command again: it goes on where it stopped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a join comes to: the elements that both sets hold, and how many each has."""

    both: tuple[str, ...]
    ours: int
    theirs: int


@dataclass(slots=True)
class Client:
    """One join. `wait` waits so many seconds; `tries` of a request that breaks off; `name` makes the join's id."""

    ours: Elements
    terms: Terms
    folder: Folder
    secret: bytes
    wire: Wire
    at: Executor
    workers: int
    tell: Tell
    wait: Callable[[float], None]
    name: Callable[[], str]
    tries: int = 8
    _state: dict[str, Any] = field(default_factory=dict)

    def join(self, new_key: Callable[[], bytes] = library.new_key) -> Outcome:
        """Begin, or go on. Raises `ConfigError` (refused), `RetryLater` (no connection), `BadInput` (a strange answer)."""
        self._open(new_key)
        key, name = bytes.fromhex(self._state["key"]), self._state["join"]
        elements = self.ours.ordered(key)
        asked = {"terms": asdict(self.terms), "elements": len(elements)}
        theirs = self._terms(json.loads(self._ask("PUT", f"/v1/joins/{name}", json.dumps(asked).encode()).body))
        count, size = theirs["elements"], theirs["chunk"]
        self._fetch(name, count, size)
        self._exchange(name, key, elements, size)
        try:
            both = tuple(sorted(self._matched(key, elements, size)))
        except library.BadPoints as error:
            reason = f"the server answered with what are no points of the curve: {error}."
            raise BadInput(reason, f"delete {self.folder.path}, and begin anew") from error
        return Outcome(both, len(elements), count)

    def finish(self, outcome: Outcome) -> None:
        """Tell the server that it is over (with `both`, the result), and forget key and answers."""
        name = self._state["join"]
        marks = [marked(self.secret, name, element) for element in outcome.both] if self.terms.both else []
        self._ask("POST", f"/v1/joins/{name}/done", json.dumps({"marks": marks}).encode())
        self.folder.drop()

    def _open(self, new_key: Callable[[], bytes]) -> None:
        self.folder.make()
        known = self.folder.read()
        key = bytes.fromhex(known["key"]) if known else new_key()
        now = json.loads(json.dumps({"terms": asdict(self.terms), "set": self.ours.digest(key)}))
        if known is None:
            known = {"key": key.hex(), "join": self.name(), **now}
            self.folder.write(known)
        elif {each: known.get(each) for each in now} != now:
            remedy = "use the same list and options, or delete that folder to begin anew (it counts as another join)"
            raise ConfigError(f"{self.folder.path} was made for another list or other options. Remedy: {remedy}")
        self._state = known

    def _terms(self, theirs: dict[str, Any]) -> dict[str, int]:
        now = {name: int(theirs[name]) for name in ("elements", "chunk")}
        if self._state.setdefault("theirs", now) != now:
            remedy = f"delete {self.folder.path}, and begin anew"
            raise BadInput("the server's list has changed within a join.", remedy)
        self.folder.write(self._state)
        return now

    def _fetch(self, name: str, count: int, size: int) -> None:
        for n in range(chunks(count, size)):
            if not self.folder.has(chunk_name("setup", n)):
                points = self._ask("GET", f"/v1/joins/{name}/setup/{n}", b"").body
                self._keep("setup", n, points, within(n, count, size))
            self.tell("fetching", min(count, (n + 1) * size), count)

    def _exchange(self, name: str, key: bytes, elements: list[str], size: int) -> None:
        count = len(elements)
        todo = [n for n in range(chunks(count, size)) if not self.folder.has(chunk_name("answer", n))]
        done = count - sum(within(n, count, size) for n in todo)
        self.tell("asking", done, count)
        work = ((key, [spoken(each) for each in elements[n * size : (n + 1) * size]]) for n in todo)
        for n, points in zip(todo, in_order(self.at, 2 * self.workers, library.request, work), strict=True):
            answered = self._ask("POST", f"/v1/joins/{name}/chunks/{n}", points).body
            self._keep("answer", n, answered, within(n, count, size))
            done += within(n, count, size)
            self.tell("asking", done, count)

    def _matched(self, key: bytes, elements: list[str], size: int) -> Iterator[str]:
        whole = b"".join(self._kept("setup"))
        self.folder.put(WHOLE, b"".join(sorted(library.split(whole))))
        work = ((key, self.folder.path / WHOLE, answered) for answered in self._kept("answer"))
        self.tell("comparing", 0, len(elements))
        for n, found in enumerate(in_order(self.at, 2 * self.workers, library.matched, work)):
            yield from (elements[n * size + at] for at in found)
            self.tell("comparing", min(len(elements), (n + 1) * size), len(elements))

    def _kept(self, kind: str) -> Iterator[bytes]:
        for name in self.folder.names(f"{kind}-"):
            yield self.folder.get(name) or b""

    def _keep(self, kind: str, number: int, points: bytes, expected: int) -> None:
        if len(points) != expected * library.POINT:
            raise BadInput(f"the server's {kind} chunk {number} is not as long as it must be.", AGAIN)
        self.folder.put(chunk_name(kind, number), points)

    def _ask(self, method: str, path: str, body: bytes) -> Reply:
        """Tried again while the connection breaks. Each request may be sent twice: the server answers it alike."""
        trying = Retrying(
            stop=stop_after_attempt(self.tries),
            wait=wait_exponential(1, max=15),
            sleep=self.wait,
            retry=retry_if_exception_type(Broken),
            reraise=True,
        )
        try:
            reply = trying(self.wire.ask, method, path, body)
        except Broken as error:
            raise RetryLater(f"the server cannot be reached: {error}.", AGAIN) from error
        if reply.status != 200:
            raise refused("the server", reply)
        return reply
