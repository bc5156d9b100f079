"""Requests that are taken in over HTTP: nothing is acknowledged that is not kept."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import requests

from connectors.errors import BadInput
from connectors.receiving import Answer, Delivery, Inbox, Receiver

BEGUN = datetime(2026, 11, 22, tzinfo=UTC)


def judge(method, path, headers, body):
    """GET is answered at once; what else is said is to be kept."""
    if method == "GET":
        return Answer.of_json(200, {"path": path, "asks": headers["x-name"]})
    return Delivery([body.decode()], Answer(202, b"kept", {"X-Done": method}))


@contextmanager
def listening(**options):
    receiver = Receiver("test", ("127.0.0.1", 0), options.pop("answer_s", 10), judge, **options)
    with ThreadPoolExecutor(8) as pool:
        try:
            yield receiver, lambda body: pool.submit(send, receiver, body)
        finally:
            receiver.close()


def send(receiver, body, method="POST"):
    return requests.request(method, f"http://127.0.0.1:{receiver.port}/", data=body, timeout=20)


def arrived(receiver, count=1):
    waiting = receiver._waiting
    with waiting.not_empty:
        assert waiting.not_empty.wait_for(lambda: len(waiting.queue) >= count, timeout=5)


def test_an_answer_of_the_judge_goes_out_at_once_with_path_and_headers_as_they_came():
    with listening() as (receiver, _):
        answer = requests.get(f"http://127.0.0.1:{receiver.port}/a?b=c", headers={"X-NAME": "Ada"}, timeout=5)
        assert answer.json() == {"path": "/a?b=c", "asks": "Ada"}
        assert receiver.taken(0) == []


def test_a_delivery_is_answered_with_its_own_answer_when_it_is_kept():
    with listening() as (receiver, post):
        sending = post("one")
        arrived(receiver)
        (delivery,) = receiver.taken(0)
        assert (delivery.events, sending.done()) == (["one"], False)
        delivery.kept.set()
        answer = sending.result()
        assert (answer.status_code, answer.text, answer.headers["X-Done"]) == (202, "kept", "POST")


def test_what_nobody_keeps_in_time_is_answered_503_and_is_known_to_be():
    with listening(answer_s=0.01) as (receiver, post):
        assert post("one").result().status_code == 503
        assert [each.late for each in receiver.taken(0)] == [True]


def test_closing_answers_what_waits_with_503_at_once():
    with listening() as (receiver, post):
        sending = post("one")
        arrived(receiver)
        receiver.close()
        assert sending.result().status_code == 503


def test_more_than_can_wait_is_answered_503():
    with listening(waiting=1) as (receiver, post):
        first = post("one")
        arrived(receiver)
        assert post("two").result().status_code == 503
        receiver.taken(0)[0].kept.set()
        assert first.result().status_code == 202


@pytest.mark.parametrize(("head", "status"), [("Content-Length: 11", 413), ("Transfer-Encoding: chunked", 411)])
def test_a_body_too_large_or_of_unknown_length_is_refused_unread(head, status):
    with listening(largest=10) as (receiver, _), socket.create_connection(("127.0.0.1", receiver.port)) as line:
        line.sendall(f"POST / HTTP/1.1\r\nHost: here\r\n{head}\r\n\r\n".encode())
        assert line.recv(100).split()[1] == str(status).encode()


def test_a_port_that_is_taken_is_told():
    with listening() as (receiver, _), pytest.raises(BadInput, match="cannot be received"):
        Receiver("other", ("127.0.0.1", receiver.port), 1, judge)


class Passes:
    """A source in miniature: tells what it takes, and keeps the word of each pass that is committed."""

    def __init__(self, receiver, cursors=None):
        self.inbox, self.cursors = Inbox(lambda: receiver, "slot", BEGUN), dict(cursors or {})

    def once(self, *, commit=True, anything=True):
        taken = self.inbox.taken(self.cursors, 0)
        for progress in self.inbox.told(anything=anything):
            if commit:
                self.cursors[progress.place] = progress.cursor
        return [event for each in taken for event in each.events]


def test_a_pass_is_answered_at_the_next_one_if_it_was_committed():
    with listening() as (receiver, post):
        passes = Passes(receiver)
        sending = post("one")
        arrived(receiver)
        assert passes.once() == ["one"]
        assert not sending.done()
        passes.once()
        assert sending.result().status_code == 202


def test_a_pass_that_was_not_committed_is_answered_503():
    with listening() as (receiver, post):
        passes = Passes(receiver)
        for number in range(2):  # the word of an earlier pass is not that of this one
            sending = post(str(number))
            arrived(receiver)
            passes.once(commit=number == 0)
            passes.once()
            assert sending.result().status_code == (202 if number == 0 else 503)


def test_a_pass_that_told_nothing_new_is_answered_at_once():
    with listening() as (receiver, post):
        passes = Passes(receiver)
        sending = post("known")
        arrived(receiver)
        passes.once(anything=False)
        assert (sending.result().status_code, passes.cursors) == (202, {})


def test_a_pass_that_broke_off_before_its_word_was_told_is_answered_503_though_an_earlier_word_stands_there():
    with listening() as (receiver, post):
        passes = Passes(receiver)
        first = post("one")
        arrived(receiver)
        passes.once()
        passes.once()
        assert first.result().status_code == 202
        second = post("two")
        arrived(receiver)
        passes.inbox.taken(passes.cursors, 0)  # and then the vendor does not answer
        passes.once()
        assert second.result().status_code == 503
