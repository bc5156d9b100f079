"""A webhook says whose learning to read next; what it claims is never told, and it is answered when it is kept."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from connectors.hinting import HEADER
from connectors.skilljar.listener import secret_in, user_in

SECRET = "as agreed"
PASSES = 40  # of half a second each at most


@pytest.fixture
def hooked(desk):
    """An organization that has been read whole, and is looked at rarely."""
    desk.users = [desk.learner(name) for name in ("ada", "bo")]
    listener = {"secret": SECRET, "port": 0, "patience_s": 0.5, "answer_s": 3.0}
    rarely = {"poll_s": 10**9, "list_every_s": 10**9, "reread_s": 10**9}
    desk.restart(listener=listener, **rarely)
    desk.poll()
    return desk


def url_of(desk):
    return f"http://127.0.0.1:{desk.sources[-1].port}/hook"


def during(desk, *calls):
    """Passes while webhooks come in, until each is answered: what came of the calls, and what was told."""
    told = []
    with ThreadPoolExecutor(len(calls)) as pool:
        waiting = [pool.submit(call) for call in calls]
        for _ in range(PASSES):
            told += desk.poll()
            if all(each.done() for each in waiting):
                break
        return [each.result() for each in waiting], told


def post(desk, body, **more):
    return lambda: requests.post(url_of(desk), data=json.dumps(body), timeout=10, **more).status_code


def test_what_skilljar_posts_leads_to_what_happened(hooked):
    ada = hooked.users[0]
    door = f"{hooked.running.base_url}/__sandbox__/webhook"
    requests.put(door, json={"target_url": url_of(hooked), "headers": {HEADER: SECRET}}, timeout=5).raise_for_status()
    hooked.complete(hooked.enroll(ada))
    (answer,), told = during(hooked, lambda: requests.post(f"{door}/deliver", timeout=20).json())
    assert answer == {"statuses": [200, 200]}
    assert [each.row["status"] for each in told] == ["completed"]


def test_basic_auth_is_as_good_as_the_header(hooked):
    ada = hooked.users[0]
    badge = hooked.certify(ada)
    call = post(hooked, {"event_type": "COURSE_COMPLETION", "user": {"id": ada.id}}, auth=("tandem", SECRET))
    statuses, told = during(hooked, call)
    assert (statuses, [each.record_id for each in told]) == ([200], [badge.id])


def test_a_webhook_without_the_secret_is_turned_away(hooked):
    body = {"user": {"id": hooked.users[0].id}}
    assert post(hooked, body)() == post(hooked, body, auth=("tandem", "guessed"))() == 401


def test_a_webhook_that_was_not_kept_is_answered_503(hooked):
    hooked.restart(listener={"secret": SECRET, "port": 0, "patience_s": 0.2, "answer_s": 0.3})
    hooked.poll()
    assert post(hooked, {"user": {"id": "x"}}, headers={HEADER: SECRET})() == 503


def test_a_user_who_is_new_is_read_though_the_list_is_not_due(hooked):
    dee = hooked.learner("dee")
    call = post(hooked, {"event_type": "DOMAIN_ENROLLMENT", "user": {"id": dee.id}}, headers={HEADER: SECRET})
    _, told = during(hooked, call)
    assert ("learner", dee.id) in {(each.entity, each.record_id) for each in told}


def test_what_a_webhook_invents_is_not_told(hooked):
    ada = hooked.users[0]
    body = {"event_type": "COURSE_COMPLETION", "user": {"id": ada.id}, "course": {"id": "never-taken"}}
    statuses, told = during(hooked, post(hooked, body, headers={HEADER: SECRET}))
    assert (statuses, told) == ([200], [])


@pytest.mark.parametrize(
    ("body", "user"),
    [
        (b'{"user": {"id": "abc"}}', "abc"),
        (b'{"user": {}}', None),
        (b'{"user": "abc"}', None),
        (b"[]", None),
        (b"\xff", None),
    ],
)
def test_a_webhook_names_its_user_or_nobody(body, user):
    assert user_in(body) == user


@pytest.mark.parametrize(
    ("header", "authorization", "secret"),
    [
        ("s", "", "s"),
        ("", "Basic dTpw", "p"),
        ("s", "Basic dTpw", "s"),
        ("", "Basic ???", ""),
        ("", "Bearer x", ""),
        ("", "", ""),
    ],
)
def test_the_secret_is_in_the_header_or_in_basic_auth(header, authorization, secret):
    assert secret_in({"x-tandem-secret": header, "authorization": authorization}) == secret
