"""Where AWS's documentation leaves open what it does, Tandem ends in the same state whatever it is."""

import pytest
import requests

from connectors.aws.calls import Calls
from connectors.aws.pace import Pace
from connectors.base import Applied, Overtaken
from connectors.errors import RetryLater
from sandbox.aws.testing import emulator, standing_still
from tests.unit.connectors.aws_partner_central.partner import DEAL, SELLING, SUBMISSION, Partner

SWITCHES = {
    "as documented": {},
    "a repeat is refused": {"repeated_association": "refused"},
    "a repeat is a conflict": {"repeated_association": "conflict"},
    "a second offer replaces": {"second_offer": "replaces"},
    "locked while reviewed": {"association_while_locked": "refused"},
    "complete at submission": {"complete_at": "submission"},
}
PATIENCE = 30


@pytest.fixture(params=SWITCHES)
def central(request):
    with emulator(standing_still(**SWITCHES[request.param])) as running:
        made = Partner(running)
        yield made
        made.shared.close()


def offers(partner: Partner, count: int) -> list[str]:
    made = [partner._running.act("marketplace-catalog", "make_offer", title="Acme")["offer"] for _ in range(count)]
    return [f"arn:aws:aws-marketplace:us-east-1:691709974417:AWSMarketplace/Offer/{each}" for each in made]


def insist(partner: Partner, write):
    """The write's end, by a process that is killed whenever an answer is lost."""
    for _ in range(PATIENCE):
        try:
            (outcome,) = partner.send(write)
        except RetryLater:
            continue
        if isinstance(outcome, (Applied, Overtaken)):
            return outcome
        partner.wait(5)
    raise AssertionError(outcome)


def journey(partner: Partner, first: str, second: str) -> str:
    """A deal with two offers, one after the other, as the last of them stands there."""
    id_ = insist(partner, partner.deal()).target_id
    insist(partner, partner.write("cosell_solution", id_, fields={"solution": "S-0000001"}))
    insist(partner, partner.write("cosell_submission", id_, fields=SUBMISSION))
    early = insist(partner, partner.write("cosell_offer", id_, fields={"offer": first}))
    if isinstance(early, Overtaken):
        assert early.found == "locked: submitted"
    partner.act("approve", opportunity=id_)
    insist(partner, partner.write("cosell_offer", id_, fields={"offer": first}))
    insist(partner, partner.write("cosell_offer", id_, fields={"offer": second}, expected={"offer": first}))
    insist(partner, partner.write("cosell", id_, fields={"stage": "committed"}))
    return id_


def test_a_journey_ends_with_one_opportunity_one_submission_and_the_last_offer(central):
    for lost_at in (None, "Create", "Update", "Associate", "Disassociate", "Start"):
        requests.post(f"{central._running.base_url}/__sandbox__/reset", timeout=5).raise_for_status()
        if lost_at is not None:
            central.faulty("reset_after", lost_at, times=2)
        first, second = offers(central, 2)
        one = central.living()[journey(central, first, second)]
        assert [each.body["PartnerOpportunityIdentifier"] for each in central.living().values()] == [DEAL], lost_at
        assert {kind: ids for kind, ids in one.related.items() if ids} == {
            "Solutions": ["S-0000001"],
            "AwsMarketplaceOffers": [second],
        }, lost_at
        assert (one.stage, len(central.service().book.tasks)) == ("Committed", 1), lost_at


def test_an_opportunity_that_reads_show_late_can_be_written_at_once():
    with emulator(standing_still(created_visible_after=3.0)) as running:
        partner = Partner(running)
        (made,) = partner.send(partner.deal())
        young = partner.write(
            "cosell_solution", made.target_id, fields={"solution": "S-0000001"}, decided_at=partner.clock()
        )
        assert insist(partner, young) == Applied(made.target_id)
        partner.shared.close()


def test_at_aws_own_quotas_nothing_is_refused_as_one_too_many():
    with emulator(standing_still(limits=True)) as running:
        partner = Partner(running)

        def sleep(seconds: float) -> None:
            running.advance(seconds)

        clock = running.platform.clock
        start = clock()
        partner.shared = Calls(partner.settings(), Pace(1.0, lambda: (clock() - start).total_seconds() + 1000, sleep))
        outcomes = partner.send(*(partner.deal(f"deal-{number}") for number in range(8)))
        assert all(isinstance(each, Applied) for each in outcomes)
        assert running.platform.calls[f"{SELLING}/CreateOpportunity"] == 8
        assert (clock() - start).total_seconds() >= 7
        partner.shared.close()
