"""The xAPI connector against a real learning record store, which others have written; skipped out loud without one."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import requests

from connectors import xapi
from tests.contract.connectors.worlds.reader import Reader
from tests.contract.connectors.worlds.xapi import HEADERS, KEY, XapiStore, statement
from tests.support.lrs.real import NoStore, real_store

pytestmark = pytest.mark.lrs
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
AUTH = ("key", "secret")


@pytest.fixture(scope="module")
def lrs(tmp_path_factory):
    """The address of a store; each test reads what was stored since it began."""
    try:
        with real_store(tmp_path_factory.mktemp("lrs")) as url:
            yield url
    except NoStore as why:
        pytest.skip(f"NOT CHECKED against a real learning record store: {why}")


class RealStore(XapiStore):
    """The world of the contract, at a real store with a clock of its own."""

    def __init__(self, url: str) -> None:
        self.url, self.kept, self.begun = url, {}, datetime.now(UTC)

    def settings(self) -> xapi.Settings:
        return xapi.Settings(endpoint=self.url, auth=KEY, page_size=2, poll_s=0, start=self.begun)

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def put(self, *given):
        answer = requests.post(f"{self.url}/statements", json=list(given), headers=HEADERS, auth=AUTH, timeout=10)
        answer.raise_for_status()
        self.kept |= dict(zip(answer.json(), given, strict=True))
        return answer.json()

    def create(self, name: str) -> str:
        return self.put(statement(name))[0]

    def state(self):
        return {id_: each["object"]["definition"]["name"]["en"] for id_, each in self.kept.items()}


def test_statements_of_one_request_share_their_time_and_are_all_told_once_over_pages_and_kills(lrs):
    world = RealStore(lrs)
    world.put(*[statement(f"Course {number}") for number in range(7)])
    undisturbed = Reader(world)
    total = undisturbed.poll()
    assert undisturbed.view() == world.state()
    stored = {each["stored"] for each in held(lrs) if each["id"] in world.kept}
    assert len(stored) < 7  # else this test would show nothing
    for after in range(total + 1):
        reader = Reader(world)
        reader.poll(stop_after=after)
        reader.poll()
        assert reader.view() == world.state()
        assert len(reader.told) == 7


def test_what_comes_later_is_told_and_nothing_twice(lrs):
    world = RealStore(lrs)
    reader = Reader(world)
    assert reader.poll() == 0
    for number in range(5):
        world.create(f"Course {number}")
        reader.poll()
    reader.poll()
    assert [change.record_id for change in reader.told] == list(world.kept)
    assert len([place for place in reader.cursors if "seen:" in place]) <= 5


def test_a_statement_about_last_year_that_is_stored_now_is_told(lrs):
    world = RealStore(lrs)
    reader = Reader(world)
    world.create("This year")
    reader.poll()
    (late,) = world.put(statement("Last year", timestamp="2025-11-22T10:00:00Z"))
    reader.poll()
    assert reader.told[-1].record_id == late
    assert reader.told[-1].occurred_at == datetime(2025, 11, 22, 10, tzinfo=UTC)


def test_a_voided_statement_is_told_as_voided(lrs):
    world = RealStore(lrs)
    (wrong,) = world.put(statement("Wrong"))
    reader = Reader(world)
    reader.poll()
    actor = {"mbox": "mailto:lms@acme.com"}
    requests.post(
        f"{lrs}/statements",
        json={"actor": actor, "verb": {"id": VOIDED}, "object": {"objectType": "StatementRef", "id": wrong}},
        headers=HEADERS,
        auth=AUTH,
        timeout=10,
    ).raise_for_status()
    reader.poll()
    told = world.table.to_canonical(reader.told[-1].row)
    assert (told.meaning, told.item, len(reader.told)) == ("voided", wrong, 2)


def test_a_check_of_it_is_well(lrs):
    findings = list(xapi.checker(RealStore(lrs).settings(), lambda: datetime.now(UTC), "our-lrs").check([]))
    assert [finding.ok for finding in findings] == [True, True]


def test_it_listens_on_this_machine_only(lrs):
    port = int(lrs.rpartition(":")[2].partition("/")[0])
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))  # free on every address of this machine but its own


@pytest.mark.parametrize(
    "bad",
    [
        {"actor": {}},
        {"verb": {"id": "completed"}},
        {"timestamp": "2026-11-22T10:00:00"},
        {"result": {"score": {"scaled": 2}}},
        {"id": "17"},
    ],
)
def test_what_our_receiver_refuses_the_real_store_refuses_too(lrs, bad):
    answer = requests.post(
        f"{lrs}/statements", json={**statement("Bad"), **bad}, headers=HEADERS, auth=AUTH, timeout=10
    )
    assert answer.status_code == 400


def test_our_receiver_answers_as_the_real_store_does(lrs):
    settings = xapi.Settings(receiver={"auth": KEY, "port": 0, "patience_s": 0, "answer_s": 5})
    world = RealStore(lrs)
    source = xapi.source(settings, world.clock, "our-lms")
    reader = Reader(world)
    reader.source = source
    reader.poll()
    try:
        ours = f"http://127.0.0.1:{source.inbox.receiver.port}/xAPI"
        assert asked(lrs, lambda: None) == asked(ours, lambda: (reader.poll(), reader.poll()))
    finally:
        source.close()


def asked(url, between):
    """The answers to one row of questions: status, and whether a POST named the first statement."""
    one, two = statement("One"), statement("Two")
    calls = [
        ("POST", "/statements", [one, two]),
        ("POST", "/statements", [one]),
        ("POST", "/statements", [{**one, "verb": {"id": "http://adlnet.gov/expapi/verbs/failed"}}]),
        ("POST", "/statements", [two, two]),
        ("PUT", f"/statements?statementId={uuid4()}", {k: v for k, v in one.items() if k != "id"}),
        ("PUT", "/statements", two),
        ("GET", "/about", None),
    ]
    answers = []
    with ThreadPoolExecutor(1) as pool:
        for method, path, body in calls:
            call = pool.submit(requests.request, method, url + path, json=body, headers=HEADERS, auth=AUTH, timeout=10)
            while not call.done():
                between()
            answers.append((call.result().status_code, method == "POST" and one["id"] in call.result().text))
    return answers


def held(url):
    """What the store holds, the newest first."""
    return requests.get(f"{url}/statements", headers=HEADERS, auth=AUTH, timeout=10).json()["statements"]
