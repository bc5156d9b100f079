"""A message of the queue is read once, told once, and deleted when what followed from it was committed."""

import json
from dataclasses import dataclass, field

import pytest

from connectors.aws.events import Inbox, parse
from connectors.base import Progress
from connectors.errors import RetryLater
from tests.unit.connectors.aws.wire import Failed, Wire, wire

AGREEMENT = {
    "version": "0", "id": "e-1", "detail-type": "Purchase Agreement Created - Proposer",
    "source": "aws.agreement-marketplace", "time": "2026-11-22T10:00:00Z", "region": "us-east-1", "resources": [],
    "detail": {"catalog": "AWSMarketplace", "agreement": {"id": "agmt-1"}, "offer": {"id": "offer-1"}},
}  # fmt: skip
SUBSCRIBED = {
    "action": "subscribe-success", "customer-identifier": "X01EXAMPLEX", "product-code": "n0123EXAMPLEXXXXXXXXXXXX",
    "offer-identifier": "offer-abcexample123", "isFreeTrialTermPresent": "false",
}  # fmt: skip


@dataclass
class Queue:
    """A queue of SQS: what is received is hidden until it is deleted or its time is over."""

    waiting: list[tuple[str, str]] = field(default_factory=list)
    hidden: dict[str, tuple[str, str]] = field(default_factory=dict)
    received: int = 0

    def put(self, *events: object) -> None:
        for event in events:
            body = event if isinstance(event, str) else json.dumps(event)
            self.waiting.append((f"m-{self.received}-{len(self.waiting)}", body))

    def receive(self, _):
        found = []
        for message, body in self.waiting[:10]:
            self.received += 1
            self.hidden[f"handle-{self.received}"] = (message, body)
            found.append({"MessageId": message, "ReceiptHandle": f"handle-{self.received}", "Body": body})
        del self.waiting[:10]
        return {"Messages": found} if found else {}

    def delete(self, request):
        for entry in request["Entries"]:
            self.hidden.pop(entry["ReceiptHandle"])
        return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]], "Failed": []}

    def time_is_over(self) -> None:
        self.waiting += self.hidden.values()
        self.hidden.clear()

    @property
    def empty(self) -> bool:
        return not self.waiting and not self.hidden


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def aws(queue):
    with wire(ReceiveMessage=queue.receive, DeleteMessageBatch=queue.delete) as opened:
        yield opened


def inbox(aws: Wire, at_most: int = 500) -> Inbox:
    return Inbox(aws.calls(), aws.access().queue_url, wait_s=1, at_most=at_most)


def event(number: int) -> dict[str, object]:
    return {**AGREEMENT, "id": f"e-{number}"}


def told(box: Inbox, cursors: dict[str, str]) -> tuple[list[str], list[Progress]]:
    box.begin(cursors)
    found = [each.event.id for each in box.receive() if each.event is not None]
    return found, list(box.done())


def saved(progress: list[Progress]) -> dict[str, str]:
    return {each.place: each.cursor for each in progress}


def test_a_message_is_deleted_when_its_pass_was_committed_and_not_before(aws, queue):
    queue.put(*(event(number) for number in range(25)))
    box = inbox(aws)
    found, progress = told(box, {})
    assert len(found) == 25
    assert aws.of("DeleteMessageBatch") == []
    assert told(box, saved(progress)) == ([], [])
    assert queue.empty
    assert [len(each["Entries"]) for each in aws.of("DeleteMessageBatch")] == [10, 10, 5]


def test_what_was_not_committed_comes_again_and_is_told_again(aws, queue):
    queue.put(event(1))
    box = inbox(aws)
    assert told(box, {})[0] == ["e-1"]
    assert told(box, {})[0] == []
    queue.time_is_over()
    found, progress = told(box, {})
    assert found == ["e-1"]
    told(box, saved(progress))
    assert queue.empty


def test_after_a_restart_an_old_cursor_deletes_nothing(aws, queue):
    queue.put(event(1))
    _, progress = told(inbox(aws), {})
    queue.time_is_over()
    queue.put(event(2))
    again = inbox(aws)
    assert told(again, saved(progress))[0] == ["e-1", "e-2"]
    told(again, saved(progress))
    assert not queue.empty


