"""What a partner sees of an overlap in its own system, where the deployment shares it."""

import pytest

from schemas.codec import decode
from schemas.entities import Account, Population
from schemas.messages import MatchBy, Write
from streams.accounts.mirror import Sharing
from tests.unit.streams.accounts.flow import Flow, changed

OURS = Account(name="Acme Robotics GmbH", website="acme.com", population=Population.CUSTOMER, owner_name="Dana Reyes")
THEIRS = Account(name="Acme Robotics", website="https://acme.com")


@pytest.fixture
def flow() -> Flow:
    return Flow(sharing=Sharing("Borealis", {"acme-list": "our-crm"}))


def told(flow: Flow) -> list[Write]:
    flow.settle()
    return [decode(record) for record in flow.broker.read("writes.acme-list")]


def as_it_stands(flow: Flow) -> dict[str, object]:
    return {name: value for write in told(flow) for name, value in write.fields.items()}


def test_the_partner_sees_our_account_on_its_own(flow):
    flow.publish(changed("us", "001", 1, OURS), changed("partner:acme", "b1", 2, THEIRS))
    [write] = told(flow)
    assert (write.connection, write.entity, write.match_by) == ("acme-list", "overlap", MatchBy.EXTERNAL_ID)
    seen = write.fields
    assert (seen["account"], seen["partner_account"], seen["partner_account_name"]) == ("b1", "001", OURS.name)
    assert (seen["partner_name"], seen["partner_owner_name"]) == ("Borealis", "Dana Reyes")
    assert (seen["our_population"], seen["partner_population"]) == ("prospect", "customer")
    assert write.reasons == tuple(seen["reasons"])


def test_nothing_is_shown_to_a_partner_that_does_not_take_it():
    silent = Flow()
    silent.publish(changed("us", "001", 1, OURS), changed("partner:acme", "b1", 2, THEIRS))
    assert told(silent) == []
    assert silent.active()


def test_nothing_is_shown_of_another_connection_of_ours():
    other = Flow(sharing=Sharing("Borealis", {"acme-list": "our-other-crm"}))
    other.publish(changed("us", "001", 1, OURS), changed("partner:acme", "b1", 2, THEIRS))
    assert told(other) == []


def test_an_edit_of_ours_that_shows_reaches_the_partner_once(flow):
    flow.publish(changed("us", "001", 1, OURS), changed("partner:acme", "b1", 2, THEIRS))
    flow.settle()
    renamed = OURS.model_copy(update={"owner_name": "Tom Hale"})
    flow.publish(changed("us", "001", 3, renamed), changed("us", "001", 3, renamed))
    writes = told(flow)
    assert len(writes) == 2
    assert writes[1].fields["partner_owner_name"] == "Tom Hale"


def test_an_overlap_that_ends_is_closed_at_the_partner_too(flow):
    flow.publish(changed("us", "001", 1, OURS), changed("partner:acme", "b1", 2, THEIRS))
    flow.settle()
    flow.publish(changed("us", "001", 3, None))
    assert as_it_stands(flow)["status"] == "ended"
    assert len({write.key for write in told(flow)}) == 1


def test_a_better_match_of_the_partner_moves_the_same_record_to_its_account(flow):
    weaker = THEIRS.model_copy(update={"name": "Acme Robotics Services", "website": None})
    flow.publish(changed("us", "001", 1, OURS), changed("partner:acme", "b1", 2, weaker))
    flow.settle()
    flow.publish(changed("partner:acme", "b2", 3, THEIRS))
    assert as_it_stands(flow)["account"] == "b2"
    assert as_it_stands(flow)["status"] == "active"
