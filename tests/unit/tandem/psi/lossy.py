"""A wire without a network that breaks off where it is told to, and both sides of a join over it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tandem.psi.client import Client, Outcome
from tandem.psi.elements import Elements, Terms
from tandem.psi.server import Limits, Server
from tandem.psi.state import Folder
from tandem.psi.wire import Broken, Reply, answering, signed
from tandem.psi.work import Here

SECRET = b"a secret of sixteen and more"
NAME = "0123456789abcdef" * 2
DOMAINS = ("domain",)


@dataclass
class Lossy:
    """`breaks`: for each request, whether it gets lost before ("sent") or after ("answered") it was taken, or neither."""

    answer: Callable[[str, str, bytes], Reply]
    breaks: Iterator[str] = field(default_factory=lambda: iter(()))
    secret: bytes = SECRET
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)

    def ask(self, method: str, path: str, body: bytes) -> Reply:
        how = next(self.breaks, "")
        if how == "sent":
            raise Broken("the connection was lost")
        self.asked.append((method, path, body))
        whole = answering(SECRET, self.answer)
        reply, _ = whole(method, path, signed(self.secret, method.encode(), path.encode(), body), body)
        if how == "answered":
            raise Broken("the connection was lost")
        return reply


def a_set(items: Iterable[str], share: tuple[str, ...] = DOMAINS) -> Elements:
    return Elements(share, {f"domain:{item}": (f"id-{item}",) for item in items})


def nothing(what: str, done: int, total: int) -> None:
    assert 0 <= done <= total, what


def a_server(
    items: Iterable[str], folder: Path, *, both: bool = False, joins: int = 1, most: int = 100, chunk: int = 3
) -> Server:
    limits, at = Limits(joins, most, chunk), Here()
    made = Server(a_set(items), Terms(DOMAINS, both), limits, Folder(folder), SECRET, at, 1, nothing)
    made.prepare()
    return made


def a_client(
    items: Iterable[str], folder: Path, wire: Lossy, *, both: bool = False, tries: int = 1, name: str = NAME
) -> Client:
    return Client(
        ours=a_set(items),
        terms=Terms(DOMAINS, both),
        folder=Folder(folder),
        secret=SECRET,
        wire=wire,
        at=Here(),
        workers=1,
        tell=nothing,
        wait=lambda seconds: None,
        name=lambda: name,
        tries=tries,
    )


def joined(client: Client) -> Outcome:
    found = client.join()
    client.finish(found)
    return found
