"""Sentences about what one decision says reaching those that take it."""

from datetime import UTC, datetime

from pydantic import BaseModel, TypeAdapter

from schemas import topics
from schemas.messages import PartnerDecided, TimePassed, Write
from schemas.messages.writes import MatchBy
from schemas.partners import PartnerStatus
from streams.decision import Decision, Emission, Step
from streams.feeding import feeding

AT = datetime(2026, 11, 22, tzinfo=UTC)
PARTNER = PartnerDecided(id="1", partner="acme", name="Acme Cloud", refs=(), status=PartnerStatus.ACTIVE, decided_at=AT)
WRITE = Write(
    id="2", connection="our-crm", entity="partner_standing", match_by=MatchBy.ID, key="1", fields={}, decided_at=AT
)


def said_of(*emissions: Emission) -> list[Emission]:
    step = Step(
        "any", topics.ENABLEMENT_CHANGES, TypeAdapter(BaseModel), lambda state, event: Decision({}, list(emissions))
    )
    return list(feeding(step, topics.PARTNER_FEEDS).decide(None, TimePassed(connection="c", at=AT)).emissions)  # type: ignore[arg-type]


def test_a_fact_goes_to_each_input_that_takes_it_under_that_input_s_one_key():
    fact = Emission(topics.PARTNERS, "acme", PARTNER, "an-id")
    said = said_of(fact)
    assert said[0] == fact
    fed = {(each.topic.name, each.key, each.event_id) for each in said[1:]}
    assert fed == {
        (name, topics.ONE_ORDER, "an-id") for name in ("leads.changes", "registrations.changes", "attribution.changes")
    }


def test_a_write_goes_where_it_went_and_nowhere_else():
    write = Emission(topics.writes("our-crm"), "k", WRITE)
    assert said_of(write) == [write]


def test_what_is_said_comes_first_and_in_its_order():
    first, second = Emission(topics.writes("our-crm"), "k", WRITE), Emission(topics.PARTNERS, "acme", PARTNER)
    assert said_of(first, second)[:2] == [first, second]
