"""An event is a hint at a record, whatever its layout; what is of another catalog or source hints at nothing."""

from connectors.aws.events import Event
from connectors.aws_partner_central.hints import COSELL, INVITATION, Hint, hints

ARN = "arn:aws:partnercentral:us-east-1::catalog/Sandbox/"


def event(detail_type="Opportunity Updated", resources=(), source="aws.partnercentral-selling", **detail):
    return Event("e-1", source, detail_type, {"schemaVersion": "1", "catalog": "Sandbox", **detail}, resources)


def test_an_opportunity_is_named_by_its_id():
    assert hints(event(opportunity={"identifier": "O123"}), "Sandbox") == (Hint(COSELL, "O123"),)


def test_a_full_name_names_the_same_record_once():
    named = event(
        opportunity={"identifier": "O123", "arn": ARN + "opportunity/O123"}, resources=(ARN + "opportunity/O123",)
    )
    assert hints(named, "Sandbox") == (Hint(COSELL, "O123"),)


def test_a_snapshot_hints_at_the_opportunity_that_it_is_of():
    snapshot = {
        "arn": ARN + "engagement/eng-t1mfgo4bsg73e0/resource/Opportunity/O5465588/template/X/snapshot/4",
        "engagementId": "eng-t1mfgo4bsg73e0",
        "resourceId": "O5465588",
        "resourceType": "Opportunity",
    }
    for name in ("Engagement Resource Snapshot Created", "Resource Snapshot Created"):
        assert hints(event(name, resourceSnapshot=snapshot), "Sandbox") == (Hint(COSELL, "O5465588"),)


def test_an_invitation_is_found_in_new_and_old_layouts():
    new = event("Engagement Invitation Created", engagementInvitation={"id": "engi-0123456789abc"})
    old = event("Opportunity Accepted", resources=(ARN + "engagement-invitation/engi-0123456789abc",))
    wanted = (Hint(INVITATION, "engi-0123456789abc"),)
    assert hints(new, "Sandbox") == hints(old, "Sandbox") == wanted


def test_an_engagement_alone_and_words_that_begin_like_an_id_hint_at_nothing():
    assert hints(event("Engagement Member Added", engagementId="eng-t1mfgo4bsg73e0", note="Ok"), "Sandbox") == ()


def test_another_catalog_or_source_hints_at_nothing():
    assert hints(event(opportunity={"identifier": "O1"}), "AWS") == ()
    assert hints(event(source="aws.marketplacecatalog", opportunity={"identifier": "O1"}), "Sandbox") == ()
