"""Runs one side of an intersection from options to result; the protocol itself is elsewhere."""

import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tandem.blind.lists import ListAsked, accounts_of, read_list
from tandem.mapping.show import console
from tandem.mapping.writing import Layout, Record, target, write
from tandem.psi import library, show
from tandem.psi.client import Client
from tandem.psi.elements import Elements, Terms, elements, shared
from tandem.psi.server import Limits, Server
from tandem.psi.state import Folder
from tandem.psi.wire import Connection, read_secret, server
from tandem.psi.work import cores, pool
from tandem.settings import ConfigError

LAYOUT: Layout = {"id": "text", "element": "text"}
LEAST_MOST = 1_000  # elements that any client may have: a small list cannot be asked much of
TIMES = 10  # a client may have so many times our elements, unless --most says otherwise
GRACE_S = 1.0  # in which the last answer goes out
LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Side:
    """What both sides are asked with."""

    listed: ListAsked
    share: Sequence[str]
    secret: Path
    state: Path | None
    out: Path | None
    both: bool
    as_json: bool

    def read(self) -> Elements:
        """The set of the list. Raises `ConfigError`, `BadInput`."""
        library.library()
        share = shared(self.share)
        if self.out is not None:
            target(str(self.out), "--out", [self.listed.path])
        return elements(accounts_of(read_list(self.listed)), share)

    @property
    def folder(self) -> Folder:
        """Where it keeps how far it has come."""
        return Folder(self.state or self.listed.path.with_name(f"{self.listed.path.name}.psi"))


@dataclass(frozen=True, slots=True)
class Serving:
    """What the server's side is asked with besides."""

    host: str
    port: int
    joins: int
    most: int | None
    chunk: int
    certificate: tuple[Path, Path] | None


def serve(side: Side, asked: Serving, stop: threading.Event) -> None:
    """Serve until every join that is allowed is over, or until it is stopped."""
    if side.out is not None and not side.both:
        raise ConfigError("--out is for the result, which only the client learns. Remedy: --both on both sides")
    secret, ours = read_secret(side.secret, make=True), side.read()
    most = asked.most or max(LEAST_MOST, TIMES * len(ours.accounts))
    limits = Limits(asked.joins, most, asked.chunk)
    with pool(cores()) as at, show.progress(time.monotonic) as tell:
        serving = Server(ours, Terms(ours.share, side.both), limits, side.folder, secret, at, cores(), tell)
        serving.prepare()
        listening = server(
            (asked.host, asked.port), secret, serving.answer, asked.chunk * library.POINT + 4096, asked.certificate
        )
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": LOOK_S}, daemon=True).start()
        _tell_ready(asked, listening.server_port, side, limits)
        while not (serving.finished or stop.wait(LOOK_S)):
            pass
        stop.wait(GRACE_S)
        listening.shutdown()
        listening.server_close()
    _served(side, serving)


def join(side: Side, url: str, trusted: Path | None) -> None:
    """Join as the client: write what is in both lists, then tell the server that it is over."""
    secret, ours = read_secret(side.secret, make=False), side.read()
    wire = Connection(url, secret, trusted)
    with closing(wire), pool(cores()) as at, show.progress(time.monotonic) as tell:
        client = Client(
            ours=ours,
            terms=Terms(ours.share, side.both),
            folder=side.folder,
            secret=secret,
            wire=wire,
            at=at,
            workers=cores(),
            tell=tell,
            wait=time.sleep,
            name=lambda: secrets.token_hex(16),
        )
        found = client.join()
        if side.out is not None:
            _write(side.out, ours, found.both, side.listed.path)
        client.finish(found)
    show.outcome(found.ours, found.theirs, len(found.both), _rows(ours, found.both), side.out, side.as_json)


def _tell_ready(asked: Serving, port: int, side: Side, limits: Limits) -> None:
    scheme = "https" if asked.certificate else "http"
    to = console(stderr=True)
    to.print(
        f"ready at {scheme}://{asked.host}:{port}: {limits.joins} join(s), at most {limits.elements:,} elements each"
    )
    share = " ".join(f"--share {each}" for each in side.share)
    both = " --both" if side.both else ""
    to.print(
        f"the client runs: tandem psi join {scheme}://HOST:{port} LIST --secret FILE {share}{both} --out overlaps.csv"
    )


def _served(side: Side, serving: Server) -> None:
    for end in serving.results().values():
        both = end["both"] if side.both else None
        if side.out is not None and both is not None:
            _write(side.out, serving.ours, both, side.listed.path)
        rows = None if both is None else _rows(serving.ours, both)
        found = None if both is None else len(both)
        show.outcome(len(serving.ours.accounts), end["elements"], found, rows, side.out, side.as_json)


def _write(out: Path, ours: Elements, both: Sequence[str], listed: Path) -> None:
    write(target(str(out), "--out", [listed]), LAYOUT, _records(ours, both))


def _records(ours: Elements, both: Iterable[str]) -> Iterator[Record]:
    for element in both:
        for account_id in ours.accounts[element]:
            yield {"id": account_id, "element": element}


def _rows(ours: Elements, both: Iterable[str]) -> int:
    return len({account_id for element in both for account_id in ours.accounts[element]})
