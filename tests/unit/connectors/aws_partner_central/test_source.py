"""Events are hints and listings make good what they miss; what is told twice changes nothing."""

import json
from datetime import timedelta

import pytest

from connectors.errors import RetryLater
from sandbox.aws.delivery import Delivery
from schemas.messages import ChangeKind

QUIET = {"poll_s": 10**9, "reread_s": 10**9}


def test_the_first_start_tells_opportunities_with_what_aws_says_of_them(partner):
    id_ = partner.submitted()
    partner.act("approve", opportunity=id_)
    partner.act("aws_update", opportunity=id_, Stage="Technical Validation", NextSteps="Meet the customer")
    reader = partner.reader()
    reader.poll()
    record = reader.records()[id_]
    assert (record.deal, record.review, record.stage, record.origin) == (
        "006xx01",
        "approved",
        "qualified",
        "partner_referral",
    )
    assert (record.cloud_stage, record.cloud_next_steps) == ("Technical Validation", "Meet the customer")
    assert (record.involvement, record.visibility, record.solutions) == ("Co-Sell", "Full", ("S-0000001",))


def test_an_event_leads_to_a_reading_and_nothing_is_listed(partner):
    reader = partner.reader(**QUIET)
    reader.poll()
    listed = partner.asked("ListOpportunities")
    id_ = partner.make("Acme Robotics: 40 seats")
    assert [change.record_id for change in reader.poll()] == [id_]
    partner.act("edit", opportunity=id_, changes={"LifeCycle.Stage": "Business Validation"})
    (change,) = reader.poll()
    assert (reader.records()[id_].stage, change.kind) == ("business_validation", ChangeKind.UPSERTED)
    assert partner.asked("ListOpportunities") == listed


def test_many_events_of_one_opportunity_are_one_reading(partner):
    reader = partner.reader(**QUIET)
    reader.poll()
    id_ = partner.submitted()
    read = partner.asked("GetOpportunity")
    (change,) = reader.poll()
    assert (change.record_id, partner.asked("GetOpportunity") - read) == (id_, 1)


def test_events_that_come_twice_or_late_tell_nothing_twice(partner):
    partner._running.call(lambda: setattr(partner._running.platform.bus, "faults", Delivery(twice=1.0)))
    reader = partner.reader(**QUIET)
    id_ = partner.make("Acme Robotics: 40 seats")
    reader.poll()
    assert [change.record_id for change in reader.told] == [id_]
    reader.poll()
    assert len(reader.told) == 1


def test_a_message_is_deleted_only_after_what_followed_was_committed(partner):
    reader = partner.reader(**QUIET)
    partner.make("Acme")
    reader.poll()
    assert inflight(partner) > 0
    reader.poll()
    assert inflight(partner) == 0


def inflight(partner) -> int:
    sqs = partner._running.client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = sqs.get_queue_attributes(QueueUrl=partner._running.places.partner_central_url, AttributeNames=names)
    return sum(int(told["Attributes"][name]) for name in names)


def test_a_week_without_the_hub_and_all_events_lost_ends_in_the_same_state(partner):
    changed, kept = partner.make("Acme"), partner.make("Borealis")
    reader = partner.reader()
    reader.poll()
    partner.wait(7 * 86_400)
    partner.act("edit", opportunity=changed, changes={"Project.Title": "Acme: 60 seats"})
    new = partner.make("Cumulus")
    partner._running.client("sqs").purge_queue(QueueUrl=partner._running.places.partner_central_url)
    reader.restart()
    assert {change.record_id for change in reader.poll()} == {changed, new}
    assert {id_: one.title for id_, one in reader.records().items()} == {
        changed: "Acme: 60 seats",
        kept: "Borealis",
        new: "Cumulus",
    }


def test_what_changes_without_a_stamp_is_found_when_everything_is_read_again(partner):
    id_ = partner.submitted()
    partner.act("approve", opportunity=id_)
    reader = partner.reader(reread_s=3600)
    reader.poll()
    partner.living()[id_].aws["LifeCycle"]["Stage"] = "Launched"
    assert reader.poll() == []
    partner.wait(3601)
    (change,) = reader.poll()
    assert (reader.records()[id_].cloud_stage, change.occurred_at) == ("Launched", partner.clock())
    assert change.version == reader.told[0].version + 1


