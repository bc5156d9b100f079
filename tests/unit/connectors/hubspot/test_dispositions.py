"""Each code has one recovery, and a person gets a remedy."""

import pytest

from connectors.dispositions import Recovery
from connectors.hubspot.errors import Failure, disposition, of_answer, of_error
from tests.unit.connectors.classified import cases, codes_of, shows

EXPECTED = {
    Recovery.RETRY: """TEN_SECONDLY_ROLLING SECONDLY RATE_LIMITS RATE_LIMIT INTERNAL_ERROR TIMEOUT UNANSWERED HTTP_408
        HTTP_423 HTTP_429 HTTP_477""",
    Recovery.REAUTHENTICATE: "EXPIRED_AUTHENTICATION INVALID_AUTHENTICATION HTTP_401",
    Recovery.PAUSE: "DAILY BANNED",
    Recovery.PARK: """VALIDATION_ERROR INVALID_OPTION INVALID_DOUBLE INVALID_INTEGER INVALID_LONG INVALID_DATE
        INVALID_BOOLEAN INVALID_EMAIL PROPERTY_VALUE_TOO_LONG CONFLICT CONFLICTING_UNIQUE_VALUE OBJECT_ALREADY_EXISTS
        REQUIRED_FIELD_MISSING crm.associations.INVALID_ASSOCIATION_TYPE crm.associations.INVALID_IDENTIFIER PARENT_NOT_POSSIBLE
        HTTP_413""",
    Recovery.STOP: """PROPERTY_DOESNT_EXIST READ_ONLY_VALUE UNKNOWN_OBJECT_TYPE NON_UNIQUE_KEY MISSING_SCOPES
        USER_DOES_NOT_HAVE_PERMISSIONS FORBIDDEN HTTP_403 HTTP_414""",
    Recovery.RESOLVE: "OBJECT_NOT_FOUND HTTP_404",
}  # fmt: skip
CASES = cases(EXPECTED)


@pytest.mark.parametrize(("code", "recovery"), CASES)
def test_a_known_code_has_its_recovery_and_a_remedy(code, recovery):
    found = disposition(Failure(code, "as the vendor says"))
    assert shows(found) == (recovery, True, True)


def test_no_code_of_the_table_is_left_out_here():
    assert codes_of("connectors.hubspot") == {code for code, _ in CASES}


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521])
def test_whatever_the_body_says_a_broken_server_is_tried_again(status):
    for body in ("<html>Bad gateway</html>", {"status": "error", "category": "VALIDATION_ERROR"}, {}):
        assert disposition(of_answer(body, status)).recovery is Recovery.RETRY


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"errorType": "RATE_LIMIT", "policyName": "DAILY", "message": "m"}, 429, "DAILY"),
        ({"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}, 429, "TEN_SECONDLY_ROLLING"),
        ({"category": "VALIDATION_ERROR", "errors": [{"code": "INVALID_OPTION"}]}, 400, "INVALID_OPTION"),
        ({"category": "VALIDATION_ERROR", "subCategory": "crm.associations.INVALID_IDENTIFIER"}, 400,
         "crm.associations.INVALID_IDENTIFIER"),
        ({"message": "Unable to infer object type from: widgets"}, 400, "UNKNOWN_OBJECT_TYPE"),
        ({"category": "VALIDATION_ERROR", "message": "Unable to perform upsert by non-unique 0-2 property x"}, 400,
         "NON_UNIQUE_KEY"),
        ({"category": "CONFLICT", "message": "Contact already exists. Existing ID: 17"}, 409, "CONFLICT"),
        ({"message": "resource not found"}, 404, "HTTP_404"),
        ("<html>too long</html>", 414, "HTTP_414"),
        ([], 400, "HTTP_400"),
    ],
)  # fmt: skip
def test_every_shape_of_a_refused_answer_gives_its_most_telling_code(body, status, code):
    assert of_answer(body, status).code == code


def test_a_refused_input_keeps_words_and_properties():
    inner = [{"code": "INVALID_OPTION", "context": {"propertyName": ["dealstage"]}}]
    failure = of_error({"category": "VALIDATION_ERROR", "message": "not\n one", "errors": inner})
    assert (failure.reason, failure.properties) == ("INVALID_OPTION: not one", ("dealstage",))
