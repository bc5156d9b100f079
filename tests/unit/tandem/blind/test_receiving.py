"""What the hub takes from an edge, what it refuses, and what it writes down of it."""

import json
import threading
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import BadInput
from schemas.entities import Account
from tandem.blind.carrying import Receiving, receive, send
from tandem.blind.keys import Key
from tandem.blind.receiving import AUDIT, Caps, Inbox
from tandem.blind.tokenfile import read_tokens, write_tokens
from tandem.psi.wire import Connection
from tandem.settings import ConfigError
from tests.unit.tandem.blind.sides import KEY, OURS, THEIRS, side

SECRET = b"a secret of sixteen and more"
MANY = {f"o{n}": Account(name=f"Firm Zyx{n:03}", website=f"zyx{n}.com", country="DE") for n in range(300)}


class Clock:
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(tmp_path: Path, clock: Clock) -> Inbox:
    (tmp_path / "hub").mkdir()
    return Inbox(tmp_path / "hub", Caps(rows=400, lists_a_day=3, new_share=0.2), clock, lambda line: None)


def raw(accounts: Mapping[str, Account], folder: Path, key: Key = KEY, ending: str = "jsonl") -> bytes:
    path = folder / f"made.{ending}"
    write_tokens(path, side(accounts, b"s", key).tokens)
    return path.read_bytes()


def put(inbox: Inbox, body: bytes, name: str = "acme.jsonl") -> tuple[int, dict[str, object]]:
    reply = inbox.answer("PUT", f"/v1/tokens/{name}", body)
    return reply.status, json.loads(reply.body)


def test_a_list_takes_the_place_of_the_last_one_also_in_another_format(inbox: Inbox, tmp_path: Path) -> None:
    status, said = put(inbox, raw(OURS, tmp_path))
    assert (status, said["rows"], said["new"]) == (200, 3, said["tokens"])
    status, said = put(inbox, raw(OURS, tmp_path, ending="parquet"), "acme.parquet")
    assert (status, said["new"]) == (200, 0)
    assert sorted(path.name for path in inbox.folder.iterdir()) == ["acme.parquet", AUDIT]
    assert read_tokens(inbox.folder / "acme.parquet", 10).header.rows == 3


def test_partners_do_not_touch_each_others_lists(inbox: Inbox, tmp_path: Path) -> None:
    put(inbox, raw(OURS, tmp_path))
    assert put(inbox, raw(THEIRS, tmp_path), "globex.jsonl")[0] == 200
    assert read_tokens(inbox.folder / "acme.jsonl", 10).header.rows == 3


def test_a_list_with_too_many_new_tokens_is_refused_and_the_last_one_stays(inbox: Inbox, tmp_path: Path) -> None:
    assert put(inbox, raw(MANY, tmp_path))[0] == 200
    others = {key: account.model_copy(update={"name": f"Abc{key}", "website": None}) for key, account in MANY.items()}
    before = (inbox.folder / "acme.jsonl").read_bytes()
    status, said = put(inbox, raw(others, tmp_path))
    assert status == 403
    assert "were not in the last list" in str(said["reason"])
    assert "deletes acme.*" in str(said["remedy"])
    assert (inbox.folder / "acme.jsonl").read_bytes() == before
    few = {**MANY, "o1": Account(name="Another")}
    assert put(inbox, raw(few, tmp_path))[0] == 200


def test_a_new_key_makes_every_token_new_until_the_operator_agrees(inbox: Inbox, tmp_path: Path) -> None:
    put(inbox, raw(MANY, tmp_path))
    rotated = raw(MANY, tmp_path, Key("acme", 2, bytes(32)))
    assert put(inbox, rotated)[0] == 403
    (inbox.folder / "acme.jsonl").unlink()
    assert put(inbox, rotated)[0] == 200


def test_only_so_many_lists_are_taken_in_a_day(inbox: Inbox, tmp_path: Path, clock: Clock) -> None:
    body = raw(OURS, tmp_path)
    assert [put(inbox, body)[0] for _ in range(4)] == [200, 200, 200, 403]
    assert put(inbox, body, "globex.jsonl")[0] == 200, "each partner has its own"
    clock.at += timedelta(days=1, seconds=1)
    assert put(inbox, body)[0] == 200


def test_a_list_that_is_too_long_or_none_is_refused_and_nothing_of_it_stays(inbox: Inbox, tmp_path: Path) -> None:
    more = {f"x{n}": Account(name=f"Firm {n}") for n in range(401)}
    status, said = put(inbox, raw(more, tmp_path))
    assert (status, "401 rows, and 400 are taken" in str(said["reason"])) == (400, True)
    assert put(inbox, b"id,name\n1,Acme\n")[0] == 400
    assert inbox.answer("GET", "/v1/tokens/acme.jsonl", b"").status == 404
    assert inbox.answer("PUT", "/v1/tokens/../etc.jsonl", b"").status == 404
    assert [path.name for path in inbox.folder.iterdir()] == [AUDIT]


def test_everything_that_came_is_in_the_audit_with_its_size_and_what_became_of_it(inbox: Inbox, tmp_path: Path) -> None:
    put(inbox, raw(OURS, tmp_path))
    put(inbox, b"nonsense")
    first, second = (json.loads(line) for line in (inbox.folder / AUDIT).read_text().splitlines())
    assert (first["partner"], first["outcome"], first["rows"]) == ("acme", "taken", 3)
    assert first["at"] == "2026-01-01T00:00:00+00:00"
    assert (second["outcome"], "no token file" in second["reason"]) == ("refused", True)


def test_an_edge_sends_and_a_hub_receives_over_a_socket(tmp_path: Path) -> None:
    told: list[str] = []
    ready, stop = threading.Event(), threading.Event()
    inbox = Inbox(tmp_path / "hub", Caps(10, 1, 1.0), Clock(), lambda line: (told.append(line), ready.set())[0])
    asked = Receiving(("127.0.0.1", 0), SECRET, 1 << 20, None)
    hub = threading.Thread(target=receive, args=(inbox, asked, stop), daemon=True)
    hub.start()
    assert ready.wait(30)
    url = f"http://127.0.0.1:{json.loads(told[0])['port']}"
    tokens = tmp_path / "o.jsonl"
    write_tokens(tokens, side(OURS, b"o").tokens)
    assert send(tokens, Connection(url, SECRET, None), "acme", 10)["rows"] == 3
    with pytest.raises(ConfigError, match=r"the hub refuses: 1 lists were taken.*tomorrow"):
        send(tokens, Connection(url, SECRET, None), "acme", 10)
    stop.set()
    hub.join(30)
    with pytest.raises(ConfigError, match="the hub cannot be reached"):
        send(tokens, Connection(url, SECRET, None), "acme", 10)
    assert (tmp_path / "hub" / "acme.jsonl").exists()


def test_what_is_no_token_file_is_not_sent(tmp_path: Path) -> None:
    listed = tmp_path / "ours.jsonl"
    listed.write_text('{"id": 1, "name": "Acme"}\n')
    with closing(Connection("http://127.0.0.1:1", SECRET, None)) as nobody:
        with pytest.raises(BadInput, match="no token file"):
            send(listed, nobody, "acme", 10)
        with pytest.raises(ConfigError, match="no name"):
            send(listed, nobody, "Acme Inc", 10)
