"""Each code has one recovery, and a person gets a remedy."""

import pytest

from connectors.dispositions import Failure, Recovery
from connectors.moodle.errors import disposition, of_exception, of_warning
from tests.unit.connectors.classified import cases, codes_of, shows

EXPECTED = {
    Recovery.RETRY: "HTTP_500 HTTP_429 HTTP_503 dmlreadexception dmlwriteexception",
    Recovery.REAUTHENTICATE: "invalidtoken",
    Recovery.PAUSE: "sitemaintenance",
    Recovery.PARK: """invalidparameter worded wsusercannotassign wsnoinstance wscannotenrol useremailduplicate
        useremailinvalid usernotupdatedadmin usernotconfirmed guestsarenotallowed nocriteriaset usernotenroled
        keyalreadyset codingerror Error warning_1 warning_3""",
    Recovery.STOP: """EMPTY HTTP_403 HTTP_404 accessexception invalidrecord nopermissions badgesdisabled
        manualpluginnotinstalled errorcoursecontextnotvalid""",
    Recovery.RESOLVE: "invaliduser invaliduserid userdeleted usernotupdateddeleted invalidcourseid warning_2",
}
CASES = cases(EXPECTED)


@pytest.mark.parametrize(("code", "recovery"), CASES)
def test_a_known_code_has_its_recovery_and_a_remedy(code, recovery):
    found = disposition(Failure(code, "as Moodle says"))
    assert shows(found) == (recovery, True, True)


def test_no_code_of_the_table_is_left_out_here():
    assert codes_of("connectors.moodle") == {code for code, _ in CASES}


def test_a_refused_password_whose_code_is_html_is_read_as_words():
    words = '<div class="box">The password must have at least 8&nbsp;characters</div>'
    failure = of_exception({"exception": "moodle_exception", "errorcode": words, "message": f"error/{words}"})
    assert failure == Failure("worded", "The password must have at least 8 characters")


def test_html_in_a_message_is_no_longer_html():
    failure = of_exception({"errorcode": "nopermissions", "message": "Sorry,<br/>no <b>permission</b> &amp; no luck"})
    assert failure.message == "Sorry, no permission & no luck"


def test_an_exception_without_a_code_is_named_by_its_kind():
    assert of_exception({"exception": "dml_read_exception", "message": "?"}).code == "dml_read_exception"


@pytest.mark.parametrize(("code", "known"), [("2", "warning_2"), ("useremailduplicate", "useremailduplicate")])
def test_a_warning_is_named_by_its_code(code, known):
    assert of_warning({"warningcode": code, "message": "m"}) == Failure(known, "m")
