"""Users as the web services of 4.5.6 take and show them."""

import pytest

from tests.contract.sandbox.moodle.conftest import code, learner, rows

CREATE, UPDATE, BY_FIELD = "core_user_create_users", "core_user_update_users", "core_user_get_users_by_field"


def test_a_user_is_made_and_found(call):
    (made,) = call(CREATE, **rows("users", learner("ada", institution="Partner Robotics")))
    (found,) = call(BY_FIELD, **{"field": "email", "values[0]": "ada@partner.example"})
    assert (made["username"], found["id"], found["institution"]) == ("ada", made["id"], "Partner Robotics")


@pytest.mark.parametrize(
    "wrong",
    [{"username": "Ada"}, {"email": "ada"}, {"lang": "tlh"}, {"createpassword": "true"}, {"shoesize": 43}, {"firstname": ""}],
)  # fmt: skip
def test_what_is_wrong_with_a_user_is_a_bare_invalid_parameter(call, wrong):
    refused = call.raw(CREATE, **rows("users", learner("ada", **wrong)))
    assert (refused.status_code, code(refused.json())) == (200, "invalidparameter")


def test_a_user_who_is_there_is_the_same_bare_refusal(call):
    call.make("ada")
    assert code(call(CREATE, **rows("users", learner("ada")))) == "invalidparameter"


def test_a_weak_password_has_its_words_as_its_code(call):
    row = {**learner("ada"), "password": "short"}
    del row["createpassword"]
    assert code(call(CREATE, **rows("users", row))).startswith("<div>")


def test_a_batch_is_rolled_back_but_its_events_had_gone_out(call):
    before = len(call.running.site.events)
    assert code(call(CREATE, **rows("users", learner("ada"), learner("Bo")))) == "invalidparameter"
    assert call.running.site.living() == []
    ghosts = [each.name.rpartition("\\")[2] for each in call.running.site.events[before:]]
    assert ghosts == ["user_created"]


def test_the_number_of_a_rolled_back_user_is_not_given_again(call):
    call(CREATE, **rows("users", learner("ada"), learner("Bo")))
    ghost = call.running.site.events[-1].related
    (made,) = call(CREATE, **rows("users", learner("ada")))
    assert made["id"] > ghost


def test_an_update_warns_of_each_by_itself(call):
    ada, bo = call.make("ada", "bo")
    answer = call(UPDATE, **rows("users", {"id": ada, "email": "bo@partner.example"}, {"id": bo, "suspended": 1}))
    (warning,) = answer["warnings"]
    assert (warning["itemid"], warning["warningcode"]) == (ada, "useremailduplicate")
    assert call.running.site.user(bo).suspended


def test_a_deleted_user_is_found_by_nobody(call):
    (ada,) = call.make("ada")
    call.door("edit", body={"id": ada, "delete": True})
    assert call(BY_FIELD, **{"field": "id", "values[0]": ada}) == []
    assert call("core_user_get_users", **rows("criteria", {"key": "email", "value": "%"}))["users"] == []


def test_a_search_takes_wildcards_and_no_case_and_a_lookup_does_not(call):
    call.make("ada")
    found = call("core_user_get_users", **rows("criteria", {"key": "email", "value": "%@PARTNER.example"}))
    assert [each["firstname"] for each in found["users"]] == ["Ada"]
    assert call(BY_FIELD, **{"field": "email", "values[0]": "ADA@partner.example"}) == []


def test_a_search_key_that_is_unknown_is_ignored_with_a_warning(call):
    call.make("ada")
    answer = call("core_user_get_users", **rows("criteria", {"key": "shoesize", "value": "43"}))
    assert (len(answer["users"]), answer["warnings"][0]["warningcode"]) == (1, "invalidfieldparameter")


def test_one_bad_address_refuses_the_lookup_of_all(call):
    assert code(call(BY_FIELD, **{"field": "email", "values[0]": "ada@partner.example", "values[1]": "x"})) == (
        "invalidparameter"
    )


def test_what_the_tokens_user_may_not_see_is_left_out(call):
    call.make("ada")
    call.running.allow(capabilities=["moodle/user:viewdetails"])
    (found,) = call(BY_FIELD, **{"field": "email", "values[0]": "ada@partner.example"})
    assert "username" not in found
    assert "lang" not in found
