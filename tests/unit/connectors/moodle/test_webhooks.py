"""A webhook says whose learning to read next; what it claims is never told, and it is answered when it is kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from connectors.hinting import HEADER
from connectors.moodle.listener import user_in

SECRET = "as agreed"
PASSES = 40  # of half a second each at most


@pytest.fixture
def hooked(desk):
    """A site that has been read whole, whose list is read rarely, and whose users come one in a pass."""
    desk.users = [desk.learner(name) for name in ("ada", "bo", "cy")]
    listener = {"secret": SECRET, "port": 0, "patience_s": 0.5, "answer_s": 3.0}
    desk.restart(listener=listener, list_every_s=10**6, users_per_pass=1, paths=[])
    desk.poll()
    return desk


def post(desk, body, secret=SECRET):
    url = f"http://127.0.0.1:{desk.sources[-1].port}/hook"
    return requests.post(url, data=body, headers={HEADER: secret}, timeout=10).status_code


def until_answered(desk, waiting):
    """Passes until every webhook has its answer, or a good while has passed; what was told."""
    told = []
    for _ in range(PASSES):
        told += desk.poll()
        if all(each.done() for each in waiting):
            break
    return told


def during(desk, *bodies):
    """Passes while webhooks come in: the statuses and what was told."""
    with ThreadPoolExecutor(len(bodies)) as pool:
        waiting = [pool.submit(post, desk, body) for body in bodies]
        told = until_answered(desk, waiting)
        return [each.result() for each in waiting], told


def test_the_named_user_comes_first(hooked):
    user = hooked.users[2]
    issue = hooked.running.call(lambda: hooked.site.award(user, 1))
    statuses, told = during(hooked, f'{{"relateduserid": "{user}"}}')
    assert statuses == [200]
    assert told[0].record_id == f"{user}|{issue.hash}"


def test_a_webhook_that_was_not_kept_is_answered_503(hooked):
    hooked.restart(listener={"secret": SECRET, "port": 0, "patience_s": 0.2, "answer_s": 0.3})
    hooked.poll()
    assert post(hooked, f'{{"relateduserid": "{hooked.users[0]}"}}') == 503


def test_a_webhook_without_the_secret_is_turned_away(hooked):
    assert post(hooked, '{"relateduserid": "3"}', secret="guessed") == 401


def test_a_row_that_was_rolled_back_was_announced_and_is_not_told(hooked):
    statuses, told = during(hooked, '{"event": "user_created", "relateduserid": "4711"}')
    assert (statuses, told) == ([200], [])


def test_a_user_who_is_new_is_read_though_the_list_is_not_due(hooked):
    new = hooked.learner("dee")
    _, told = during(hooked, f'{{"relateduserid": {new}}}')
    assert ("learner", str(new)) in {(each.entity, each.record_id) for each in told}


def test_what_the_sites_plugin_posts_is_understood_with_its_holes(hooked):
    user = hooked.users[1]
    url = f"http://127.0.0.1:{hooked.sources[-1].port}/hook"
    door = f"{hooked.running.base_url}/__sandbox__/hooks"
    requests.put(door, json={"target_url": url, "headers": {HEADER: SECRET}}, timeout=5).raise_for_status()
    hooked.running.call(lambda: hooked.site.complete(user, 2))
    hooked.running.call(lambda: hooked.site.enrol(user, 2))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(requests.post, f"{door}/deliver", timeout=20)
        told = until_answered(hooked, [waiting])
        assert waiting.result().json() == {"statuses": [200, 200]}
    assert [each.record_id for each in told] == [f"{user}|2"]


@pytest.mark.parametrize(
    ("body", "user"),
    [
        (b'{"userid": "2", "relateduserid": "7"}', "7"),
        (b'{"userid": "2", "relateduserid": "{relateduserid}"}', "2"),
        (b'{"userid": "{userid}", "relateduserid": "0"}', None),
        (b'["7"]', None),
        (b"userid=7", None),
        (b"\xff", None),
    ],
)
def test_a_webhook_names_its_user_or_nobody(body, user):
    assert user_in(body) == user
