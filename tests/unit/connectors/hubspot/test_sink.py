"""What the sink sends, and what it makes of each kind of refusal."""

import pytest

from connectors.base import Applied, Overtaken, Rejected, Retry
from connectors.errors import PauseConnection, RetryLater, StopMapping
from schemas.messages import MatchBy, Parent
from tests.unit.connectors.hubspot.conftest import TABLES, write

WRITABLE = {entity: table for entity, table in TABLES.items() if table.writes}


def send(portal, *batch, **settings):
    return portal.sink(**settings).write(WRITABLE, batch)


def effects(portal, name, id_):
    ours = portal.running.portal.integration
    ledger = portal.running.portal.store.writes(portal.type(name).id, id_)
    return sum(1 for each in ledger if each.changed and each.actor == ours)


def accounts(count, **fields):
    return [write("account", f"crm/a-{number}", name=f"Account {number}", **fields) for number in range(count)]


@pytest.mark.parametrize("api", ["v3", "2026-09"])
def test_an_upsert_goes_through_in_either_kind_of_path(portal, api):
    (outcome,) = send(portal, write("account", "crm/a-1", name="Acme", employees=250), api=api)
    properties = portal.record("companies", outcome.target_id).properties
    assert (properties["tandem_key"], properties["name"], properties["numberofemployees"]) == ("crm/a-1", "Acme", "250")


def test_one_bad_row_never_fails_its_ninety_nine_neighbours(portal):
    batch = accounts(100)
    batch[41] = write("account", "crm/bad", name="Bad", phone="x" * 70_000)
    outcomes = send(portal, *batch)
    assert [isinstance(outcome, Applied) for outcome in outcomes] == [number != 41 for number in range(100)]
    assert outcomes[41].code == "PROPERTY_VALUE_TOO_LONG"
    assert outcomes[41].field == "phone"


def test_two_calls_bring_a_hundred_writes(portal):
    sink = portal.sink()
    sink.write(WRITABLE, accounts(1))
    before = portal.calls()
    sink.write(WRITABLE, accounts(100))
    assert portal.calls() - before == 2


def test_a_null_clears_and_only_what_differs_is_sent(portal):
    (first,) = send(portal, write("account", "crm/a-1", name="Acme", city="Berlin"))
    (second,) = send(portal, write("account", "crm/a-1", name="Acme", city=None))
    (third,) = send(portal, write("account", "crm/a-1", name="Acme", city=None))
    assert (first.changed, second.changed, third.changed) == (True, True, False)
    assert "city" not in portal.record("companies", first.target_id).properties
    assert effects(portal, "companies", first.target_id) == 2


def test_a_lifecycle_stage_that_means_the_same_is_left_alone(portal):
    acme = portal.create("companies", name="Acme", lifecyclestage="salesqualifiedlead", tandem_key="crm/a-1")
    (outcome,) = send(portal, write("account", "crm/a-1", population="prospect"))
    assert outcome == Applied(acme, changed=False)


def test_a_deal_belongs_to_its_account_and_moves_to_another(portal):
    acme, globex = (portal.create("companies", name=name) for name in ("Acme", "Globex"))
    fields = {"name": "Forty seats", "stage": "negotiation", "amount": "12500.5", "close_date": "2026-12-18"}
    (first,) = send(portal, write("deal", "crm/d-1", **fields, account=acme))
    assert portal.company_of(first.target_id, "deals") == [acme]
    (again,) = send(portal, write("deal", "crm/d-1", **fields, account=acme))
    (moved,) = send(portal, write("deal", "crm/d-1", account=globex))
    assert (again.changed, moved.changed) == (False, True)
    assert portal.company_of(first.target_id, "deals") == [globex]
    send(portal, write("deal", "crm/d-1", account=None))
    assert portal.company_of(first.target_id, "deals") == []
    assert effects(portal, "deals", first.target_id) == 1


def test_an_association_with_what_is_no_company_is_told_and_its_neighbours_are_made(portal):
    acme = portal.create("companies", name="Acme")
    outcomes = send(
        portal,
        *(
            write("deal", f"crm/d-{number}", name="Deal", account=acme if number != 3 else "404404")
            for number in range(6)
        ),
    )
    assert [isinstance(outcome, Applied) for outcome in outcomes] == [number != 3 for number in range(6)]
    assert "its association with companies 404404 was not" in outcomes[3].reason
    assert len(portal.running.portal.associations.of(portal.type("companies"), acme, portal.type("deals"))) == 5


def test_an_overlap_of_an_archived_company_ends_without_it(portal):
    acme = portal.create("companies", name="Acme")
    portal.delete("companies", acme)
    (outcome,) = send(portal, write("overlap", "o-1", partner_name="Acme Cloud", status="ended", account=acme))
    assert isinstance(outcome, Applied)
    assert portal.record("partner_overlap", outcome.target_id).properties["overlap_status"] == "ended"


def test_a_value_that_another_record_holds_is_rejected_with_the_vendors_words(portal):
    portal.create("companies", name="First", tandem_key="crm/a-0")
    (outcome,) = send(portal, write("account", "crm/a-1", name="Second", tandem_key="crm/a-0"))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "CONFLICTING_UNIQUE_VALUE"
    assert "already has that value" in outcome.reason


