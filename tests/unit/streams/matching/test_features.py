"""What matching keeps of an account."""

import json

import pytest
from hypothesis import given

from streams.matching.features import Features, country_code, features, registered_domain
from tests.unit.streams.matching.accounts import AnAccount, acme
from tests.unit.streams.matching.strategies import accounts, wild


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.acme.co.uk/about?x=1", "acme.co.uk"),
        ("ACME.com", "acme.com"),
        ("ir.weibo-invest.com", "weibo-invest.com"),
        ("acme.wixsite.com/home", "acme.wixsite.com"),
        ("acme.github.io", "acme.github.io"),
        ("someone@acme.de", "acme.de"),
    ],
)
def test_the_registered_domain_is_what_a_company_registered(url: str, domain: str) -> None:
    assert registered_domain(url) == domain


@pytest.mark.parametrize(
    "url",
    [
        "facebook.com/acme",
        "https://www.linkedin.com/company/acme",
        "sites.google.com/view/acme",
        "gmail.com",
        "web.de",
        "co.uk",
        "localhost",
        "10.0.0.1",
        "n/a",
        "",
    ],
)
def test_hosts_that_many_share_and_nonsense_have_no_domain(url: str) -> None:
    assert registered_domain(url) == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Germany", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("Deutschland", "DE"),
        ("U.S.A.", "US"),
        ("Korea, Republic of", "KR"),
        ("South Korea", "KR"),
        ("Türkiye", "TR"),
        ("Czech Republic", "CZ"),
        ("UK", "GB"),
        ("Bosnia & Herzegovina", "BA"),
        ("Bosnia and Herzegovina", "BA"),
        ("Myanmar (Burma)", "MM"),
        ("Hong Kong", "HK"),
        ("Viet Nam", "VN"),
        ("Russian Federation", "RU"),
        ("Côte d'Ivoire", "CI"),
        ("Atlantis", ""),
        ("", ""),
    ],
)
def test_a_country_by_any_usual_name_is_its_iso_code(text: str, code: str) -> None:
    assert country_code(text) == code


def test_a_registration_number_survives_dashes_and_lost_zeros() -> None:
    assert acme(ids={"duns": "08-146-6849"}).ids == acme(ids={"D-U-N-S": "81466849"}).ids == (("duns", "081466849"),)


def test_the_website_comes_before_other_domains_and_each_domain_once() -> None:
    account = AnAccount(website="www.acme.com", domains=("acme.de", "acme.com", "gmail.com"))
    assert features(account).domains == ("acme.com", "acme.de")


def test_a_city_is_the_same_with_and_without_umlauts() -> None:
    assert acme(city="Köln").city == acme(city="KOELN").city


def test_features_of_another_version_are_refused_with_the_remedy() -> None:
    with pytest.raises(ValueError, match="compute them anew"):
        Features.loads('["Acme",["acme"]]')


@given(accounts)
def test_features_survive_being_written_as_text(account: AnAccount) -> None:
    found = features(account)
    assert Features.loads(found.dumps()) == found
    assert isinstance(json.loads(found.dumps()), list)


@given(wild)
def test_any_text_whatever_has_features(account: AnAccount) -> None:
    found = features(account)
    assert Features.loads(found.dumps()) == found


def test_former_domains_and_those_of_contacts_are_kept_apart_and_free_mail_is_dropped() -> None:
    found = acme(website="acme.com", former_domains=("acme.de",), contact_domains=("acme.com", "gmail.com", "acme.io"))
    assert (found.domains, found.former_domains, found.contact_domains) == (("acme.com",), ("acme.de",), ("acme.io",))


def test_a_further_name_that_says_nothing_new_is_dropped() -> None:
    found = acme("Acme Robotics", other_names=("ACME ROBOTICS GMBH", "Zyxtron"))
    assert (found.other_names, found.other_words) == (("Zyxtron",), (("zyxtron",),))


def test_a_postal_code_at_the_end_of_an_address_counts_where_there_is_no_other() -> None:
    assert acme(street="27 Washington Oak Park IL 60302").postal_code == "60302"
    assert acme(street="27 Washington IL 60302", postal_code="60301").postal_code == "60301"
