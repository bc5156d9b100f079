"""Each code has one recovery, and a person gets a remedy."""

import pytest

from connectors.base import Rejected, Retry
from connectors.dispositions import Recovery
from connectors.errors import BadCredentials, RetryLater, StopMapping
from connectors.partnerstack.errors import Refused, disposition, message_of
from tests.unit.connectors.classified import cases, codes_of, shows
from tests.unit.connectors.partnerstack.conftest import PARTNER, Reading, write, written

EXPECTED = {
    Recovery.RETRY: "HTTP_408 HTTP_425 HTTP_429 HTTP_500 HTTP_502 HTTP_503 HTTP_504",
    Recovery.REAUTHENTICATE: "HTTP_401",
    Recovery.STOP: "HTTP_403 HTTP_405",
    Recovery.PARK: "HTTP_400 HTTP_409 HTTP_413 HTTP_422",
    Recovery.RESOLVE: "HTTP_404 HTTP_410",
}
CASES = cases(EXPECTED)
RAISED = {401: BadCredentials, 403: StopMapping, 405: StopMapping, 429: RetryLater}


@pytest.mark.parametrize(("code", "recovery"), CASES)
def test_a_known_code_has_its_recovery_and_a_remedy(code, recovery):
    found = disposition(code)
    assert shows(found) == (recovery, True, True)


def test_no_code_of_the_table_is_left_out_here():
    assert codes_of("connectors.partnerstack") == {code for code, _ in CASES}


@pytest.mark.parametrize(("code", "recovery"), [("HTTP_418", Recovery.PARK), ("HTTP_599", Recovery.RETRY)])
def test_a_code_that_nobody_has_classified_parks_the_record_unless_the_server_is_broken(code, recovery):
    assert (disposition(code).recovery, disposition(code).known) == (recovery, False)


@pytest.mark.parametrize("code", [code for code, _ in CASES])
def test_a_write_meets_each_refusal_with_its_recovery(stack, code):
    deal, status = stack.act("submit_deal", PARTNER, "Acme")["key"], int(code.removeprefix("HTTP_"))
    stack.arm(kind="status", status=status, nth=(1,), method="PATCH", message="So says the vendor")
    one = write("registration_outcome", deal, fields={"next_step": "wait"})
    if status in RAISED:
        with pytest.raises(RAISED[status], match="So says the vendor"):
            written(stack.sink(), one)
        return
    (outcome,) = written(stack.sink(), one)
    wanted = Retry if disposition(code).recovery is Recovery.RETRY else Rejected
    assert isinstance(outcome, wanted)
    assert "So says the vendor" in outcome.reason


@pytest.mark.parametrize("code", [code for code, _ in CASES])
def test_a_reading_meets_each_refusal_with_its_recovery(stack, code):
    stack.arm(kind="status", status=int(code.removeprefix("HTTP_")), nth=(1,), message="So says the vendor")
    wanted = {Recovery.RETRY: RetryLater, Recovery.REAUTHENTICATE: BadCredentials}
    with pytest.raises(wanted.get(disposition(code).recovery, StopMapping), match="So says the vendor"):
        Reading(stack.source(), "registration").poll()


@pytest.mark.parametrize(
    ("body", "words"),
    [({"message": "No such deal", "status": 404}, "No such deal"), ("<html>\n down</html>", "<html> down</html>")],
)
def test_the_vendors_words_are_kept(body, words):
    assert Refused(404, message_of(body)).reason == f"HTTP_404: {words}"
