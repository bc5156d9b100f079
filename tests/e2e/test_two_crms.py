"""Journeys between our Salesforce and our HubSpot: the same company in both, kept in step field by field."""

from datetime import timedelta

import pytest

from sandbox.hubspot.faults import parse_rules as portal_faults
from sandbox.salesforce.faults import parse_rules as org_faults
from sandbox.salesforce.triggers import Trigger
from schemas.messages import Ruling, RulingGiven
from streams.reconcile import Rules
from tests.e2e.crms import CRM, MARKETING, START, Crms, crms

ACME = {"Name": "Acme Robotics", "Website": "https://acme-robotics.com"}
ACME_IN_HUBSPOT = {"name": "Acme Robotics", "domain": "acme-robotics.com", "website": "https://acme-robotics.com"}


@pytest.fixture
def both():
    with crms() as opened:
        yield opened


@pytest.fixture
def linked(both: Crms) -> tuple[Crms, str, str]:
    """Acme in both systems, found to be the same company."""
    account, company = both.rep_creates(**ACME), both.marketer_creates(**ACME_IN_HUBSPOT)
    both.runs()
    return both, account, company


def ruling(kind: Ruling, *refs: str, connection: str | None = None) -> RulingGiven:
    return RulingGiven(id=f"{kind} {refs}", ruling=kind, refs=refs, connection=connection, by="dana", at=START)


def test_the_same_company_in_both_is_linked_and_both_get_its_key(linked):
    both, account, company = linked
    refs = {f"{CRM}/account/{account}", f"{MARKETING}/account/{company}"}
    assert {ref for link in both.links().values() for ref in link.members} == refs
    key = both.accounts()[account]["Tandem_Key__c"]
    assert key
    assert both.companies()[company]["tandem_key"] == key


def test_an_edit_in_salesforce_arrives_in_hubspot_and_back_again(linked):
    both, account, company = linked
    both.rep_edits(account, Phone="+49 561 4711")
    both.runs()
    assert both.companies()[company]["phone"] == "+49 561 4711"
    both.marketer_edits(company, city="Kassel")
    both.runs()
    assert both.accounts()[account]["BillingCity"] == "Kassel"
    assert both.accounts()[account]["Phone"] == "+49 561 4711"


def test_one_edit_is_one_write_and_its_echo_none(linked):
    both, account, _ = linked
    both.rep_edits(account, Phone="+49 561 4711")
    assert both.runs() == 1
    assert both.runs() == 0


def test_a_value_that_is_emptied_is_emptied_in_the_other_system(linked):
    both, account, company = linked
    both.rep_edits(account, Phone="+49 561 4711")
    both.runs()
    both.marketer_edits(company, phone="")
    both.runs()
    assert both.accounts()[account]["Phone"] is None


def test_edits_of_one_field_on_both_sides_leave_the_later_one_and_say_which_was_lost(linked):
    both, account, company = linked
    both.rep_edits(account, BillingCity="Kassel")
    both.marketer_edits(company, city="Göttingen")
    both.runs()
    assert (both.accounts()[account]["BillingCity"], both.companies()[company]["city"]) == ("Göttingen",) * 2
    [conflict] = [each for each in both.conflicts() if each.field == "city"]
    assert (conflict.kept, conflict.lost) == ("Göttingen", "Kassel")


def test_what_a_trigger_makes_of_our_write_is_not_sent_round(linked):
    both, account, company = linked

    def shout(old, new):
        return {"BillingCity": str(new["BillingCity"]).upper()} if new.get("BillingCity") else {}

    both.org.call(lambda: both.org.org.dml.triggers.append(Trigger("Account", shout)))
    both.marketer_edits(company, city="Kassel")
    assert both.runs() == 1
    assert both.accounts()[account]["BillingCity"] == "KASSEL"
    assert both.companies()[company]["city"] == "Kassel"


def test_a_company_that_two_records_claim_is_shown_and_not_guessed(both):
    both.rep_creates(**ACME)
    twins = [both.marketer_creates(**ACME_IN_HUBSPOT), both.marketer_creates(**ACME_IN_HUBSPOT)]
    both.runs()
    [conflict] = [each for each in both.conflicts() if each.open]
    assert {f"{MARKETING}/account/{twin}" for twin in twins} <= set(conflict.refs)
    assert both.writes() == []


def test_a_ruling_settles_what_could_not_be_told(both):
    account = both.rep_creates(**ACME)
    twins = [both.marketer_creates(**ACME_IN_HUBSPOT), both.marketer_creates(**ACME_IN_HUBSPOT)]
    both.runs()
    both.rules(ruling(Ruling.LINK, f"{CRM}/account/{account}", f"{MARKETING}/account/{twins[1]}"))
    both.runs()
    both.rep_edits(account, Phone="+49 561 4711")
    both.runs()
    assert both.companies()[twins[1]]["phone"] == "+49 561 4711"
    assert not both.companies()[twins[0]].get("phone")
    assert [each for each in both.conflicts() if each.open] == []


