"""Our Salesforce and an emulated AWS, tied together by the real connectors and the real decision in one process."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors import aws_marketplace, aws_partner_central, salesforce
from mappings import offers as offer_rules
from sandbox.aws import testing as clouds
from sandbox.aws.marketplace.seeds import ANALYTICS, BUYERS
from sandbox.aws.settings import FULL
from sandbox.salesforce import testing as orgs
from sandbox.salesforce.org import Settings as OrgSettings
from schemas import topics
from schemas.messages import OfferLinkDecided, OfferMatched
from streams.offers import Setup, steps
from tandem.ledger.answers import Trace
from tests.e2e.woven import System, Woven

START = orgs.START
PACKAGE = Path(__file__).parents[2] / "deploy/salesforce/force-app"
CRM, AWS, ACE = "our-crm", "our-aws", "our-ace"
MODULES = {CRM: salesforce, AWS: aws_marketplace, ACE: aws_partner_central}
READ = {CRM: ("account", "deal")}
SOLUTION, BUYER = "S-0000001", BUYERS[0]
ROUNDS = 40  # of pull, decide and push: by then nothing may be left to do
STEP_S = 2  # seconds of every clock between two rounds


class Hub(Woven):
    """The systems with hands in them; `runs` brings everything to rest, `reads_all` is the reconciling look."""

    def __init__(self, org: orgs.Emulator, aws: clouds.Emulator, rules: Path | None) -> None:
        self.org, self.aws = org, aws
        loaded = offer_rules.load(rules)
        defaults = {"create": {"product": self.product()}, "cosell": {"solution": SOLUTION}}
        loaded = loaded.model_copy(
            update={name: getattr(loaded, name).model_copy(update=values) for name, values in defaults.items()}
        )
        setup = Setup(deals=(CRM,), marketplace=AWS, partner_central=ACE, rules=loaded, offer_records=(CRM,))
        super().__init__(self._systems(), steps(setup), [topics.OFFER_CHANGES], START)

    def _systems(self) -> dict[str, System]:
        auth = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}
        crm = salesforce.Settings(base_url=self.org.base_url, auth=auth, changes="poll")
        keys = {"method": "keys", "access_key_id": FULL.access, "secret_access_key": FULL.secret}
        shared = {"base_url": self.aws.base_url, "auth": keys, "rate_share": 1.0, "poll_s": 300}
        queues = self.aws.places
        market = aws_marketplace.Settings(**shared, queue_url=queues.marketplace_url, linger_s=0)
        central = aws_partner_central.Settings(
            **shared, queue_url=queues.partner_central_url, linger_s=0, catalog="AWS", reread_s=0
        )
        return {
            CRM: System(
                salesforce, crm, lambda s: self.org.call(lambda: self.org.org.clock.advance(s)), ("account", "deal")
            ),
            AWS: System(aws_marketplace, market, self.aws.advance),
            ACE: System(aws_partner_central, central, lambda s: None),  # one clock for the whole cloud
        }

    def catches_up(self) -> None:
        """The other clocks go on to where AWS's has been moved."""
        ahead = (self.aws.world.clock() - self.at).total_seconds()
        if ahead > 0:
            self.at += timedelta(seconds=ahead)
            self.org.call(lambda: self.org.org.clock.advance(ahead))

    def reads_all(self) -> None:
        """The next looks are reconciling ones: as long has passed as between two of them."""
        self.wait(301)

    # What people do.

    def product(self) -> str:
        """The id of the product that we sell."""
        return ANALYTICS

    def rep_creates(self, sobject: str = "Opportunity", **fields: Any) -> str:
        return self._in_org(lambda dml, schema, user: dml.insert(schema.require(sobject), fields, user))

    def rep_edits(self, record_id: str, sobject: str = "Opportunity", **fields: Any) -> None:
        self._in_org(lambda dml, schema, user: dml.update(schema.require(sobject), record_id, fields, user))

    def _in_org(self, act: Any) -> Any:
        org = self.org.org
        self.wait(1)
        return self.org.call(lambda: act(org.dml, org.schema, org.admin_id))

    def buyer(self, act: str, **arguments: Any) -> Any:
        return self.aws.act("marketplace-agreement", act, **arguments)

    def seller(self, act: str, **arguments: Any) -> Any:
        return self.aws.act("marketplace-catalog", act, **arguments)

    def reviewer(self, act: str, **arguments: Any) -> Any:
        return self.aws.act("partnercentral-selling", act, **arguments)

    # What stands where.

    def deal(self, record_id: str) -> dict[str, Any]:
        """An opportunity in Salesforce as it is."""
        return next(row for row in self.deals() if row["Id"] == record_id)

    def deals(self) -> list[dict[str, Any]]:
        """Every opportunity in Salesforce."""
        return [dict(row) for row in self.org.call(lambda: self.org.org.store.rows("Opportunity"))]

    def invitations(self) -> list[str]:
        """The invitations that were told, by name."""
        told = (change.ref for change in self.told(topics.CHANGES["cosell_invitation"]))
        return sorted(set(told))

    def offer_records(self) -> list[dict[str, Any]]:
        rows = self.org.call(lambda: self.org.org.store.rows("Private_Offer__c"))
        return [dict(row) for row in rows if not row["IsDeleted"]]

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    def offers(self) -> dict[str, Mapping[str, Any]]:
        """The private offers of the marketplace by id, as AWS describes them."""
        catalog = self.client("marketplace-catalog")
        found = catalog.list_entities(Catalog="AWSMarketplace", EntityType="Offer", MaxResults=50)["EntitySummaryList"]
        private = [each for each in found if "BuyerAccounts" in each["OfferSummary"].get("Targeting", [])]
        return {each["EntityId"]: each["OfferSummary"] for each in private}

    def opportunities(self) -> dict[str, Mapping[str, Any]]:
        """The co-sell opportunities by id, as AWS gives them."""
        central = self.client("partnercentral-selling")
        found = central.list_opportunities(Catalog="AWS", MaxResults=100)["OpportunitySummaries"]
        return {each["Id"]: central.get_opportunity(Catalog="AWS", Identifier=each["Id"]) for each in found}

    def links(self) -> dict[str, OfferLinkDecided]:
        """The last word on each deal."""
        return {each.deal: each for each in self.told(topics.OFFER_LINKS)}

    def history(self, deal_id: str) -> list[OfferLinkDecided]:
        return [each for each in self.told(topics.OFFER_LINKS) if each.deal == f"{CRM}/deal/{deal_id}"]

    def matches(self) -> dict[str, OfferMatched]:
        return {each.offer: each for each in self.told(topics.OFFER_MATCHES)}

    def of_deal(self, folder: Path, deal_id: str) -> Trace:
        """What `tandem trace` tells of a deal."""
        return self.timeline(folder, f"{CRM}/deal/{deal_id}")


@contextmanager
def hub(rules: Path | None = None, **aws: Any) -> Iterator[Hub]:
    """The two systems, empty, with Tandem between them; `aws` are settings of the emulated AWS."""
    settings = OrgSettings(sfdx=PACKAGE, clock=lambda: START)
    cloud = replace(clouds.standing_still(), **aws)
    with orgs.emulator(settings) as org, clouds.emulator(cloud) as found:
        yield Hub(org, found, rules)
