"""The source on webhooks: they are hints, and none is answered before what it meant is committed."""

import pytest
import requests

from connectors.errors import BadInput
from schemas.messages import ChangeKind
from tests.unit.connectors.partnerstack.conftest import PARTNER, SECRET, Reading


@pytest.mark.parametrize("events", [("deal_created",), ("deal.created",)])
def test_a_webhook_in_either_spelling_is_answered_when_its_deal_is_committed(stack, listening, events):
    receiving = listening(*events)
    deal = stack.act("submit_deal", PARTNER, "Acme")["key"]
    sending = receiving.deliver()
    receiving.arrived()
    assert [each.record_id for each in receiving.reading.poll()] == [deal]
    assert not sending.done()
    receiving.reading.poll()
    assert sending.result() == [200]
    assert stack.calls() == stack.calls("GET /api/v2/deals/{key}") == 1


def test_what_was_not_committed_is_answered_503_and_comes_again(stack, listening):
    receiving = listening("deal_created", answer_s=0.1)
    deal = stack.act("submit_deal", PARTNER, "Acme")["key"]
    assert receiving.deliver().result() == [503]
    receiving.reading.poll()
    sending = receiving.deliver()
    receiving.arrived()
    assert [each.record_id for each in receiving.reading.poll()] == [deal]
    receiving.reading.poll()
    assert sending.result() == [200]


def test_a_webhook_tells_what_the_record_says_and_not_what_the_webhook_says(stack, listening):
    receiving = listening("deal_created")
    deal = stack.act("submit_deal", PARTNER, "Acme")["key"]
    stack.act("edit", "deals", deal, account_name="Acme Robotics")
    told, _ = receiving.told()
    assert [each.row["account_name"] for each in told] == ["Acme Robotics"]


def test_an_archived_deal_is_told_as_gone(stack, listening):
    deal = stack.act("submit_deal", PARTNER, "Acme")["key"]
    receiving = listening("deal.deleted")
    stack.act("archive", "deals", deal)
    told, statuses = receiving.told()
    assert ([(each.record_id, each.kind) for each in told], statuses) == ([(deal, ChangeKind.DELETED)], [200])


def test_a_partner_is_told_whole_though_its_webhook_and_its_address_show_a_part(stack, listening):
    receiving = listening("partnership.updated", entities=("partner",))
    stack.wait(60)
    stack.act("edit", "partnerships", PARTNER, tier_key="tier_3")
    told, _ = receiving.told()
    assert [(each.row["tier"]["name"], bool(each.row["times"]["joined_at"])) for each in told] == [("Platinum", True)]


def test_a_webhook_that_does_not_say_what_it_is_makes_everything_be_listed(opened):
    stack = opened(bodies="bare")
    from tests.unit.connectors.partnerstack.conftest import Listening

    receiving = Listening(stack, ["lead.created"], 4.0, ())
    stack.wait(60)
    stack.act("submit_lead", PARTNER, "ada@acme.com", form={"first_name": "Ada", "last_name": "Okafor"})
    told, statuses = receiving.told()
    receiving.close()
    assert ([each.entity for each in told], statuses) == (["partner_lead"], [200])


def test_a_webhook_about_nothing_that_is_there_tells_nothing_and_is_answered_at_once(stack, listening):
    receiving = listening("deal_created")
    sending = receiving.pool.submit(
        lambda: requests.post(f"{receiving.url}/{SECRET}", json={"event": "deal_created", "key": "deal_0"}, timeout=10)
    )
    receiving.arrived()
    assert receiving.reading.poll() == []
    assert sending.result().status_code == 200


def test_who_does_not_know_the_secret_changes_nothing(stack, listening):
    receiving = listening("deal_created")
    answer = requests.post(f"{receiving.url}/guessed", json={"event": "deal_created", "key": "deal_0"}, timeout=10)
    assert (answer.status_code, receiving.reading.poll(), stack.calls()) == (404, [], 0)


def test_what_no_webhook_told_is_found_by_listing(stack, listening):
    receiving = listening("lead_created")
    deal = stack.act("submit_deal", PARTNER, "Acme")["key"]
    stack.wait(899)
    assert receiving.reading.poll() == []
    stack.wait(1)
    assert [each.record_id for each in receiving.reading.poll()] == [deal]


def test_a_port_that_is_taken_is_told(stack, listening):
    receiving = listening("deal_created")
    taken = {"public_url": receiving.url, "secret": SECRET, "port": receiving.reading.source.receiver.port}
    with pytest.raises(BadInput, match="cannot be received"):
        Reading(stack.source(listener=taken)).poll()