def test_a_reading_of_everything_that_breaks_off_goes_on_where_it_was(partner):
    for number in range(5):
        partner.make(f"Deal {number}")
    reader = partner.reader()
    partner.faulty("unavailable", "GetOpportunity", times=1)
    with pytest.raises(RetryLater):
        reader.poll()
    reader.poll()
    assert len(reader.told) == 5
    before = partner.asked("GetOpportunity")
    reader.poll()
    assert partner.asked("GetOpportunity") - before == 5


def test_only_what_has_changed_is_read_in_full(partner):
    ids = [partner.make(f"Deal {number}") for number in range(5)]
    reader = partner.reader(reread_s=10**9)
    reader.poll()
    before = partner.asked("GetOpportunity")
    partner.act("edit", opportunity=ids[2], changes={"Project.Title": "Deal two"})
    partner._running.client("sqs").purge_queue(QueueUrl=partner._running.places.partner_central_url)
    assert [change.record_id for change in reader.poll()] == [ids[2]]
    assert partner.asked("GetOpportunity") - before == 1


def test_an_opportunity_that_reads_show_late_is_told_though_its_stamp_is_old(partner):
    reader = partner.reader(reread_s=10**9)
    id_ = partner.make("Late")
    partner.living()[id_].visible = partner._running.platform.clock() + timedelta(seconds=3)
    partner.wait(1)
    other = partner.make("Early")
    reader.poll()
    assert set(reader.records()) == {other}
    partner.wait(3)
    reader.poll()
    assert set(reader.records()) == {id_, other}


def test_a_message_that_is_no_event_is_parked_and_the_others_are_read(partner):
    sqs = partner._running.client("sqs")
    sqs.send_message(QueueUrl=partner._running.places.partner_central_url, MessageBody=json.dumps({"hello": 1}))
    id_ = partner.make("Acme")
    reader = partner.reader(**QUIET)
    reader.poll()
    assert [each.code for each in reader.unreadable] == ["UNREADABLE_EVENT"]
    assert set(reader.records()) == {id_}


def invited(partner, **more) -> str:
    return partner.act("invite", title="Robots for line 4", company="Acme", catalog="Sandbox", **more)["invitation"]


def test_an_invitation_is_told_with_what_it_is_about_and_how_it_ends(partner):
    reader = partner.reader(**QUIET)
    reader.poll()
    id_ = invited(partner)
    reader.poll()
    record = reader.records()[id_]
    assert (record.status, record.title, record.company, record.sender) == (
        "pending",
        "Robots for line 4",
        "Acme",
        "AWS",
    )
    assert (str(record.monthly_spend), record.spend_currency, record.cosell) == ("1000", "USD", None)
    sink = partner.sink()
    accept = partner.write("cosell_invitation", id_, fields={"status": "accepted"})
    partner.send(accept, sink=sink)
    partner.wait(2)
    partner.send(accept, sink=sink)
    reader.poll()
    (opportunity,) = partner.living()
    assert (reader.records()[id_].status, reader.records()[id_].cosell) == ("accepted", opportunity)
    assert reader.records()[opportunity].origin == "aws_referral"


def test_an_invitation_that_nobody_answered_is_told_to_have_run_out_though_no_event_came(partner):
    reader = partner.reader(reread_s=10**9)
    id_ = invited(partner)
    reader.poll()
    partner.wait(16 * 86_400)
    partner._running.client("sqs").purge_queue(QueueUrl=partner._running.places.partner_central_url)
    reader.poll()
    assert reader.records()[id_].status == "expired"
    told = len(reader.told)
    reader.poll()
    assert len(reader.told) == told


def test_the_invitations_by_which_our_own_opportunities_reach_aws_are_none_of_ours(partner):
    reader = partner.reader()
    partner.submitted()
    reader.poll()
    assert {change.entity for change in reader.told} == {"cosell"}
