"""The first API as its description says: keys, users of a domain, paths."""

import pytest

from tests.contract.sandbox.skilljar.conftest import DOMAIN

USERS = f"{DOMAIN}/users"


def add(call, email, **user):
    return call.first("POST", USERS, {"user": {"email": email, **user}})


def test_a_key_with_an_empty_password_is_taken_and_another_is_not(call):
    assert (call.first("GET", "ping").status_code, call.first("GET", "ping").content) == (200, b"")
    refused = call.first("GET", "ping", key="guessed")
    assert (refused.status_code, set(refused.json())) == (401, {"detail"})


def test_a_user_is_put_on_the_domain_with_an_address_in_lower_case(call):
    made = add(call, "Ada@Partner.example", first_name="Ada", last_name="Okafor")
    assert (made.status_code, made.json()["user"]["email"], made.json()["active"]) == (201, "ada@partner.example", True)


def test_one_who_is_known_stays_as_they_are_and_the_call_succeeds(call):
    first = add(call, "ada@partner.example", first_name="Ada").json()
    again = add(call, "ada@partner.example", first_name="Eda")
    assert (again.status_code, again.json()["user"]) == (201, first["user"])


@pytest.mark.parametrize("user", [{"email": "x"}, {"email": "a@b.cd", "first_name": "a" * 51}])
def test_a_bad_user_is_refused_by_field(call, user):
    refused = call.first("POST", USERS, {"user": user})
    assert (refused.status_code, list(refused.json())) == (400, ["user"])


def test_users_come_in_pages_with_a_count_or_as_a_bare_array(call):
    for number in range(3):
        call.learner(f"u{number}")
    body = call.first("GET", USERS, page_size=2).json()
    assert (body["count"], len(body["results"]), "page=2" in body["next"]) == (3, 2, True)
    assert call.first("GET", USERS, page_size=2, page=2).json()["next"] is None
    assert call.first("GET", USERS, page_size=2, page=3).status_code == 404
    call.running.allow(bare_arrays=True)
    assert len(call.first("GET", USERS).json()) == 3


def test_a_user_is_found_by_address_and_let_in_or_out(call):
    ada = call.learner("ada")
    call.learner("bo")
    (found,) = call.first("GET", USERS, user__email="ada@partner.example").json()["results"]
    assert found["user"]["id"] == ada
    assert call.first("PATCH", f"{USERS}/{ada}", {"active": False}).json()["active"] is False
    assert call.first("PATCH", f"{USERS}/nobody", {"active": False}).status_code == 404


def test_another_domain_is_not_found(call):
    assert call.first("GET", "domains/elsewhere.example/users").status_code == 404


def test_a_path_enrolment_is_one_per_user_and_moment(call):
    place, ada = f"{DOMAIN}/published-paths/{call.path}/published-path-enrollments", call.learner("ada")
    body = {"user": {"id": ada}, "enrolled_at": "2026-11-20T08:00:00Z"}
    made = [call.first("POST", place, body).json()["id"] for _ in range(2)]
    other = call.first("POST", place, {**body, "enrolled_at": "2026-11-20T08:00:01Z"}).json()["id"]
    assert made[0] == made[1] != other
    assert len(call.first("GET", place).json()["results"]) == 2


def test_a_path_enrolment_needs_a_user_and_a_path_that_are_there(call):
    place = f"{DOMAIN}/published-paths/{call.path}/published-path-enrollments"
    assert call.first("POST", place, {"user": {"id": "nobody"}}).status_code == 400
    assert call.first("GET", f"{DOMAIN}/published-paths/gone/published-path-enrollments").status_code == 404
    (path,) = call.first("GET", f"{DOMAIN}/published-paths").json()["results"]
    assert path["path"]["title"] == "Partner technical path"
