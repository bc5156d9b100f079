"""Which tokens an account has, and what a token does and does not say."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.entities import Account
from streams.matching.features import Features, features
from streams.matching.tokens import BYTES, MOST_OF_A_TYPE, Said, said, token

KEY = bytes(range(32))
ACME = features(
    Account(
        name="Acme Robotics GmbH",
        website="https://www.acme-robotics.com",
        country="Germany",
        city="Köln",
        postal_code="50667",
        street="Domstr. 1",
        phone="+49 221 1234567",
        registration_ids={"duns": "15-048-3782"},
    )
)
values = st.text("abc1.|\x1f", max_size=4)


def types(account: Features) -> set[str]:
    return {each.type for each in said(account)}


def tokens(account: Account) -> set[tuple[str, bytes]]:
    return {(each.type, token(KEY, each)) for each in said(features(account))}


def test_an_account_has_a_token_for_each_thing_that_it_says_of_itself() -> None:
    assert types(ACME) == {
        "id.duns",
        "domain",
        "any domain",
        "spelling",
        "name",
        "name of bits 10",
        "name of bits 14",
        "name+country",
        "name+city",
        "name+postal",
        "words",
        "word",
        "word+country",
        "first+country",
        "start+country",
        "letters+country",
        "phone",
        "street+postal",
    }


def test_what_an_account_does_not_say_has_no_token() -> None:
    assert types(features(Account(name="Acme"))) == {"spelling", "name", "word"}
    nameless = ACME._replace(words=(), ids=(), domains=(), street="", phones=())
    assert said(nameless) == ()


def test_one_company_written_in_two_ways_has_the_same_tokens() -> None:
    one = tokens(Account(name="Acme Robotics GmbH", website="https://www.acme.com/de", country="Germany", city="Köln"))
    other = tokens(Account(name="ACME ROBOTICS", website="acme.com", country="DE", city="Koeln"))
    assert one == other


def test_a_domain_that_spells_the_name_of_the_other_side_meets_it_in_one_type() -> None:
    by_site = tokens(Account(name="Something else", website="https://acmerobotic.com"))
    by_name = tokens(Account(name="Acme Robotics"))
    assert {kind for kind, _ in by_site & by_name} == {"spelling"}


def test_a_brand_on_one_side_meets_the_name_on_the_other() -> None:
    brand = tokens(Account(name="Borealis Software AG", other_names=("Northlight",)))
    assert ("spelling", token(KEY, Said("spelling", "northlight"))) in brand & tokens(Account(name="Northlight"))


def test_a_former_domain_and_one_of_contacts_meet_the_domain_of_the_other_side_in_a_type_of_their_own() -> None:
    today = tokens(Account(name="Acme", website="acme.com"))
    for known in ({"former_domains": ("acme.com",)}, {"contact_domains": ("acme.com",)}):
        other = Account.model_validate({"name": "Another", "website": "other.com", **known})
        assert {kind for kind, _ in today & tokens(other)} == {"any domain"}


def test_a_parents_number_is_no_token_of_its_child() -> None:
    child = Account(name="Acme", registration_ids={"parent duns": "150483782"})
    assert not [each for each in said(features(child)) if each.type.startswith("id.")]


def test_the_deciding_types_come_first_and_none_has_more_than_four_tokens() -> None:
    many = ACME._replace(domains=tuple(f"d{n}.com" for n in range(9)))
    found = said(many)
    assert [each.type for each in found[:5]] == ["id.duns", *["domain"] * 4]
    assert max(sum(each.type == kind for each in found) for kind in types(many)) == MOST_OF_A_TYPE
    assert len(set(found)) == len(found)


def test_a_phone_number_too_short_to_tell_anybody_has_no_token() -> None:
    assert "phone" not in types(ACME._replace(phones=("123456",)))
    assert Said("phone", "1234567") in said(ACME._replace(phones=("492211234567",)))


def test_a_token_is_sixteen_bytes_that_another_key_makes_otherwise() -> None:
    each = Said("domain", "acme.com")
    assert len(token(KEY, each)) == BYTES == 16
    assert token(KEY, each) == token(KEY, each)
    assert token(KEY, each) != token(bytes(32), each)


def test_a_token_stays_what_it_is_from_release_to_release() -> None:
    """Two sides may run two releases: whoever changes this raises a version, and joins of the two are refused."""
    assert token(KEY, Said("domain", "acme.com"))[:4] == token_of_this_version("domain", "acme.com")[:4]


def token_of_this_version(kind: str, value: str) -> bytes:
    import hashlib
    import hmac

    from streams.matching import features as normaliser

    text = "\x1f".join(["tandem", "1", str(normaliser.VERSION), kind, value])
    return hmac.new(KEY, text.encode(), hashlib.sha256).digest()


@settings(max_examples=40, deadline=None)
@given(values, values)
def test_the_same_value_of_two_types_gives_two_tokens_and_two_values_give_two(one: str, other: str) -> None:
    assert token(KEY, Said("name", one)) != token(KEY, Said("domain", one))
    assert (token(KEY, Said("name", one)) == token(KEY, Said("name", other))) == (one == other)
