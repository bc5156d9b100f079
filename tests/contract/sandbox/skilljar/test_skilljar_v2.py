"""The second API as its description says: tokens, scopes, filters, cursors, rows of their own fate."""

import pytest

START = "2026-11-22T10:00:00Z"


def row(**attributes):
    return {"type": "enrollments", "attributes": attributes}


def codes(answer):
    return [each.get("error", {}).get("code", each["status"]) for each in answer.json()["data"]]


def test_a_token_lasts_a_quarter_of_an_hour(call):
    granted = call.grant().json()
    assert (granted["expires_in"], granted["token_type"]) == (900, "Bearer")
    assert call.second("GET", "enrollments/").status_code == 200
    call.door("clock", body={"seconds": 900})
    refused = call.second("GET", "enrollments/")
    assert (refused.status_code, set(refused.json())) == (401, {"errors"})


def test_a_token_is_granted_for_a_form_as_well_and_not_for_a_wrong_secret(call):
    form = {"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    assert call.grant(data=form).status_code == 200
    refused = call.grant("guessed")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert call.grant(json={**form, "grant_type": "password"}).json()["error"] == "unsupported_grant_type"


def test_a_scope_that_is_missing_is_forbidden(call):
    call.running.allow(scopes=())
    refused = call.second("GET", "certificates/")
    assert (refused.status_code, "certificates:read" in refused.json()["errors"][0]["detail"]) == (403, True)


def test_lists_come_by_opaque_cursors(call):
    ada, seen, cursor = call.learner("ada"), [], None
    for _ in range(5):
        call.door("enroll", body={"learner": ada, "published": call.published[0]})
    while True:
        body = call.second(
            "GET", "enrollments/", **{"page[size]": 2, **({"page[cursor]": cursor} if cursor else {})}
        ).json()
        seen += [each["id"] for each in body["data"]]
        cursor = body["next_cursor"]
        if not body["has_more"]:
            break
    assert seen == list(call.running.academy.data.enrollments)
    assert call.second("GET", "enrollments/", **{"page[cursor]": "?"}).status_code == 400
    assert call.second("GET", "enrollments/", **{"page[size]": 101}).status_code == 422


def test_enrolments_are_filtered_by_stamp_student_and_domain(call):
    ada, bo = call.learner("ada"), call.learner("bo")
    first = call.door("enroll", body={"learner": ada, "published": call.published[0]}).json()["id"]
    call.door("clock", body={"seconds": 60})
    second = call.door("enroll", body={"learner": bo, "published": call.published[0]}).json()["id"]
    call.door("complete", body={"enrollment": first})

    def found(**filters):
        asked = {f"filter[{name}]": value for name, value in filters.items()}
        return [each["id"] for each in call.second("GET", "enrollments/", **asked).json()["data"]]

    assert found(enrolled_gte="2026-11-22T10:01:00Z") == [second]
    assert found(completed_gte=START) == [first]
    assert found(**{"student.id": bo}) == [second]
    assert (found(domains="learn.acme.example"), found(domains="elsewhere.example")) == ([first, second], [])
    assert call.second("GET", "enrollments/", **{"filter[enrolled_gte]": "2026-11-22T10:01:00"}).status_code == 422


def test_a_course_takes_rows_of_which_each_has_its_own_fate(call):
    call.learner("ada")
    rows = [row(email=f"{name}@partner.example") for name in ("ADA", "ada", "nobody")]
    answer = call.second("POST", "enrollments/", {"published_course_id": call.published[0], "data": rows})
    assert (answer.status_code, codes(answer)) == (207, ["succeeded", "duplicate_in_batch", "not_in_domain"])
    assert answer.json()["summary"] == {"total": 3, "succeeded": 1, "failed": 2}
    again = call.second("POST", "enrollments/", {"published_course_id": call.published[0], "data": rows[:1]})
    assert codes(again) == ["already_enrolled"]


@pytest.mark.parametrize("rows", [[], [row(email="a@b.cd")] * 201])
def test_an_empty_or_too_large_batch_is_refused_as_a_whole(call, rows):
    body = {"published_course_id": call.published[0], "data": rows}
    assert call.second("POST", "enrollments/", body).status_code == 400


def test_students_are_renamed_row_by_row(call):
    ada = call.learner("ada")
    data = [{"type": "students", "id": id_, "attributes": {"last_name": "Reyes"}} for id_ in (ada, "nobody")]
    answer = call.second("PATCH", "students/", {"data": data})
    assert (answer.status_code, codes(answer)) == (207, ["succeeded", "not_found"])
    call.door("edit", body={"kind": "learners", "id": ada, "sso": True})
    assert codes(call.second("PATCH", "students/", {"data": data[:1]})) == ["validation_error"]


def test_certificates_are_filtered_by_issue_and_by_expiry(call):
    ada = call.learner("ada")
    for lasts in (60, None):
        call.door("certify", body={"learner": ada, "published": call.published[0], "lasts_s": lasts})
    call.door("clock", body={"seconds": 120})

    def count(**filters):
        asked = {f"filter[{name}]": value for name, value in filters.items()}
        return len(call.second("GET", "certificates/", **asked).json()["data"])

    assert [count(status=status) for status in ("all", "active", "expired")] == [2, 1, 1]
    assert (count(issued_gte=START), count(issued_gte="2026-11-22T10:00:01Z")) == (2, 0)
    assert call.second("GET", "certificates/", **{"filter[status]": "old"}).status_code == 422


def test_a_publication_comes_with_its_course_where_that_is_asked_for(call):
    body = call.second("GET", "published-courses/", include="course").json()
    assert [each["attributes"]["title"] for each in body["included"]] == [
        "Robot Fleet Basics",
        "Robot Fleet Operations",
    ]
    assert body["data"][0]["relationships"]["course"]["data"]["id"] == body["included"][0]["id"]
    assert "included" not in call.second("GET", "published-courses/").json()
