"""What both sides learn of an intersection, over connections that break, and what is refused."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import BadInput, RetryLater
from tandem.psi import library
from tandem.psi.elements import Terms
from tandem.psi.server import Server
from tandem.psi.state import chunk_name
from tandem.psi.wire import Reply
from tandem.settings import ConfigError
from tests.unit.tandem.psi.lossy import NAME, Lossy, a_client, a_server, joined

pytest.importorskip("private_set_intersection", reason="openmined-psi is not installed")

ITEMS = st.sets(st.sampled_from([f"{letter}.com" for letter in "abcdefghijkl"]), min_size=1)
BREAKS = st.lists(st.sampled_from(["", "", "sent", "answered"]), max_size=25)


def named(items: set[str]) -> list[str]:
    return sorted(f"domain:{item}" for item in items)


@settings(max_examples=15, deadline=None)
@given(ours=ITEMS, theirs=ITEMS, breaks=BREAKS, chunk=st.integers(1, 5))
def test_the_result_is_the_intersection_of_the_sets_however_often_the_connection_breaks(
    ours: set[str], theirs: set[str], breaks: list[str], chunk: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = a_server(theirs, Path(folder, "s"), both=True, chunk=chunk)
        losses = iter(breaks)
        for _ in range(len(breaks) + 1):
            try:
                found = joined(a_client(ours, Path(folder, "c"), Lossy(server.answer, losses), both=True))
            except RetryLater:
                continue
            break
        assert list(found.both) == named(ours & theirs)
        assert (found.ours, found.theirs) == (len(ours), len(theirs))
        (end,) = server.results().values()
        assert end["both"] == named(ours & theirs)
        assert end["strange"] == 0
        assert server.finished


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return a_server({"a.com", "b.com", "c.com", "d.com"}, tmp_path / "s")


def test_a_broken_request_is_tried_again_by_itself(server: Server, tmp_path: Path) -> None:
    wire = Lossy(server.answer, iter(["sent", "answered", "sent"]))
    assert joined(a_client({"a.com", "x.com"}, tmp_path / "c", wire, tries=4)).both == ("domain:a.com",)


def test_what_was_answered_before_a_break_is_not_asked_again(server: Server, tmp_path: Path) -> None:
    ours = {f"{n}.com" for n in range(8)} | {"b.com"}
    with pytest.raises(RetryLater, match=r"run the same command again"):
        joined(a_client(ours, tmp_path / "c", Lossy(server.answer, iter(["", "", "", "", "sent"]))))
    again = Lossy(server.answer)
    assert joined(a_client(ours, tmp_path / "c", again)).both == ("domain:b.com",)
    assert [path.partition(NAME)[2] for _, path, _ in again.asked] == ["", "/chunks/1", "/chunks/2", "/done"]


def test_a_server_that_was_started_again_goes_on_with_the_join(server: Server, tmp_path: Path) -> None:
    with pytest.raises(RetryLater):
        joined(a_client({"a.com", "x.com"}, tmp_path / "c", Lossy(server.answer, iter(["", "", "sent"]))))
    calls: list[str] = []
    second = replace(server, tell=lambda what, done, total: calls.append(f"{what} {done} {total}"))
    second.prepare()
    assert calls == ["encrypting 4 4"], "what was encrypted is not encrypted again"
    assert joined(a_client({"a.com", "x.com"}, tmp_path / "c", Lossy(second.answer))).both == ("domain:a.com",)


def test_no_element_goes_over_the_wire_and_without_both_no_result_does(server: Server, tmp_path: Path) -> None:
    wire = Lossy(server.answer)
    joined(a_client({"a.com", "b.com"}, tmp_path / "c", wire))
    sent = b"".join(body for _, _, body in wire.asked)
    assert b".com" not in sent
    assert wire.asked[-1][2] == b'{"marks": []}'
    (end,) = server.results().values()
    assert end["both"] == []


def test_the_result_that_is_reported_goes_under_marks_that_name_nothing(tmp_path: Path) -> None:
    server = a_server({"a.com", "z.com"}, tmp_path / "s", both=True)
    wire = Lossy(server.answer)
    joined(a_client({"a.com", "b.com"}, tmp_path / "c", wire, both=True))
    assert b"a.com" not in wire.asked[-1][2]
    assert b"marks" in wire.asked[-1][2]


def test_key_and_answers_are_gone_after_the_join(server: Server, tmp_path: Path) -> None:
    joined(a_client({"a.com"}, tmp_path / "c", Lossy(server.answer)))
    assert not (tmp_path / "c").exists()


def test_the_server_answers_only_so_many_joins(server: Server, tmp_path: Path) -> None:
    joined(a_client({"a.com"}, tmp_path / "c", Lossy(server.answer)))
    with pytest.raises(ConfigError, match=r"allows 1 joins, and they are used up.*--joins"):
        joined(a_client({"b.com"}, tmp_path / "d", Lossy(server.answer), name="f" * 32))


def test_a_client_with_more_elements_than_agreed_is_refused(tmp_path: Path) -> None:
    server = a_server({"a.com"}, tmp_path / "s", most=2)
    with pytest.raises(ConfigError, match=r"3 elements, and the server allows 2.*--most"):
        joined(a_client({"a.com", "b.com", "c.com"}, tmp_path / "c", Lossy(server.answer)))


def test_a_chunk_is_answered_for_one_set_of_points_only(server: Server, tmp_path: Path) -> None:
    wire = Lossy(server.answer)
    client = a_client({"a.com"}, tmp_path / "c", wire)
    client.join()
    guess = library.request(library.new_key(), ["tandem 1 1 domain:b.com"])
    reply = server.answer("POST", f"/v1/joins/{NAME}/chunks/0", guess)
    assert (reply.status, b"other points" in reply.body) == (409, True)


def test_after_the_end_no_more_points_are_answered(server: Server, tmp_path: Path) -> None:
    wire = Lossy(server.answer)
    joined(a_client({"a.com"}, tmp_path / "c", wire))
    (chunk,) = [asked for asked in wire.asked if "chunks" in asked[1]]
    assert server.answer(*chunk).status == 410


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"share": ("domain", "name")}, "differ in 'share'.*--share domain"),
        ({"both": True}, "differ in 'both'.*--both on both sides"),
        ({"normaliser": 0}, "differ in 'normaliser'.*same version of Tandem"),
    ],
)
def test_other_terms_are_refused_with_the_remedy(
    server: Server, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    client = a_client({"a.com"}, tmp_path / "c", Lossy(server.answer))
    client.terms = replace(Terms(("domain",)), **change)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=words):
        joined(client)
    assert server.results() == {}


def test_who_does_not_hold_the_secret_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"not signed with our secret.*one secret file"):
        joined(a_client({"a.com"}, tmp_path / "c", Lossy(server.answer, secret=b"something else")))
    assert not list((tmp_path / "s").glob("join-*"))


def test_a_list_that_changed_within_a_join_is_refused_on_either_side(server: Server, tmp_path: Path) -> None:
    with pytest.raises(RetryLater):
        joined(a_client({"a.com"}, tmp_path / "c", Lossy(server.answer, iter(["", "sent"]))))
    with pytest.raises(ConfigError, match=r"another list.*delete that folder"):
        joined(a_client({"b.com"}, tmp_path / "c", Lossy(server.answer)))
    with pytest.raises(ConfigError, match=r"another list.*--state"):
        a_server({"e.com"}, tmp_path / "s")


def short(reply: Reply) -> Reply:
    return Reply(reply.status, reply.body[:-1])


def off_the_curve(reply: Reply) -> Reply:
    return Reply(reply.status, b"\x09" * len(reply.body))


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [(short, BadInput, "not as long as it must be"), (off_the_curve, BadInput, "no points of the curve")],
)
def test_an_answer_that_cannot_be_right_ends_the_join(
    server: Server, tmp_path: Path, spoil: Callable[[Reply], Reply], error: type[Exception], words: str
) -> None:
    def spoiled(method: str, path: str, body: bytes) -> Reply:
        reply = server.answer(method, path, body)
        return spoil(reply) if "chunks" in path else reply

    with pytest.raises(error, match=words):
        joined(a_client({"a.com"}, tmp_path / "c", Lossy(spoiled)))


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", b"", 404),
        ("PUT", f"/v1/joins/{'e' * 32}", b"no json", 400),
        ("PUT", f"/v1/joins/{'e' * 32}", b"[]", 400),
        ("PUT", f"/v1/joins/{'e' * 32}", b'{"terms": 1, "elements": 1}', 400),
        ("POST", f"/v1/joins/{'e' * 32}/chunks/0", b"", 404),
        ("POST", f"/v1/joins/{NAME}/chunks/0", b"\x09" * 33, 400),
        ("POST", f"/v1/joins/{NAME}/chunks/7", b"\x02" * 33, 400),
        ("POST", f"/v1/joins/{NAME}/done", b"3", 400),
        ("GET", f"/v1/joins/{NAME}/chunks/0", b"", 405),
        ("GET", f"/v1/joins/{NAME}/setup/99", b"", 404),
    ],
)
def test_a_request_that_is_none_is_answered_and_nothing_breaks(
    server: Server, tmp_path: Path, method: str, path: str, body: bytes, status: int
) -> None:
    wire = Lossy(server.answer, iter(["", "sent"]))
    with pytest.raises(RetryLater):
        a_client({"a.com"}, tmp_path / "c", wire).join()
    assert server.answer(method, path, body).status == status


def test_elements_are_sent_in_an_order_that_the_list_does_not_have(tmp_path: Path) -> None:
    items = {f"{n:02}.com" for n in range(30)}
    server = a_server(items, tmp_path / "s", chunk=10)
    orders = {tuple(server.ours.ordered(bytes([n]) * 32)) for n in range(3)}
    assert len(orders) == 3
    assert tuple(sorted(server.ours.accounts)) not in orders
    first = (tmp_path / "s" / chunk_name("setup", 0)).read_bytes()
    assert library.split(first) == sorted(library.split(first))
