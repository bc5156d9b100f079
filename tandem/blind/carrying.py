"""Carries a token list from an edge to the hub over signed HTTP(S); it never carries a key or a file of ids."""

import json
import re
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tandem.blind.receiving import Inbox
from tandem.blind.tokenfile import checked_name, read_tokens
from tandem.psi.wire import Broken, Connection, refused, server
from tandem.settings import ConfigError

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
LOOK_S = 0.2


def send(path: Path, connection: Connection, partner: str, most_rows: int) -> Mapping[str, object]:
    """What the hub says it took. Raises `ConfigError` (refused, not reached), `BadInput` (no token file)."""
    checked_name(path)
    if not NAME.fullmatch(partner):
        raise ConfigError(
            f"--as {partner!r} is no name. Remedy: use small letters, digits and dashes, as the hub knows you"
        )
    read_tokens(path, most_rows)
    with closing(connection):
        try:
            reply = connection.ask("PUT", f"/v1/tokens/{partner}{path.suffix.lower()}", path.read_bytes())
        except Broken as error:
            raise ConfigError(
                f"the hub cannot be reached: {error}. Remedy: check the address, and send again"
            ) from error
    if reply.status != 200:
        raise refused("the hub", reply)
    found = json.loads(reply.body)
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Receiving:
    """Where the hub listens; a body over `largest` bytes is refused."""

    place: tuple[str, int]
    secret: bytes
    largest: int
    certificate: tuple[Path, Path] | None


def receive(inbox: Inbox, asked: Receiving, stop: threading.Event) -> None:
    """Take lists in until it is stopped. Raises `ConfigError`."""
    try:
        inbox.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{inbox.folder}: {error.strerror}. Remedy: choose another folder") from error
    listening = server(asked.place, asked.secret, inbox.answer, asked.largest, asked.certificate)
    threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": LOOK_S}, daemon=True).start()
    inbox.tell(json.dumps({"ready": True, "port": listening.server_port}))
    stop.wait()
    listening.shutdown()
    listening.server_close()
