"""The check says in one line each what is well and what to do about the rest."""

from connectors.aws_partner_central.check import PartnerCentralCheck
from connectors.aws_partner_central.settings import Settings
from sandbox.aws.settings import FULL
from tests.unit.connectors.aws_partner_central.opportunities import ARN, TABLES

WRITES = ("UpdateOpportunity", "AssociateOpportunity", "DisassociateOpportunity", "StartEngagementFromOpportunityTask")


def findings(partner, **settings):
    check = PartnerCentralCheck(partner.settings(**settings), partner.calls(**settings))
    return {each.subject: each for each in check.check(list(TABLES.values()))}


def permit(partner, *denied: str) -> None:
    partner._running.call(lambda: partner._running.platform.keys.permit(FULL.access, None, denied))


def test_everything_is_well_where_it_is(partner):
    partner.make("Acme")
    found = findings(partner)
    assert [each for each in found.values() if not each.ok] == []
    assert "691709974417" in found["credentials"].detail
    assert "S-0000001" in found["solutions"].detail
    assert "messages wait in" in found["queue"].detail
    assert set(WRITES) <= set(found)
    assert "not proved" in found["seller account"].detail


def test_it_changes_nothing(partner):
    id_ = partner.make("Acme")
    before = partner.handle("GetOpportunity", Identifier=id_)
    findings(partner)
    assert partner.handle("GetOpportunity", Identifier=id_) == before
    assert (len(partner.living()), partner.service().book.tasks) == (1, {})


def test_an_offer_that_is_tied_proves_the_sellers_account(partner):
    partner.living()[partner.make("Acme")].related["AwsMarketplaceOffers"] = [f"{ARN}Offer/offer-1"]
    assert "offers of account 691709974417" in findings(partner)["seller account"].detail


def test_a_missing_permission_is_named_with_what_allows_it(partner):
    partner.make("Acme")
    permit(partner, "partnercentral:AssociateOpportunity", "partnercentral:ListSolutions")
    found = findings(partner)
    assert {each.subject for each in found.values() if not each.ok} == {"AssociateOpportunity", "solutions"}
    assert "allow partnercentral:AssociateOpportunity" in found["AssociateOpportunity"].remedy


def test_without_credentials_nothing_else_is_looked_at(partner):
    auth = {"method": "keys", "access_key_id": "nobody", "secret_access_key": "nothing"}
    found = findings(partner, auth=auth)
    assert set(found) == {"region", "credentials"}
    assert not found["credentials"].ok


def test_another_region_is_not_well(partner):
    settings = Settings(**{**dict(partner.settings()), "region": "eu-central-1"})
    first = next(iter(PartnerCentralCheck(settings, partner.shared).check(list(TABLES.values()))))
    assert (first.ok, first.remedy) == (False, 'set region = "us-east-1"')


def test_a_queue_that_is_not_there_is_told(partner):
    url = f"{partner._running.base_url}/691709974417/no-such-queue"
    found = findings(partner, queue_url=url)
    assert not found["queue"].ok
    assert "queue_url" in found["queue"].remedy
