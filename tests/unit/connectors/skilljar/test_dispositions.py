"""Each code has one recovery, and a person gets a remedy; every shape of an error body is understood."""

import pytest

from connectors.dispositions import Failure, Recovery
from connectors.skilljar.errors import disposition, of_answer, of_row
from tests.unit.connectors.classified import cases, codes_of, shows

EXPECTED = {
    Recovery.RETRY: "internal_error HTTP_408 HTTP_409 HTTP_429 HTTP_500 HTTP_503",
    Recovery.REAUTHENTICATE: "invalid_client invalid_grant unauthorized_client HTTP_401",
    Recovery.PARK: """validation_error duplicate_email duplicate_in_batch duplicate_name already_enrolled
        already_published not_in_domain HTTP_400 HTTP_422""",
    Recovery.STOP: "HTTP_402 HTTP_403 HTTP_405",
    Recovery.RESOLVE: "not_found HTTP_404",
}
CASES = cases(EXPECTED)


@pytest.mark.parametrize(("code", "recovery"), CASES)
def test_a_known_code_has_its_recovery_and_a_remedy(code, recovery):
    found = disposition(Failure(code, "as Skilljar says"))
    assert shows(found) == (recovery, True, True)


def test_no_code_of_the_table_is_left_out_here():
    assert codes_of("connectors.skilljar") == {code for code, _ in CASES}


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"detail": "Not found."}, 404, "HTTP_404", "Not found."),
        ({"user": ["Enter a valid email address."]}, 400, "HTTP_400", "Enter a valid email address."),
        ({"errors": [{"status": "422", "code": "validation_error", "title": "x", "detail": "Bad."}]}, 422,
         "validation_error", "Bad."),
        ({"errors": [{"status": "401", "code": "not_found", "title": "x", "detail": "Expired."}]}, 401, "HTTP_401",
         "Expired."),
        ({"error": "invalid_client", "error_description": "No."}, 401, "invalid_client", "invalid_client No."),
        ("<html>Bad gateway</html>", 502, "HTTP_502", "<html>Bad gateway</html>"),
        (None, 500, "HTTP_500", "no words"),
    ],
)  # fmt: skip
def test_every_shape_of_an_error_gives_its_code_and_its_words(body, status, code, words):
    assert of_answer(body, status) == Failure(code, words)


def test_a_failed_row_of_a_batch_has_its_own_code():
    row = {"status": "failed", "id": None, "error": {"code": "not_in_domain", "detail": "Not there.", "source": None}}
    assert of_row(row) == Failure("not_in_domain", "Not there.")