def test_an_event_that_comes_twice_is_told_once_and_both_messages_go(aws, queue):
    queue.put(event(1), event(1), event(2))
    box = inbox(aws)
    found, progress = told(box, {})
    assert found == ["e-1", "e-2"]
    queue.put(event(2))
    found, more = told(box, saved(progress))
    assert found == []
    told(box, saved(more))
    assert queue.empty


def test_an_event_whose_pass_was_lost_is_told_though_its_id_was_seen(aws, queue):
    queue.put(event(1))
    box = inbox(aws)
    told(box, {})
    queue.put(event(1))
    assert told(box, {})[0] == ["e-1"]


def test_a_pass_takes_no_more_than_it_should_and_the_rest_is_for_the_next(aws, queue):
    queue.put(*(event(number) for number in range(30)))
    box = inbox(aws, at_most=20)
    found, progress = told(box, {})
    assert len(found) == 20
    assert len(told(box, saved(progress))[0]) == 10


@pytest.mark.parametrize(
    "body",
    ["not json", "[]", '{"a": 1}', json.dumps({"detail-type": "x", "source": "y", "detail": "z"}),
     json.dumps({"Type": "Notification", "Message": "?"})],
)  # fmt: skip
def test_a_message_that_is_no_event_is_told_as_unreadable_and_goes_with_the_commit(aws, queue, body):
    queue.put(body)
    box = inbox(aws)
    box.begin({})
    (message,) = box.receive()
    assert message.event is None
    assert message.problem.code == "UNREADABLE_EVENT"
    assert message.problem.remedy
    assert message.problem.payload == body
    box.begin(saved(list(box.done())))
    assert queue.empty


def test_a_secret_in_a_message_that_cannot_be_read_stays_out_of_its_payload(aws, queue):
    queue.put("see https://b.s3.amazonaws.com/k?X-Amz-Security-Token=QQsecret")
    box = inbox(aws)
    box.begin({})
    assert "QQsecret" not in str(box.receive()[0].problem)


def test_the_older_message_of_sns_is_read_bare_and_in_its_envelope():
    bare = parse(json.dumps(SUBSCRIBED), "m-1")
    envelope = {
        "Type": "Notification",
        "MessageId": "sns-7",
        "TopicArn": "arn:aws:sns:us-east-1:1:t",
        "Message": json.dumps(SUBSCRIBED),
    }
    enveloped = parse(json.dumps(envelope), "m-1")
    assert (bare.id, bare.source, bare.detail_type) == ("m-1", "sns", "subscribe-success")
    assert (enveloped.id, enveloped.detail["offer-identifier"]) == ("sns-7", "offer-abcexample123")


def test_an_event_of_the_bus_keeps_its_own_id_in_an_envelope_of_sns():
    envelope = {"Type": "Notification", "MessageId": "sns-7", "Message": json.dumps(AGREEMENT)}
    found = parse(json.dumps(envelope), "m-1")
    assert (found.id, found.detail_type) == ("e-1", "Purchase Agreement Created - Proposer")
    assert found.at is not None
    assert found.account is None


def test_a_deletion_that_fails_for_some_leaves_them_to_come_again(aws, queue):
    queue.put(event(1))
    aws.answers["DeleteMessageBatch"] = lambda _: {
        "Successful": [], "Failed": [{"Id": "0", "SenderFault": True, "Code": "ReceiptHandleIsInvalid"}],
    }  # fmt: skip
    box = inbox(aws)
    _, progress = told(box, {})
    told(box, saved(progress))
    queue.time_is_over()
    found, more = told(box, saved(progress))
    assert found == []
    aws.answers["DeleteMessageBatch"] = queue.delete
    told(box, saved(more))
    assert queue.empty


def test_a_deletion_that_is_not_answered_is_made_again(aws, queue):
    queue.put(event(1))
    box = inbox(aws)
    _, progress = told(box, {})

    def busy(_):
        raise Failed("ServiceUnavailable", status=503)

    aws.answers["DeleteMessageBatch"] = busy
    with pytest.raises(RetryLater):
        box.begin(saved(progress))
    aws.answers["DeleteMessageBatch"] = queue.delete
    box.begin(saved(progress))
    assert queue.empty
