"""What a webhook hints at, in either spelling; and who is believed."""

import pytest

from connectors.partnerstack.hints import Hints, hint, judge
from connectors.receiving import Answer, Delivery

SECRET = "4f5a6b7c8d9e0f1a2b3c"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"event": "deal_created", "id": 3, "key": "deal_1"}, ("deals", "deal_1")),
        ({"event": "deal.created", "key": "deal_1"}, ("deals", "deal_1")),
        ({"event_type": "lead.updated", "data": {"key": "lead_1"}}, ("leads", "lead_1")),
        ({"type": "reward.created", "reward_key": "rew_1"}, ("rewards", "rew_1")),
        ({"event": "partnership_group_updated", "id": 3, "partner_key": "john.smith"}, ("partnerships", "john.smith")),
        ({"event": "partnership.tags_updated", "partner_key": "john", "key": "part_1"}, ("partnerships", "john")),
        ({"event": "customer_deleted", "key": "cus_1", "partner_key": "john"}, ("customers", "cus_1")),
        ({"event": "deal.created", "key": "../partnerships/x"}, None),
        ({"event": "deal.created", "key": ".."}, None),
        ({"event": "deal.created"}, None),
        ({"event": "agreement.accepted", "key": "agre_1"}, None),
        ({"team": {"key": "stck_1"}, "approved": True}, None),
    ],
)
def test_each_kind_of_webhook_names_its_record_or_none(body, found):
    assert hint(body) == found


def test_a_webhook_that_names_no_record_makes_everything_be_listed():
    hints = Hints()
    hints.hear([{"event": "deal_created", "key": "deal_1"}, {"event": "deal.updated", "key": "deal_1"}])
    assert (hints.of("deals"), hints.of("leads"), hints.all) == (["deal_1"], (), False)
    hints.hear("what is this")
    assert hints.all


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/partnerstack", 404),
        ("POST", "/partnerstack/4f5a6b7c8d9e0f1a2b3d", 404),
        ("POST", f"/{SECRET}/more", 404),
        ("POST", "/x?" + SECRET, 404),
        ("GET", f"/partnerstack/{SECRET}", 404),
        ("POST", "/é", 404),
    ],
)
def test_to_who_does_not_know_the_secret_there_is_nothing_at_any_address(method, path, status):
    assert judge(SECRET)(method, path, {}, b"{}") == Answer(status)


@pytest.mark.parametrize("path", [f"/{SECRET}", f"/partnerstack/{SECRET}", f"/partnerstack/{SECRET}/?a=1"])
def test_who_knows_the_secret_is_believed(path):
    judged = judge(SECRET)("POST", path, {}, b'{"event": "deal_created"}')
    assert isinstance(judged, Delivery)
    assert judged.events == [{"event": "deal_created"}]


def test_what_is_no_json_is_refused():
    assert judge(SECRET)("POST", f"/{SECRET}", {}, b"\xff") == Answer(400)
