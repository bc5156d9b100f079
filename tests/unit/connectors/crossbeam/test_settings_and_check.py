"""What a connection can be told, and what a check says of it without spending an export."""

import pytest
from pydantic import ValidationError

from connectors import crossbeam

ORGANIZATION = "36dff61a-70b1-4201-9e99-5f37cd2b6650"
TOKEN = {"method": "token", "token": "t"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"organization": "Dunder Mifflin"}, "pattern"),
        ({"base_url": "http://api.crossbeam.com"}, "use https"),
        ({"partners": {"Acme Cloud": "Acme Cloud!"}}, "is no partner key"),
        ({"partners": {"Acme Cloud": "acme", "acme cloud": "other"}}, "stands here twice"),
        ({"exports_renew": "02-29"}, "month and day"),
        ({"webhooks": {"secret": "s", "path": "/crossbeam"}}, "pattern"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(changes, words):
    with pytest.raises(ValidationError, match=words):
        crossbeam.Settings(**{"organization": ORGANIZATION, "auth": TOKEN, **changes})


def test_a_check_tells_the_organization_and_who_is_left_out_and_costs_no_export(beam):
    beam.act("partner", "Borealis")
    beam.share()
    findings = beam.found()
    assert all(finding.ok for finding in findings.values())
    assert findings["organization"].detail == "signed in for Dunder Mifflin"
    assert findings["partners"].detail == "1 of 2 are mapped; left out: Borealis"
    assert beam.network.exported == 0


def test_a_partner_that_nobody_knows_is_told_with_the_nearest_name(beam):
    finding = beam.found(partners={"Acme Clout": "acme"})["partner acme clout"]
    assert (finding.ok, finding.remedy) == (False, "did you mean 'Acme Cloud'?")


def test_another_organization_than_the_users_is_told_with_those_that_there_are(beam):
    finding = beam.found(organization=ORGANIZATION[:-1] + "1")["organization"]
    assert (finding.ok, ORGANIZATION in finding.remedy) == (False, True)


def test_a_sign_in_that_is_refused_is_told(beam):
    (finding,) = beam.found(auth=TOKEN).values()
    assert (finding.ok, finding.remedy.startswith("check `auth`")) == (False, True)
