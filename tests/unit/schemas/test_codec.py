import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.codec import BY_TYPE, Poison, decode, encode, new_trace, tombstone, trace_of
from schemas.log import Headers, Output, Record
from schemas.messages import MESSAGES, CursorSaved, Message, Write
from schemas.topics import OVERLAPS, Topic, every_topic
from tests.unit.schemas.strategies import fitting

# https://www.w3.org/TR/trace-context/#traceparent-header-field-values: version 00, ids that are not all zeros
TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
SAVED = CursorSaved(connection="acme-list", entity="account", slot="", value="17")
TOPICS = {message: topic for topic in every_topic(["acme-list"], ["our-crm"], []) for message in topic.messages}


def read(output: Output) -> Record:
    return Record(output.topic, 0, 7, output.key, output.value, output.headers or [], 1_767_225_600_000)


def written(message: Message, trace: bytes | None = None) -> Output:
    return encode(TOPICS[type(message)], "the key", message, source="source:acme-list", event_id="e1", trace=trace)


def record(value: bytes | None, *headers: tuple[str, bytes]) -> Record:
    return Record("changes.account", 1, 42, b"k", value, list(headers), 0)


def kind(message: type[Message]) -> tuple[str, bytes]:
    return ("ce_type", message.TYPE.encode())


def poison(bad: Record) -> Poison:
    with pytest.raises(Poison) as caught:
        decode(bad)
    return caught.value


def outcome(it: Record) -> Message | Poison:
    try:
        return decode(it)
    except Poison as found:
        return found


def test_an_event_carries_the_headers_of_the_cloudevents_kafka_binding():
    output = written(SAVED)
    assert dict(output.headers or []) == {
        "ce_specversion": b"1.0",
        "ce_type": b"tandem.cursor.saved",
        "ce_source": b"/tandem/source:acme-list",
        "ce_id": b"e1",
        "content-type": b"application/json",
    }


def test_the_value_is_the_bare_json_and_the_key_is_the_topic_s():
    output = written(SAVED)
    assert json.loads(output.value or b"") == {
        "connection": "acme-list",
        "entity": "account",
        "slot": "",
        "value": "17",
    }
    assert (output.topic, output.key) == ("state.source.acme-list", b"the key")


def test_no_header_stands_twice():
    names = [name for name, _ in written(SAVED, new_trace()).headers or []]
    assert len(names) == len(set(names))


def test_a_header_that_a_client_adds_to_one_record_is_not_on_the_next():
    (written(SAVED).headers or []).append(("client", b"1"))
    assert "client" not in dict(written(SAVED).headers or [])


def test_a_trace_travels_as_traceparent_and_comes_back():
    trace = new_trace()
    output = written(SAVED, trace)
    assert dict(output.headers or [])["traceparent"] == trace
    assert trace_of(read(output)) == trace


def test_without_a_trace_there_is_no_header_for_it():
    assert "traceparent" not in dict(written(SAVED).headers or [])
    assert trace_of(read(written(SAVED))) is None


def test_a_new_trace_is_a_traceparent_and_never_the_same():
    traces = {new_trace() for _ in range(50)}
    assert len(traces) == 50
    assert all(TRACEPARENT.fullmatch(trace) for trace in traces)


def test_the_trace_of_others_is_read_and_our_own_header_wins():
    both = [("traceparent", b"ours"), ("ce_traceparent", b"theirs")]
    assert trace_of(record(b"", both[1])) == b"theirs"
    assert trace_of(record(b"", *both)) == trace_of(record(b"", *reversed(both))) == b"ours"


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.TYPE)
def test_every_message_comes_back_as_it_was_written(message: type[Message]) -> None:
    @given(fitting(message.model_json_schema()))
    def comes_back(value: object) -> None:
        one = message.model_validate_json(json.dumps(value))
        assert decode(read(written(one))) == one

    comes_back()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.TYPE)
def test_a_reader_ignores_what_a_newer_writer_adds(message: type[Message]) -> None:
    @given(fitting(message.model_json_schema()), st.integers())
    def is_ignored(value: dict[str, object], addition: int) -> None:
        newer = json.dumps({**value, "added_later": addition}).encode()
        assert decode(record(newer, kind(message))) == message.model_validate_json(json.dumps(value))

    is_ignored()


def test_every_message_has_a_type_of_its_own_and_a_topic():
    assert len(BY_TYPE) == len(MESSAGES)
    assert set(TOPICS) == set(MESSAGES)


def test_a_tombstone_has_a_key_and_nothing_else():
    assert tombstone(OVERLAPS, "o1") == Output("facts.overlap", b"o1", None)


def test_a_record_that_is_no_cloudevent_is_poison():
    assert poison(record(b"{}")).code == "NO_EVENT_TYPE"


def test_a_type_that_nobody_reads_is_poison_and_is_named():
    found = poison(record(b"{}", ("ce_type", b"com.acme.\xff")))
    assert (found.code, found.field) == ("UNKNOWN_EVENT_TYPE", "ce_type")
    assert "'com.acme.\ufffd'" in found.reason


def test_a_tombstone_where_a_value_is_needed_is_poison():
    assert poison(record(None, kind(Write))).code == "NO_VALUE"


def test_a_value_that_does_not_fit_is_poison_and_names_the_field():
    bad = json.loads(written(SAVED).value or b"") | {"value": None}
    found = poison(record(json.dumps(bad).encode(), kind(CursorSaved)))
    assert (found.code, found.field) == ("INVALID_VALUE", "value")
    assert "tandem.cursor.saved" in found.reason


def test_a_field_within_a_field_is_named_by_its_path():
    message = next(message for message in MESSAGES if message.TYPE == "tandem.account.changed")
    bad = {"record": {"name": " "}, "id": "1", "connection": "c", "party": "us", "record_id": "r", "kind": "upserted",
           "version": 1, "occurred_at": "2026-01-01T00:00:00Z"}  # fmt: skip
    assert poison(record(json.dumps(bad).encode(), kind(message))).field == "record.name"


def test_a_value_that_is_no_json_is_poison_without_a_field():
    assert poison(record(b"\xff\x00", kind(Write))).field is None


@given(st.sampled_from(MESSAGES), st.binary() | st.text().map(str.encode))
@example(Write, b"[" * 100_000)
@example(Write, b'{"id": "\\ud800"}')
def test_whatever_stands_in_a_record_it_is_a_message_or_poison(message: type[Message], value: bytes) -> None:
    found = outcome(record(value, kind(message)))
    assert isinstance(found, message) or (isinstance(found, Poison) and found.code == "INVALID_VALUE" and found.reason)


def test_headers_of_each_type_and_source_are_their_own():
    topic = Topic("t", "k", "about", (CursorSaved,))
    sources: list[Headers] = [
        encode(topic, "k", SAVED, source=name, event_id="1", trace=None).headers or [] for name in ("a", "b")
    ]
    assert [dict(headers)["ce_source"] for headers in sources] == [b"/tandem/a", b"/tandem/b"]
