"""What the state of account mapping relies on: rows come back as they were, and what matching reads is watched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.entities import Account
from streams.accounts import keys
from streams.accounts.holders import Counts, Holder, Rows, Stale
from streams.matching.features import Account as Matched
from streams.matching.features import features

texts = st.text(st.characters(codec="utf-8"), max_size=20)
names = st.builds(lambda text: Account(name=f"A {text}"), texts)


@given(
    account=names,
    version=st.integers(0, 2**40),
    met=st.lists(st.from_regex(r"us/[a-z]+/account/[0-9]+", fullmatch=True)),
)
def test_a_holder_comes_back_as_it_was_stored_whatever_its_name_holds(account, version, met):
    card = '{"name":"\\u001e"}'
    holder = Holder(version, "2026-01-01T00:00:00+00:00", features(account).dumps(), card, tuple(met))
    assert Rows().validate_json(Rows().dump_json(holder)) == holder


@given(counts=st.dictionaries(st.sampled_from(["us", "partner:acme"]), st.integers(1, 10**6)))
def test_counts_come_back_as_they_were_stored(counts):
    assert Rows().validate_json(Rows().dump_json(Counts(counts))) == Counts(counts)


def test_a_row_of_the_first_version_counts_as_none():
    assert Rows().validate_json(b'{"key":"domain:acme.com","version":3}') == Stale()


UNWATCHED = [
    name
    for name, field in Account.model_fields.items()
    if name not in {*keys.MATCHED, "registration_ids"} and field.examples
]


@pytest.mark.parametrize("name", UNWATCHED)
def test_what_is_not_watched_for_changes_is_nothing_that_matching_reads(name):
    account = Account(name="Acme Robotics GmbH", website="acme.com", country="DE")
    example = Account.model_fields[name].examples[0]
    changed = Account.model_validate({**account.model_dump(), name: example})
    assert getattr(changed, name) != getattr(account, name)
    assert features(changed) == features(account)


def test_whatever_matching_names_of_an_account_is_watched_for_changes():
    read = {name for name, kind in vars(Matched).items() if isinstance(kind, property)}
    assert "name" in read
    assert read <= {*keys.MATCHED, "registration_ids"}
