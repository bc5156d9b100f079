"""A partner's own HubSpot or Salesforce shows what we share, and shows nothing any more once it is taken back."""

import tomllib
from pathlib import Path

import pytest

from connectors import hubspot, salesforce
from connectors.pull import Pull
from connectors.push import Push
from mappings import sharing
from mappings.loader import load
from schemas import topics
from schemas.codec import decode, encode
from schemas.messages import DeadLetter, Ruling, RulingGiven, ShareDecided
from streams.accounts import steps
from streams.accounts.mirror import Sharing
from streams.lane import Lane
from streams.state import in_memory
from tests.e2e.crms import Crms, crms
from tests.support.memory_log import MemoryBroker, MemoryLog

OURS, THEIRS = "our-crm", "acme-crm"
ACME = ("Acme Robotics GmbH", "https://acme-robotics.com")
ZYX = ("Zyxtron Holdings", "https://zyxtron.com")
HIDDEN = (
    '[partners.acme]\nours = { by = "D", on = 2026-01-01 }\ntheirs = { by = "M", on = 2026-01-01 }\nlevel = "hidden"'
)


class Pair:
    """Our system and a partner's, each a Salesforce or a HubSpot, with account mapping and sharing between them."""

    def __init__(self, both: Crms, theirs: str) -> None:
        self.both, self.theirs, self.broker = both, theirs, MemoryBroker(partitions=2)
        settings = {"salesforce": both._org_settings(), "hubspot": both._portal_settings()}
        modules = {"salesforce": salesforce, "hubspot": hubspot}
        ours = "hubspot" if theirs == "salesforce" else "salesforce"
        self.pulls = []
        for name, party, kind in ((OURS, "us", ours), (THEIRS, "partner:acme", theirs)):
            source, log = modules[kind].source(settings[kind], both.now, name), MemoryLog(self.broker, name, "none")
            self.pulls.append(Pull(name, party, {"account": load(kind)["account"]}, source, log, both.now))
        log = MemoryLog(self.broker, "sink", topics.writes(THEIRS).name)
        writable = {"overlap": load(theirs)["overlap"]}
        self.push = Push(THEIRS, writable, modules[theirs].sink(settings[theirs], both.now, THEIRS), log, both.now)
        log.start(self.push)
        self.starts()

    def starts(self, policy: str = "") -> None:
        """The lanes of a deployment with these rules; what they knew before comes from their changelogs."""
        own = sharing.SharingRules.model_validate(sharing.shipped().model_dump() | tomllib.loads(policy))
        self.lanes = []
        for step in steps({"acme": "Acme Cloud"}, Sharing("Borealis", {THEIRS: OURS}, own)):
            log = MemoryLog(self.broker, step.name, step.topic.name)
            self.lanes.append(Lane(step, log, in_memory))
            log.start(self.lanes[-1])

    def hold(self, name: str, website: str) -> tuple[str, str]:
        """Both sides have this company; the ids of ours and theirs are those of Salesforce and HubSpot."""
        account = self.both.rep_creates(Name=name, Website=website)
        domain = website.removeprefix("https://")
        return account, self.both.marketer_creates(name=name, website=website, domain=domain)

    def rules(self, ruling: Ruling) -> None:
        given = RulingGiven(id=ruling, ruling=ruling, partner="acme", by="dana", at=self.both.now())
        output = encode(topics.SHARING_CHANGES, "partner:acme", given, source="test", event_id=given.id, trace=None)
        self.broker.publish([output])

    def runs(self) -> None:
        for pull in self.pulls:
            pull.once()
        while any([lane.turn(0) for lane in self.lanes]):  # noqa: C419  every lane has its turn
            pass
        for _ in range(10):
            self.push.turn(0)
            self.both.wait(30)
        assert [decode(each) for each in self.broker.read(topics.DEADLETTERS.name)] == list[DeadLetter]()

    def seen(self) -> list[str]:
        """The names that stand in the overlap records of the partner's system."""
        org, portal = self.both.org, self.both.portal
        if self.theirs == "salesforce":
            rows = org.call(lambda: org.org.store.rows("Partner_Overlap__c"))
            return sorted(str(row["Partner_Account_Name__c"]) for row in rows if not row["IsDeleted"])
        kind = portal.portal.schema.require("partner_overlap").id
        records = portal.call(lambda: list(portal.portal.store.rows(kind)))
        return sorted(str(each.properties.get("partner_account_name")) for each in records if not each.archived)

    def binned(self) -> list[str]:
        """What the partner's system keeps of deleted overlap records."""
        org, portal = self.both.org, self.both.portal
        if self.theirs == "salesforce":
            rows = org.call(lambda: org.org.store.rows("Partner_Overlap__c"))
            return [repr(row) for row in rows if row["IsDeleted"]]
        kind = portal.portal.schema.require("partner_overlap").id
        return [
            repr(each.properties) for each in portal.call(lambda: list(portal.portal.store.rows(kind))) if each.archived
        ]

    def audit(self) -> list[str]:
        told = [decode(each) for each in self.broker.read(topics.SHARES.name)]
        return [each.verdict.value for each in told if isinstance(each, ShareDecided)]


@pytest.fixture(params=["hubspot", "salesforce"])
def pair(request: pytest.FixtureRequest, tmp_path: Path):
    with crms() as both:
        yield Pair(both, request.param)


def test_what_is_shared_is_taken_out_of_the_partner_s_system_when_it_is_revoked(pair: Pair):
    pair.hold(*ACME)
    pair.hold(*ZYX)
    pair.runs()
    assert pair.seen() == [ACME[0], ZYX[0]]
    pair.rules(Ruling.REVOKE_SHARING)
    pair.runs()
    assert pair.seen() == []
    assert len(pair.binned()) == 2
    assert not [each for each in pair.binned() if "Acme" in each or "Zyx" in each or "acme-robotics" in each]
    assert sorted(pair.audit()) == ["granted", "granted", "revoked", "revoked", "withdrawn"]


def test_a_policy_that_hides_all_takes_back_what_an_earlier_one_shared(pair: Pair):
    pair.hold(*ACME)
    pair.runs()
    pair.starts(HIDDEN)
    pair.hold(*ZYX)
    pair.runs()
    assert pair.seen() == []


def test_after_a_new_consent_it_is_shared_again(pair: Pair):
    pair.hold(*ACME)
    pair.runs()
    pair.rules(Ruling.REVOKE_SHARING)
    pair.runs()
    pair.rules(Ruling.CONSENT_SHARING)
    pair.runs()
    assert pair.seen() == [ACME[0]]
