from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode
from schemas.deadletters import Limit, TooManyDeadLetters, from_record
from schemas.log import Output, Record
from schemas.messages import DeadLetter

TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def record(value: bytes | None = b"{}", key: bytes | None = b"k", offset: int = 17) -> Record:
    return Record("changes.account", 2, offset, key, value, [("traceparent", TRACE)], 1_767_225_600_000)


def park(it: Record, stage: str = "stream:accounts.keys") -> Output:
    return from_record(stage, it, "INVALID_VALUE", "no name", "fill it in", "record.name")


def letter(output: Output) -> DeadLetter:
    it = decode(Record(output.topic, 0, 0, output.key, output.value, output.headers or [], 0))
    assert isinstance(it, DeadLetter)
    return it


def fed(limit: Limit, inputs: str) -> int | None:
    """Feed a limit with inputs that passed (.) or were parked (x): the number of the one that it raised on."""
    for number, each in enumerate(inputs, 1):
        try:
            limit.passed() if each == "." else limit.parked("no name")
        except TooManyDeadLetters:
            return number
    return None


def test_a_dead_letter_says_what_where_why_and_what_to_do():
    found = letter(park(record(b'{"name": ""}')))
    assert found.subject == "record changes.account[2]@17 key k"
    assert (found.origin, found.stage) == ("changes.account[2]@17", "stream:accounts.keys")
    assert (found.code, found.reason, found.remedy) == ("INVALID_VALUE", "no name", "fill it in")
    assert (found.field, found.payload) == ("record.name", '{"name": ""}')


def test_it_is_dated_by_the_record_and_not_by_the_day_of_the_replay():
    assert letter(park(record())).parked_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_same_record_parks_under_the_same_id_and_another_does_not():
    assert park(record()) == park(record())
    ids = {park(record()).key, park(record(offset=18)).key, park(record(), "sink:our-crm").key}
    assert len(ids) == 3


def test_its_key_is_its_id_and_the_trace_goes_on():
    output = park(record())
    assert output.topic == "deadletters"
    assert output.key == letter(output).id.encode()
    assert dict(output.headers or [])["traceparent"] == TRACE


def test_a_tombstone_has_no_payload():
    assert letter(park(record(None))).payload is None


@given(st.binary(), st.binary())
def test_whatever_stands_in_the_record_it_can_be_parked(key: bytes, value: bytes) -> None:
    found = letter(park(record(value, key)))
    assert found.payload == value.decode(errors="backslashreplace")


def test_so_many_in_a_row_are_too_many():
    assert fed(Limit("s", consecutive=3), "..xxx") == 5


def test_one_that_passes_breaks_the_row():
    assert fed(Limit("s", consecutive=3), "xx.xx.xx.") is None


def test_more_than_the_share_of_a_window_are_too_many_though_never_in_a_row():
    assert fed(Limit("s", consecutive=3, share=0.5, window=6), "x.xx.x") == 6


def test_exactly_the_share_is_not_too_many():
    assert fed(Limit("s", consecutive=3, share=0.5, window=6), "x.x.x." * 5) is None


@pytest.mark.parametrize("last", [".", "x"])
def test_each_window_counts_anew(last: str) -> None:
    window = "x.x.." + last
    assert fed(Limit("s", consecutive=3, share=0.5, window=6), window * 5) is None


@given(st.text("x.", max_size=60), st.integers(2, 6), st.integers(4, 20))
def test_nothing_is_stopped_while_few_fail_and_everything_is_once_all_do(start: str, row: int, window: int) -> None:
    limit = Limit("s", consecutive=row, share=0.5, window=window)
    stopped = fed(limit, start)
    if stopped is None:
        assert fed(limit, "x" * row) is not None
    else:
        assert "x" * row in start[:stopped] or start[:stopped].count("x") > window / 2


def test_it_says_which_stage_how_many_why_and_that_nothing_is_lost():
    limit = Limit("sink:our-crm", consecutive=2)
    limit.passed()
    limit.parked("no phone")
    said = r"sink:our-crm: 2 inputs in a row and 2 of the last 3 .* because: no name\. Remedy: .* nothing is lost"
    with pytest.raises(TooManyDeadLetters, match=said):
        limit.parked("no name")