def test_a_deletion_leaves_the_counterpart_alone_unless_the_policy_says_otherwise(linked):
    both, account, company = linked
    both.rep_deletes(account)
    both.runs()
    assert company in both.companies()
    both.marketer_edits(company, city="Kassel")
    assert both.runs() == 0


@pytest.fixture
def archiving(tmp_path):
    (tmp_path / "ownership.toml").write_text('[account]\non_delete = "archive"\n')
    with crms(tmp_path, Rules(max_deleted=2, max_deleted_share=0.2)) as opened:
        yield opened


def test_a_deletion_archives_the_counterpart_where_the_policy_says_so(archiving):
    account, company = archiving.rep_creates(**ACME), archiving.marketer_creates(**ACME_IN_HUBSPOT)
    archiving.runs()
    archiving.rep_deletes(account)
    archiving.runs()
    assert company not in archiving.companies()


def test_a_mass_deletion_stops_and_asks(archiving):
    accounts = []
    for number in range(8):
        name, domain = f"Zyx{number} Dynamics", f"zyx{number}-dynamics.com"
        accounts.append(archiving.rep_creates(Name=name, Website=f"https://{domain}"))
        archiving.marketer_creates(name=name, domain=domain, website=f"https://{domain}")
    archiving.runs()
    for account in accounts[:6]:
        archiving.rep_deletes(account)
    archiving.runs()
    assert len(archiving.companies()) == 6
    [conflict] = [each for each in archiving.conflicts() if each.open]
    assert conflict.kind == "mass_deletion"
    archiving.rules(ruling(Ruling.CONFIRM_DELETIONS, connection=CRM))
    archiving.runs()
    assert len(archiving.companies()) == 2


def test_a_merge_of_two_accounts_keeps_the_winner_linked(linked):
    both, account, company = linked
    loser = both.rep_creates(Name="Acme Robotics (old)", Website="https://acme-old.com")
    both.runs()
    both.rep_merges(account, loser)
    both.runs()
    both.rep_edits(account, Phone="+49 561 4711")
    both.runs()
    assert both.companies()[company]["phone"] == "+49 561 4711"
    assert both.dead_letters() == []


def test_a_merge_in_hubspot_that_makes_a_new_record_keeps_the_company_linked(linked):
    both, account, company = linked
    loser = both.marketer_creates(name="Acme Robots", domain="acme-robots.com")
    both.runs()
    merged = both.marketer_merges(company, loser)
    both.runs()
    both.rep_edits(account, Phone="+49 561 4711")
    both.runs()
    assert both.companies()[merged]["phone"] == "+49 561 4711"


IN_SALESFORCE = [
    {"kind": "unavailable", "nth": [2, 9]},
    {"kind": "reset_after", "method": "PATCH", "nth": [1, 3]},
    {"kind": "too_many_requests", "nth": [5], "retry_after": 1},
    {"kind": "expired_token", "nth": [7]},
]
IN_HUBSPOT = [
    {"kind": "timeout_after", "path": "batch/update", "nth": [1]},
    {"kind": "half_reset", "path": "batch/", "rows": 1, "nth": [4]},
    {"kind": "unavailable", "nth": [3, 8]},
    {"kind": "too_many_requests", "nth": [6]},
]


def test_broken_connections_and_lost_answers_change_nothing_in_the_end(linked):
    both, account, company = linked
    both.org.call(lambda: both.org.org.faults.arm(org_faults(IN_SALESFORCE)))
    both.portal.call(lambda: both.portal.portal.faults.arm(portal_faults(IN_HUBSPOT)))
    for number in range(6):
        both.rep_edits(account, Phone=f"+49 561 {number}")
        both.marketer_edits(company, city=f"City {number}")
        both.runs()
    there, here = both.companies()[company], both.accounts()[account]
    assert (there["phone"], here["BillingCity"]) == ("+49 561 5", "City 5")
    assert (there["city"], here["Phone"]) == ("City 5", "+49 561 5")
    assert both.dead_letters() == []
    assert both.runs() == 0


def test_clocks_that_differ_by_minutes_do_not_decide(linked):
    both, account, company = linked
    both.org.call(lambda: both.org.org.clock.advance(timedelta(minutes=10).total_seconds()))
    both.rep_edits(account, BillingCity="Kassel")
    both.runs()
    both.wait(400)
    both.marketer_edits(company, city="Göttingen")
    both.runs()
    assert both.accounts()[account]["BillingCity"] == "Göttingen"