def test_a_contact_whose_mail_address_another_has_is_rejected(portal):
    portal.create("contacts", email="ada@acme.com")
    (outcome,) = send(portal, write("contact", "crm/c-1", last_name="Okafor", email="ada@acme.com"))
    assert (type(outcome), outcome.code) == (Rejected, "CONFLICT")
    assert "merge the two" in outcome.remedy


def test_what_admins_made_required_is_told_from_2026_09_on(opened):
    portal = opened(required={"0-2": ("country",)})
    portal.prepare()
    outcomes = send(portal, write("account", "a", name="Acme"), write("account", "b", name="Bo", country="Norway"))
    assert [type(outcome) for outcome in outcomes] == [Rejected, Applied]
    assert outcomes[0].code == "REQUIRED_FIELD_MISSING"


def test_a_key_that_is_no_id_is_rejected_and_its_neighbours_are_written(portal):
    acme = portal.create("companies", name="Acme")
    batch = [write("account_summary", key, MatchBy.ID, partner_count=2) for key in ("no-id", acme, "12")]
    assert [type(outcome) for outcome in send(portal, *batch)] == [Rejected, Applied, Rejected]


def test_a_portal_that_is_not_prepared_stops_the_mapping(opened):
    portal = opened()
    with pytest.raises(StopMapping, match="tandem prepare"):
        send(portal, write("account", "crm/a-1", name="Acme"))
    with pytest.raises(StopMapping, match="tandem prepare"):
        send(portal, write("overlap", "o-1", partner="acme"))


def test_a_parent_is_written_once_for_all_its_records(portal):
    parent = Parent(field="account", entity="account", key="crm/a-1", fields={"name": "Acme"})
    batch = [write("deal", f"crm/d-{number}", name="Deal").model_copy(update={"parent": parent}) for number in range(3)]
    outcomes = send(portal, *batch)
    (acme,) = [row.id for row in portal.running.portal.store.rows("0-2")]
    assert {portal.company_of(outcome.target_id, "deals")[0] for outcome in outcomes} == {acme}
    assert all(not outcome.changed for outcome in send(portal, *batch))
    assert effects(portal, "companies", acme) == 1


def test_a_parent_that_is_refused_is_named_in_the_outcome(portal):
    parent = Parent(field="account", entity="account", key="crm/a-1", fields={"name": "Acme", "phone": "x" * 70_000})
    (outcome,) = send(portal, write("deal", "crm/d-1", name="Deal").model_copy(update={"parent": parent}))
    assert isinstance(outcome, Rejected)
    assert "its parent crm/a-1 was not" in outcome.reason


def test_a_change_of_somebody_else_overtakes_a_write(portal):
    acme = portal.create("companies", name="Acme", city="Bonn", tandem_key="crm/a-1")
    wanted = write("account", "crm/a-1", city="Berlin").model_copy(update={"expected": {"city": "Köln"}})
    assert send(portal, wanted) == [Overtaken("city is 'Bonn', expected was 'Köln'")]
    assert portal.record("companies", acme).properties["city"] == "Bonn"


@pytest.mark.parametrize(
    ("fault", "error", "after"),
    [
        ("too_many_requests", RetryLater, 10.0),
        ("unavailable", RetryLater, None),
        ("timeout_after", RetryLater, None),
        ("reset_after", RetryLater, None),
        ("half_reset", RetryLater, None),
        ("daily_limit", PauseConnection, 14 * 3600.0),
    ],
)
def test_after_each_fault_the_batch_can_be_sent_again_with_one_effect(portal, fault, error, after):
    batch = accounts(3)
    portal.arm(kind=fault, method="POST", path="upsert", nth=(1,), times=1)
    sink = portal.sink()
    with pytest.raises(error) as raised:
        sink.write(WRITABLE, batch)
    assert raised.value.after == after
    outcomes = sink.write(WRITABLE, batch)
    assert all(isinstance(outcome, Applied) for outcome in outcomes)
    assert [effects(portal, "companies", outcome.target_id) for outcome in outcomes] == [1, 1, 1]


def test_the_rows_that_a_half_done_batch_left_out_are_tried_again(portal):
    portal.arm(kind="half_207", method="POST", path="upsert", nth=(1,), times=1, rows=1)
    outcomes = send(portal, *accounts(3))
    assert [type(outcome) for outcome in outcomes] == [Applied, Retry, Retry]


def test_an_oauth_token_that_runs_out_is_renewed_in_the_middle(portal):
    refresh = portal.running.portal.settings.app.refresh_token
    sink = portal.sink(auth={"method": "refresh_token", "refresh_token": refresh})
    portal.arm(kind="expired_token", path="upsert", nth=(1,), times=1)
    assert all(isinstance(outcome, Applied) for outcome in sink.write(WRITABLE, accounts(2)))
    assert sink.budget() is None


def test_the_share_of_others_is_left_to_them_until_midnight(opened):
    portal = opened(daily_limit=100, private_burst=1000)
    portal.prepare()
    sink = portal.sink()
    sink.write(WRITABLE, accounts(1))
    assert sink.budget().quota == 100
    portal.running.portal.limits.used = 95
    with pytest.raises(PauseConnection, match="left to others") as raised:
        sink.write(WRITABLE, accounts(3))
    assert raised.value.after == 14 * 3600.0
