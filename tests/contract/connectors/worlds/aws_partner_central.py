"""An emulated AWS Partner Central as a partner, AWS and Tandem have it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from moto.sqs.models import sqs_backends
from pydantic import JsonValue

from connectors.aws.calls import Calls
from connectors.aws.pace import Pace
from connectors.aws.settings import Keys
from connectors.aws_partner_central import Settings
from connectors.aws_partner_central.sink import PartnerCentralSink
from connectors.aws_partner_central.source import PartnerCentralSource
from connectors.base import Sink, Source
from connectors.errors import NeedsConfirmation
from mappings.loader import load
from mappings.table import EntityMap
from sandbox.aws.core import BusEvent
from sandbox.aws.settings import FULL
from sandbox.aws.testing import START, Emulator, emulator
from sandbox.aws.wire.faults import AwsFault
from schemas.messages import MatchBy, Parent

TABLES = load("aws_partner_central")
SELLING, CATALOG = "partnercentral-selling", "Sandbox"
SPEND = {"Amount": "1200.50", "CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "AWS"}
ACCOUNT = {
    "CompanyName": "Acme Robotics GmbH",
    "Industry": "Manufacturing",
    "WebsiteUrl": "https://acme.com",
    "Address": {"CountryCode": "DE"},
}


def body(title: str, **more: Any) -> dict[str, Any]:
    """What the emulator asks of an opportunity that is created."""
    project = {
        "Title": title,
        "CustomerBusinessProblem": "Robots stand still when the line changes.",
        "CustomerUseCase": "Database",
        "DeliveryModels": ["SaaS or PaaS"],
        "ExpectedCustomerSpend": [SPEND],
    }
    return {
        "Catalog": CATALOG,
        "PrimaryNeedsFromAws": ["Co-Sell - Deal Support"],
        "OpportunityType": "Net New Business",
        "Customer": {"Account": dict(ACCOUNT)},
        "Project": project,
        "LifeCycle": {"Stage": "Qualified", "TargetCloseDate": "2027-01-31"},
        **more,
    }


class PartnerCentralHand:
    """An emulated partner's account, and our own clock an hour ahead of AWS's."""

    queue, every_s = False, 0.0

    def __init__(self, running: Emulator) -> None:
        self._running, self._now, self._made = running, START + timedelta(hours=1), 0
        # Making boto3's clients takes longer than any test; they hold nothing that a restart would lose.
        self.shared = self.calls()

    def settings(self, **more: Any) -> Settings:
        keys = Keys(method="keys", access_key_id=FULL.access, secret_access_key=FULL.secret)
        told = {
            "base_url": self._running.base_url,
            "auth": keys,
            "catalog": CATALOG,
            "queue_url": self._running.places.partner_central_url if self.queue else None,
            "poll_s": self.every_s,
            "reread_s": self.every_s,
            "overlap_s": 5,
            "linger_s": 0,
            "page_size": 3,
        }
        return Settings(**{**told, **more})

    def calls(self, **more: Any) -> Calls:
        """The emulated clock stands still, and no quota holds."""
        return Calls(self.settings(**more), Pace(1.0, lambda: 0.0, lambda _: None, rates={}))

    def clock(self) -> datetime:
        return self._now

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)
        self._running.advance(seconds)

    def act(self, what: str, **arguments: Any) -> Any:
        return self._running.act(SELLING, what, **arguments)

    def service(self) -> Any:
        return self._running.world.services[SELLING]

    def handle(self, operation: str, **request: Any) -> dict[str, Any]:
        """What somebody does with another tool."""
        told = {"Catalog": CATALOG, **request}
        return self._running.call(lambda: self.service().handle(operation, told))

    def make(self, title: str, **more: Any) -> str:
        """Somebody creates an opportunity by hand."""
        self._made += 1
        return str(self.handle("CreateOpportunity", ClientToken=f"hand-{self._made}", **body(title, **more))["Id"])

    def living(self) -> dict[str, Any]:
        return self.service().book.opportunities  # type: ignore[no-any-return]

    def delete(self, record_id: str) -> None:
        """Partner Central deletes no opportunity; here AWS's support does, so that the clause holds."""
        self._running.call(lambda: self.living().pop(record_id))


class PartnerCentralListing(PartnerCentralHand):
    """A `SourceWorld`, read by listing everything each time."""

    table: EntityMap = TABLES["cosell"]
    named = "title"

    def restart(self) -> Source:
        return PartnerCentralSource(self.settings(), self.clock, self.shared)

    def confirm(self, question: NeedsConfirmation) -> Source:
        raise question  # Partner Central is never asked about

    def create(self, name: str) -> str:
        return self.make(name)

    def edit(self, record_id: str, name: str) -> None:
        self.act("edit", opportunity=record_id, changes={"Project.Title": name})

    def state(self) -> Mapping[str, str]:
        return {id_: one.body["Project"]["Title"] for id_, one in self.living().items()}

    def reset(self) -> None:
        self._running.call(self.living().clear)
        self._now = START + timedelta(hours=1)


