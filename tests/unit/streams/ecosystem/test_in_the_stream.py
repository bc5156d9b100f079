"""Fit and evidence reach the overlap and the account, and nothing is written twice for them."""

from typing import Any

from schemas.entities import Account
from streams.accounts import steps
from streams.ecosystem import OURS_ALONE
from tests.unit.streams.accounts.flow import Flow, changed
from tests.unit.streams.ecosystem.cases import ICP

OURS = {"industry": "Software", "employees": 400, "annual_revenue": "60000000", "technologies": ("AWS",)}


def acme(**fields: Any) -> Account:
    plain = {"name": "Zyxtron Robotics GmbH", "website": "https://zyxtron.com", "country": "Germany", "city": "Berlin"}
    return Account.model_validate(plain | fields)


class Judged(Flow):
    """The lanes of a deployment with a profile."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = steps({"acme": "Acme Cloud", "bolt": "Bolt"}, icp=ICP)

    def tell(self, party: str, record_id: str, version: int, account: Account | None) -> None:
        self.publish(changed(party, record_id, version, account))
        self.settle()

    def last(self, entity: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for write in self.writes():
            if write.entity == entity:
                found |= write.fields
        return found


def met(**theirs: Any) -> Judged:
    flow = Judged()
    flow.tell("us", "s1", 1, acme(owner_name="Pam", **OURS))
    flow.tell(
        "partner:acme", "b1", 2, acme(population="customer", owner_name="Dana Reyes") if not theirs else acme(**theirs)
    )
    return flow


def test_the_overlap_in_the_crm_carries_fit_and_evidence_with_their_codes():
    fields = met().last("overlap")
    assert (fields["fit"], fields["fit_band"], fields["fit_known"]) == (100, "A", 100)
    assert fields["partner_evidence"] == 100
    assert fields["evidence_codes"][:4] == ["THEIR_CUSTOMER", "SURE_MATCH", "RECENT", "OWNER_KNOWN"]
    assert fields["icp_version"] == ICP.label
    assert fields["partner_population_since"] == fields["first_seen"]


def test_the_account_says_that_it_is_qualified_and_why():
    fields = met().last("account_summary")
    assert (fields["qualified"], fields["readiness"], fields["momentum"]) == (True, 60, 25)
    assert fields["qualified_codes"][:2] == ["FITS_ICP", "THEIR_CUSTOMER"]


def test_what_our_account_becomes_changes_the_fit_and_not_since_when_it_stands_so():
    flow = met()
    before = flow.last("overlap")
    flow.tell("us", "s1", 500, acme(owner_name="Pam", **{**OURS, "employees": 9}))
    after = flow.last("overlap")
    assert (after["fit_band"], after["fit"]) == ("B", 65)
    assert after["partner_population_since"] == before["partner_population_since"]
    assert flow.last("account_summary")["fit_band"] == "B"


def test_a_rise_at_the_partner_is_told_with_its_date():
    flow = met(population="prospect")
    assert flow.last("account_summary")["qualified"] is False
    flow.tell("partner:acme", "b1", 900, acme(population="customer"))
    fields = flow.last("overlap")
    assert fields["partner_population_before"] == "prospect"
    assert fields["partner_population_since"] == fields["last_changed"] != fields["first_seen"]
    account = flow.last("account_summary")
    assert account["qualified"] is True
    assert "ROSE" in account["qualified_codes"]


def test_another_partner_changes_the_account_and_leaves_the_first_overlap_as_it_was():
    flow = met()
    written = [write.key for write in flow.writes() if write.entity == "overlap"]
    flow.tell("partner:bolt", "c1", 3, acme(population="prospect"))
    more = [write.key for write in flow.writes() if write.entity == "overlap"][len(written) :]
    assert set(more).isdisjoint(written)
    assert "SEVERAL_PARTNERS" in flow.last("account_summary")["qualified_codes"]


def test_what_changes_nothing_writes_nothing():
    flow = met()
    before = len(flow.writes())
    flow.tell("us", "s1", 7, acme(owner_name="Pam", **OURS))
    flow.tell("partner:acme", "b1", 8, acme(population="customer", owner_name="Dana Reyes"))
    assert len(flow.writes()) == before


def test_an_account_whose_partners_are_gone_is_not_qualified_any_more():
    flow = met()
    flow.tell("partner:acme", "b1", 9, None)
    fields = flow.last("account_summary")
    assert (fields["qualified"], fields["partner_count"], fields["partner_evidence"]) == (False, 0, 0)
    assert {"NO_PARTNER", "ENDED"} <= set(fields["qualified_codes"])


def test_all_that_is_ours_alone_is_in_what_the_crm_is_told():
    assert set(met().last("overlap")) >= OURS_ALONE
