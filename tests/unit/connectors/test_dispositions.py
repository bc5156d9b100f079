"""Each recovery has its error; what no table names parks the record, unless the vendor's server is broken."""

import sys

import pytest

from connectors.dispositions import Dispositions, Failure, Recovery, Refused
from connectors.errors import BadCredentials, PauseConnection, RetryLater, StopMapping
from connectors.hubspot.errors import DISPOSITIONS as HUBSPOT
from connectors.moodle.errors import DISPOSITIONS as MOODLE
from connectors.partnerstack.errors import DISPOSITIONS as PARTNERSTACK
from connectors.skilljar.errors import DISPOSITIONS as SKILLJAR

RAISED = {
    Recovery.RETRY: RetryLater,
    Recovery.REAUTHENTICATE: BadCredentials,
    Recovery.PAUSE: PauseConnection,
    Recovery.PARK: Refused,
    Recovery.STOP: StopMapping,
    Recovery.RESOLVE: Refused,
}
VENDORS = [HUBSPOT, MOODLE, PARTNERSTACK, SKILLJAR]
every_vendor = pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.vendor)


@pytest.fixture
def refusals(tmp_path, monkeypatch):
    """What a file means that stands in a package of its own."""

    def made(text):
        package = tmp_path / "connector_of_a_test"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "dispositions.toml").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, package.name, raising=False)
        return Dispositions(package.name, "Acme")

    return made


@every_vendor
def test_each_code_raises_the_error_of_its_recovery_with_its_remedy(vendor):
    for code, known in vendor.table.items():
        error = vendor.raised(Failure(code, "as the vendor says"))
        assert type(error) is RAISED[known.recovery]
        assert f"{code}: as the vendor says" in str(error)
        assert getattr(error, "remedy", known.remedy) == known.remedy


@every_vendor
def test_a_code_that_nobody_has_classified_parks_the_record(vendor):
    found = vendor.of("a_code_of_next_summer")
    assert (found.recovery, found.known) == (Recovery.PARK, False)
    assert f"{vendor.vendor}'s documentation" in found.remedy


@every_vendor
def test_a_broken_server_is_tried_again_though_no_table_names_the_status(vendor):
    found = vendor.of("HTTP_599")
    assert (found.recovery, found.known) == (Recovery.RETRY, False)


def test_the_vendors_word_on_when_to_come_again_is_kept(refusals):
    error = refusals('[retry]\nHTTP_429 = "none needed"').raised(Failure("HTTP_429", "busy"), 7.0)
    assert isinstance(error, RetryLater)
    assert (error.after, error.reason) == (7.0, "Acme refuses: HTTP_429: busy")


def test_what_stands_in_a_list_is_no_table_of_codes(refusals):
    vendor = refusals('[park]\nBAD = "correct it"\n[[says]]\nwords = "not good"\ncode = "BAD"')
    assert (set(vendor.table), vendor.file["says"]) == ({"BAD"}, [{"words": "not good", "code": "BAD"}])


def test_a_table_that_is_no_recovery_is_refused(refusals):
    with pytest.raises(ValueError, match="parked"):
        _ = refusals('[parked]\nBAD = "correct it"').table