class PartnerCentralEvents(PartnerCentralListing):
    """A `SourceWorld`, read by events; after the start of a process nothing is listed."""

    queue, every_s = True, 10.0**9

    def delete(self, record_id: str) -> None:
        """As AWS tells of nothing that is deleted, an event that comes late is what leads there."""
        super().delete(record_id)
        detail = {"catalog": CATALOG, "opportunity": {"identifier": record_id}}
        hint = BusEvent("aws.partnercentral-selling", "Opportunity Updated", (), detail)
        self._running.call(lambda: self._running.world.emit(hint))

    def restart(self) -> Source:
        """A process is started only after what the one before had received is to be seen in the queue again."""
        world = self._running.world
        for queue in sqs_backends[world.account][world.region].queues.values():
            for message in queue._messages:
                message.change_visibility(0)
        return super().restart()


class _PartnerCentralSink(PartnerCentralHand):
    tables: Mapping[str, EntityMap] = {entity: table for entity, table in TABLES.items() if table.writes}
    table: EntityMap = TABLES["cosell"]
    parent: Parent | None = None
    nullable, archives = "next_steps", False
    match_by: MatchBy
    good: Mapping[str, JsonValue]

    def __init__(self, running: Emulator) -> None:
        super().__init__(running)
        self._effects: Counter[str] = Counter()
        self._running.call(self._watch)

    def _watch(self) -> None:
        """Count what changes an opportunity, on the side of the emulator."""
        operations = self.service()._operations
        create, update = operations["CreateOpportunity"], operations["UpdateOpportunity"]

        def created(request: dict[str, Any]) -> dict[str, Any]:
            before = set(self.living())
            made = create(request)
            self._effects[made["Id"]] += made["Id"] not in before
            return made

        def updated(request: dict[str, Any]) -> dict[str, Any]:
            made = update(request)
            self._effects[made["Id"]] += 1
            return made

        self.service()._operations = {**operations, "CreateOpportunity": created, "UpdateOpportunity": updated}

    def make(self, title: str, **more: Any) -> str:
        made = super().make(title, **more)
        del self._effects[made]
        return made

    def restart(self) -> Sink:
        return PartnerCentralSink(self.settings(), self.clock, self.shared)

    def id_of(self, key: str) -> str | None:
        """The opportunity of a key; None where there is none."""
        return key if key in self.living() else None

    def read(self, key: str) -> Mapping[str, JsonValue] | None:
        found = self.living().get(self.id_of(key) or "")
        if found is None:
            return None
        return self.table.to_fields(
            {path: _at(found.body, path) for path in self.table.vendor_fields if "." not in path}
        )

    def effects(self, key: str) -> int:
        return self._effects[self.id_of(key) or ""]

    def edit(self, key: str, fields: Mapping[str, JsonValue]) -> None:
        changes = {path.replace("/", "."): value for path, value in self.table.to_vendor(fields).items()}
        self.act("edit", opportunity=self.id_of(key), changes=changes)

    def remove(self, key: str) -> None:
        self.delete(str(self.id_of(key)))

    def parents(self) -> int:
        return 0

    def break_after(self, call: int) -> None:
        rule = AwsFault(kind="reset_after", nth=(call,), times=1, path=SELLING)
        self._running.call(lambda: self._running.platform.faults.arm([rule]))


class PartnerCentralById(_PartnerCentralSink):
    """A `SinkWorld` of opportunities that are there."""

    match_by, creates = MatchBy.ID, False
    good: Mapping[str, JsonValue] = {
        "next_steps": "Send the private offer",
        "city": "Berlin",
        "buyer_account": "123456789012",
        "software_amount": "12500.5",
        "software_currency": "EUR",
    }
    changed: Mapping[str, JsonValue] = {**good, "next_steps": "Wait for the buyer", "software_amount": "13000"}
    bad: Mapping[str, JsonValue] = {**good, "buyer_account": "12345678901"}

    def keys(self, count: int) -> Sequence[str]:
        return [self.make(f"Deal {number}") for number in range(count)]


class PartnerCentralByDeal(_PartnerCentralSink):
    """A `SinkWorld` of opportunities that are made from deals."""

    match_by, creates = MatchBy.EXTERNAL_ID, True
    good: Mapping[str, JsonValue] = {
        **PartnerCentralById.good,
        "title": "Acme Robotics: 40 seats",
        "company": "Acme Robotics GmbH",
        "website": "https://acme.com",
        "industry": "Manufacturing",
        "country": "DE",
        "problem": "Robots stand still when the line changes.",
        "use_case": "Database",
        "delivery": ["SaaS or PaaS"],
        "needs": ["Co-Sell - Deal Support"],
        "activities": ["Conducted POC / Demo"],
        "opportunity_type": "Net New Business",
        "monthly_spend": "1200.5",
        "spend_currency": "USD",
        "stage": "qualified",
        "close_date": "2027-01-31",
    }
    changed: Mapping[str, JsonValue] = {**good, "stage": "business_validation", "activities": ["SOW Signed"]}
    bad: Mapping[str, JsonValue] = {**good, "buyer_account": "12345678901"}

    def keys(self, count: int) -> Sequence[str]:
        return [f"006xx{number}" for number in range(count)]

    def id_of(self, key: str) -> str | None:
        living = self.living().items()
        return next((id_ for id_, one in living if one.body.get("PartnerOpportunityIdentifier") == key), None)


def _at(found: Any, path: str) -> Any:
    for step in path.split("/"):
        found = found[0] if isinstance(found, list) and found else found
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def in_central(world: Callable[[Emulator], Any]) -> Callable[[], AbstractContextManager[Any]]:
    @contextmanager
    def opened() -> Iterator[Any]:
        with emulator() as running:
            made = world(running)
            yield made
            made.shared.close()

    return opened
