"""The server's part: answers points with points, a bounded number of them; it learns how many, and no element.

PUT  /v1/joins/<id>             the client's terms and how many elements it has -> ours
GET  /v1/joins/<id>/setup/<n>   the n-th chunk of our elements, each to the power of our key
POST /v1/joins/<id>/chunks/<n>  the n-th chunk of the client's points -> each to the power of our key
POST /v1/joins/<id>/done        with terms `both`: marks of the elements that are in both sets
"""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from typing import Any

from tandem.psi import library
from tandem.psi.elements import Elements, Terms, spoken
from tandem.psi.state import Folder, chunk_name, chunks, within
from tandem.psi.wire import Reply
from tandem.psi.work import in_order
from tandem.settings import ConfigError

PATH = re.compile(r"/v1/joins/([0-9a-f]{32})(?:/(setup|chunks)/(\d{1,9})|/(done))?")
PIECES = 4  # of a chunk, so that every core has work
Tell = Callable[[str, int, int], None]
"""What is done, how far it has come, and how far it goes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may ask: so many joins in all, elements in each, and elements in a request."""

    joins: int
    elements: int
    chunk: int


@dataclass(slots=True)
class Server:
    """One set, served. `prepare` first. `workers` processes may be used at once."""

    ours: Elements
    terms: Terms
    limits: Limits
    folder: Folder
    secret: bytes
    at: Executor
    workers: int
    tell: Tell
    _key: bytes = b""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self, new_key: Callable[[], bytes] = library.new_key) -> None:
        """Encrypt our elements, or go on with it. Raises `ConfigError`: the folder is of another list or other terms."""
        self.folder.make()
        known = self.folder.read()
        self._key = bytes.fromhex(known["key"]) if known else new_key()
        now = {"terms": asdict(self.terms), "chunk": self.limits.chunk, "set": self.ours.digest(self._key)}
        now = json.loads(json.dumps(now))
        if known is None:
            self.folder.write({"key": self._key.hex(), **now})
        elif {name: known.get(name) for name in now} != now:
            remedy = "serve the same list in the same way, or choose another --state (the client then begins anew)"
            raise ConfigError(f"{self.folder.path} was made for another list or other options. Remedy: {remedy}")
        elements, size = self.ours.ordered(self._key), self.limits.chunk
        count = chunks(len(elements), size)
        todo = [n for n in range(count) if not self.folder.has(chunk_name("setup", n))]
        done = len(elements) - sum(within(n, len(elements), size) for n in todo)
        self.tell("encrypting", done, len(elements))
        work = ((self._key, [spoken(e) for e in elements[n * size : (n + 1) * size]]) for n in todo)
        for n, points in zip(todo, in_order(self.at, 2 * self.workers, library.setup, work), strict=True):
            self.folder.put(chunk_name("setup", n), points)
            done += within(n, len(elements), size)
            self.tell("encrypting", done, len(elements))

    def answer(self, method: str, path: str, body: bytes) -> Reply:
        """As `wire.Answer`."""
        found = PATH.fullmatch(path)
        if found is None:
            return Reply.refusal(404, f"there is nothing at {path}.", "use the same version of Tandem on both sides")
        name, kind, number, done = found.groups()
        with self._lock:
            join = self.folder.read(f"join-{name}.json")
        if method == "PUT" and not (kind or done):
            return self._begin(name, join, body)
        if join is None:
            return Reply.refusal(
                404, "this join is not known here.", "delete the client's --state folder, and begin anew"
            )
        if method == "POST" and done:
            return self._done(name, join, body)
        return self._points(method, kind, name, join, int(number or 0), body)

    @property
    def finished(self) -> bool:
        """Whether every join that is allowed has come to its end."""
        joins = self._joins()
        return len(joins) >= self.limits.joins and all(join["done"] for join in joins.values())

    def results(self) -> dict[str, dict[str, Any]]:
        """The joins that are over, by id: how many elements the client had, and with `both` what is in both sets."""
        return {name: join for name, join in self._joins().items() if join["done"]}

    def _joins(self) -> dict[str, dict[str, Any]]:
        found = ((name.removeprefix("join-").removesuffix(".json"), name) for name in self.folder.names("join-"))
        return {name: join for name, file in found if (join := self.folder.read(file)) is not None}

    def _begin(self, name: str, join: Mapping[str, Any] | None, body: bytes) -> Reply:
        try:
            asked = json.loads(body)
            theirs, count = dict(asked["terms"]), int(asked["elements"])
        except (ValueError, KeyError, TypeError):
            return Reply.refusal(400, "these are no terms of a join.", "use the same version of Tandem on both sides")
        refused = self._strange(theirs) or self._beyond(name, count)
        if refused is not None:
            return refused
        if join is not None and join["elements"] != count:
            remedy = "begin anew, with a new --state folder"
            return Reply.refusal(409, "the client's list has changed within a join.", remedy)
        if join is None:
            with self._lock:
                self.folder.write({"elements": count, "chunks": {}, "done": False}, f"join-{name}.json")
        ours = {"terms": asdict(self.terms), "elements": len(self.ours.accounts), "chunk": self.limits.chunk}
        return Reply(200, json.dumps(ours).encode())

    def _strange(self, theirs: Mapping[str, Any]) -> Reply | None:
        ours = json.loads(json.dumps(asdict(self.terms)))
        remedies = {
            "share": f"share the same: {' '.join(f'--share {each}' for each in self.terms.share)}",
            "both": "give --both on both sides, or on neither: it tells the server the result",
        }
        for name, value in ours.items():
            if theirs.get(name) != value:
                remedy = remedies.get(name, "use the same version of Tandem on both sides")
                reason = f"the terms differ in {name!r}: {theirs.get(name)!r} there, {value!r} here."
                return Reply.refusal(409, reason, remedy)
        return None

    def _beyond(self, name: str, count: int) -> Reply | None:
        joins = self._joins()
        if name not in joins and len(joins) >= self.limits.joins:
            remedy = "agree on another join with the server's side, which then serves with a higher --joins"
            return Reply.refusal(403, f"the server allows {self.limits.joins} joins, and they are used up.", remedy)
        if not 0 < count <= self.limits.elements:
            remedy = "agree on a higher --most with the server's side: it is there against lists of guesses"
            reason = f"the client has {count:,} elements, and the server allows {self.limits.elements:,}."
            return Reply.refusal(403, reason, remedy)
        return None

    def _points(self, method: str, kind: str, name: str, join: Mapping[str, Any], number: int, body: bytes) -> Reply:
        if join["done"]:
            return Reply.refusal(410, "this join is over.", "begin another, with a new --state folder")
        if method == "GET" and kind == "setup":
            points = self.folder.get(chunk_name("setup", number))
            return Reply(200, points) if points is not None else Reply.refusal(404, "no such chunk.", "begin anew")
        if method == "POST" and kind == "chunks":
            return self._chunk(name, join, number, body)
        return Reply.refusal(405, f"{method} is not understood here.", "use the same version of Tandem on both sides")

    def _chunk(self, name: str, join: Mapping[str, Any], number: int, body: bytes) -> Reply:
        """One answer for each chunk: other points under its number would be a way to ask more than was agreed."""
        count, size = join["elements"], self.limits.chunk
        if number >= chunks(count, size) or len(body) != within(number, count, size) * library.POINT:
            return Reply.refusal(400, f"chunk {number} is not as long as it must be.", "begin anew")
        mark = hashlib.sha256(body).hexdigest()
        with self._lock:
            join = self.folder.read(f"join-{name}.json") or join
            if join["chunks"].setdefault(str(number), mark) != mark:
                return Reply.refusal(409, f"chunk {number} was asked before with other points.", "begin anew")
            self.folder.write(join, f"join-{name}.json")
        piece = -(-size // PIECES) * library.POINT
        work = ((self._key, body[at : at + piece]) for at in range(0, len(body), piece))
        try:
            answered = b"".join(in_order(self.at, PIECES, library.answer, work))
        except library.BadPoints as error:
            return Reply.refusal(400, f"chunk {number} holds what is no point of the curve: {error}.", "begin anew")
        asked = sum(within(int(each), count, size) for each in join["chunks"])
        self.tell("answering", asked, count)
        return Reply(200, answered)

    def _done(self, name: str, join: dict[str, Any], body: bytes) -> Reply:
        if join["done"]:
            return Reply(200, b"{}")
        try:
            marks = json.loads(body)["marks"]
            told = {str(mark) for mark in marks} if self.terms.both else set()
        except (ValueError, KeyError, TypeError):
            return Reply.refusal(400, "this is no end of a join.", "use the same version of Tandem on both sides")
        known = {marked(self.secret, name, element): element for element in self.ours.accounts} if told else {}
        both = sorted(known[mark] for mark in told if mark in known)
        with self._lock:
            end = {**join, "done": True, "both": both, "strange": len(told - known.keys())}
            self.folder.write(end, f"join-{name}.json")
        return Reply(200, b"{}")


def marked(secret: bytes, join: str, element: str) -> str:
    """What stands for an element that both sides have in the client's report, to nobody but them."""
    return hmac.digest(secret, f"{join} {spoken(element)}".encode(), "sha256")[:16].hex()
