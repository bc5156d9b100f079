"""What one statement says, and by which id it is known."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.xapi.statements import VOIDED, Malformed, read
from tests.unit.connectors.xapi.conftest import said

ACCOUNT = {"account": {"homePage": "https://lms.acme.com", "name": "ada"}}
ANOTHER = "0f9e8d7c-6b5a-4938-a271-605f4e3d2c1b"


@pytest.mark.parametrize(
    ("actor", "learner", "email"),
    [
        ({"mbox": "mailto:Ada@acme.com"}, "mailto:ada@acme.com", "Ada@acme.com"),
        ({"mbox_sha1sum": "AB" * 20}, "ab" * 20, ""),
        ({"openid": "https://id.acme.com/ada"}, "https://id.acme.com/ada", ""),
        (ACCOUNT, "https://lms.acme.com|ada", ""),
    ],
)
def test_each_way_of_naming_a_person_is_read(actor, learner, email):
    row = read({**said(), "actor": actor}).row
    assert (row["learner"]["id"], row["learner"]["email"]) == (learner, email)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"actor": {}}, "actor"),
        ({"actor": {"mbox": "mailto:ada@acme.com", "openid": "https://id.acme.com/ada"}}, "actor"),
        ({"actor": {"mbox": "ada@acme.com"}}, "actor.mbox"),
        ({"verb": {"id": "completed"}}, "verb.id"),
        ({"object": {"id": "course 7"}}, "object"),
        ({"object": {}}, "object"),
        ({"verb": {"id": VOIDED}}, "statement"),
        ({"result": {"score": {"scaled": 1.5}}}, "result.score.scaled"),
        ({"result": {"success": "yes"}}, "result.success"),
        ({"timestamp": "2026-11-22T10:00:00"}, "timestamp"),
        ({"timestamp": 1_795_000_000}, "timestamp"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"id": "17"}, "id"),
        ({"context": {"registration": "17"}}, "context.registration"),
    ],
)
def test_what_no_store_would_take_is_refused_by_the_name_of_its_field(change, field):
    with pytest.raises(Malformed) as refused:
        read({**said(), **change})
    assert refused.value.field == field


@pytest.mark.parametrize("raw", [None, 7, "statement", [], {}])
def test_what_is_no_statement_is_refused(raw):
    with pytest.raises(Malformed):
        read(raw)


def test_a_statement_keeps_the_id_that_it_has():
    it = read(said(id=ANOTHER.upper()))
    assert (it.id, it.given) == (ANOTHER, True)


SAYINGS = st.fixed_dictionaries(
    {},
    optional={
        "timestamp": st.sampled_from(["2026-11-22T10:00:00Z", "2026-11-22T11:00:00+01:00", "2026-11-23T10:00:00Z"]),
        "context": st.sampled_from([{"registration": ANOTHER}, {"platform": "Moodle"}]),
        "verb": st.sampled_from(
            [{"id": "http://x.org/passed"}, {"id": "http://x.org/failed", "display": {"en": "no"}}]
        ),
        "actor": st.sampled_from([ACCOUNT, {**ACCOUNT, "name": "Ada Okafor"}]),
        "authority": st.just({"mbox": "mailto:lms@acme.com"}),
    },
)


def meant(saying):
    """What makes it that statement."""
    return (
        read({**said(), **saying}).at,
        saying.get("context", {}).get("registration"),
        saying.get("verb", {}).get("id"),
        "actor" in saying,
    )


@given(SAYINGS, SAYINGS)
def test_without_an_id_the_same_words_have_the_same_one_and_others_another(one, other):
    first, second = read({**said(), **one}), read({**said(), **other})
    assert UUID(first.id).version == 5
    assert not first.given
    assert (first.id == second.id) == (meant(one) == meant(other))


def test_what_a_store_adds_changes_no_digest_and_another_result_does():
    it = read(said(id=ANOTHER))
    added = {"stored": "2026-11-22T10:00:00Z", "timestamp": "2026-11-22T10:00:00Z", "version": "1.0.0"}
    assert read(said(id=ANOTHER, **added)).digest == it.digest
    assert read(said(id=ANOTHER, result={"success": False})).digest != it.digest


@pytest.mark.parametrize(
    ("language", "name"), [("de", "Roboter"), ("en", "Robots"), ("en-GB", "Robots"), ("fr", "Roboter")]
)
def test_the_name_is_in_the_language_wanted_or_near_it_or_in_the_first(language, name):
    assert read(said(), language).row["item"]["name"] == name


@pytest.mark.parametrize(
    "change",
    [
        {"actor": {"objectType": "Group", "member": [{"mbox": "mailto:ada@acme.com"}]}},
        {"actor": {"objectType": "Group", "mbox": "mailto:team@acme.com"}},
        {"object": {"objectType": "Agent", "mbox": "mailto:bob@acme.com"}},
        {"object": {"objectType": "StatementRef", "id": ANOTHER}},
        {"object": {"objectType": "SubStatement", "actor": ACCOUNT, "verb": {"id": "http://x.org/v"}}},
    ],
)
def test_what_is_about_no_person_or_no_activity_is_left_out_and_is_no_mistake(change):
    assert read({**said(), **change}).left_out is not None


def test_a_voiding_statement_names_the_statement_that_it_takes_back():
    it = read(said(verb=VOIDED, object={"objectType": "StatementRef", "id": ANOTHER}))
    assert (it.left_out, it.row["item"]["id"]) == (None, ANOTHER)
