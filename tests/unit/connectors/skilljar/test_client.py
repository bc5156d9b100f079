"""Keys, tokens, pages and limits of both APIs."""

import pytest
import requests

from connectors.dispositions import Refused
from connectors.errors import BadCredentials, RetryLater, StopMapping
from connectors.skilljar.client import Client
from sandbox.skilljar.faults import AcademyFault


def client(desk, **more):
    return Client(desk.settings(**more), desk.clock)


def users(desk, **more):
    return [
        each["user"]["email"] for each in client(desk, **more).rows(f"domains/{desk.academy.settings.domain}/users")
    ]


def test_the_key_is_the_user_name_and_the_password_is_empty(desk, monkeypatch):
    sent = []
    send = requests.Session.send

    def remembered(session, request, **more):
        sent.append(request.headers["Authorization"])
        return send(session, request, **more)

    monkeypatch.setattr(requests.Session, "send", remembered)
    with pytest.raises(BadCredentials):
        client(desk, api_key="sk-live-abcdeg").first("GET", "ping")
    assert sent == ["Basic c2stbGl2ZS1hYmNkZWc6"]


@pytest.mark.parametrize("arrays", [False, True])
def test_pages_and_bare_arrays_are_read_to_their_end(desk, arrays):
    for number in range(5):
        desk.learner(f"u{number}")
    desk.running.allow(bare_arrays=arrays)
    assert users(desk, page_size=2) == [f"u{number}@partner.example" for number in range(5)]


def test_documents_are_read_by_their_cursors(desk):
    ada = desk.learner()
    for _ in range(7):
        desk.enroll(ada)
    pages = list(client(desk, page_size=3).resources("enrollments/"))
    assert [len(each["data"]) for each in pages] == [3, 3, 1]


def test_one_token_serves_until_a_minute_before_its_end(desk):
    it = client(desk)
    for wait in (0, 600, 200, 200):
        desk.wait(wait)
        list(it.resources("enrollments/"))
    assert desk.calls("POST /v2/auth/token") == 2


def test_a_token_that_is_refused_is_renewed_once(desk):
    it = client(desk)
    list(it.resources("enrollments/"))
    desk.running.arm(AcademyFault(kind="expired_token", nth=(1,), path="/v2/enrollments"))
    list(it.resources("enrollments/"))
    assert desk.calls("POST /v2/auth/token") == 2


def test_a_client_that_is_not_known_is_no_credential(desk):
    with pytest.raises(BadCredentials, match="invalid_client"):
        client(desk, client={"client_id": "x", "client_secret": "guessed"}).second("GET", "enrollments/")


def test_a_scope_that_is_missing_is_named(desk):
    desk.running.allow(scopes=("students:read",))
    with pytest.raises(StopMapping, match="enrollments:read"):
        client(desk).second("GET", "enrollments/")


def test_a_domain_that_is_not_there_is_a_refusal(desk):
    with pytest.raises(Refused, match="HTTP_404"):
        list(client(desk).rows("domains/elsewhere.example/users"))


def test_the_seconds_of_retry_after_are_kept(desk):
    desk.running.arm(AcademyFault(kind="too_many_requests", nth=(1,), retry_after=20))
    with pytest.raises(RetryLater) as caught:
        client(desk).first("GET", "ping")
    assert caught.value.after == 20


def test_a_broken_connection_is_tried_again(desk):
    desk.running.arm(AcademyFault(kind="reset_before", nth=(1,)))
    with pytest.raises(RetryLater, match="no answer"):
        client(desk).first("GET", "ping")


@pytest.mark.parametrize(("limit", "after"), [({"calls_per_minute": 10}, 60), ({"calls_per_hour": 60}, 3600)])
def test_our_own_limit_is_kept_before_skilljars_is_met(desk, limit, after):
    it, most = client(desk, **limit), next(iter(limit.values()))
    for _ in range(most):
        it.first("GET", "ping")
    with pytest.raises(RetryLater) as caught:
        it.first("GET", "ping")
    assert (caught.value.after, desk.calls("GET /v1/ping")) == (after, most)
    desk.wait(after)
    it.first("GET", "ping")


def test_no_secret_is_shown_by_the_settings(desk):
    shown = repr(desk.settings(listener={"secret": "hook-secret"}))
    secrets = (desk.academy.settings.api_key, desk.academy.settings.client_secret, "hook-secret")
    assert not any(secret in shown for secret in secrets)
