"""One opportunity on the wire, as far as a test scripts it: what is refused, lost or changed by others is the test's."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.aws.calls import Calls
from connectors.aws_partner_central.settings import Settings
from connectors.aws_partner_central.sink import PartnerCentralSink
from schemas.messages import MatchBy, Write
from tests.unit.connectors.aws.wire import Failed, Lost, Wire, unhurried, wire
from tests.unit.connectors.aws_partner_central.opportunities import TABLES, acme

KEY = "O1234567"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
Said = Callable[[], None]


def write(entity: str, key: str = KEY, **more: Any) -> Write:
    """A write by id, decided an hour ago."""
    told = {"match_by": MatchBy.ID, "expected": None, "decided_at": NOW - timedelta(hours=1), "id": "w-1", **more}
    return Write(connection="our-ace", entity=entity, key=key, **told)


def no(code: str, message: str = "as AWS says", **members: Any) -> Said:
    """The call is refused."""

    def refuse() -> None:
        raise Failed(code, message, **members)

    return refuse


def lost() -> None:
    """The call is carried out and its answer is lost."""
    raise Lost


@dataclass
class Shelf:
    """`then` are scripts by operation: each is taken for one call, before it is carried out; `lost` after it."""

    wire: Wire
    held: dict[str, Any] = field(default_factory=acme)
    then: dict[str, list[Said]] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    now: datetime = NOW

    def sink(self) -> PartnerCentralSink:
        settings = Settings(catalog="Sandbox", **dict(self.wire.access()))
        return PartnerCentralSink(settings, lambda: self.now, self.calls())

    def calls(self) -> Calls:
        from connectors.aws.calls import Calls

        return Calls(self.wire.access(), unhurried())

    def send(self, *batch: Write, sink: PartnerCentralSink | None = None) -> list[Any]:
        return list((sink or self.sink()).write(TABLES, batch))

    def related(self, kind: str) -> list[str]:
        return list(self.held["RelatedEntityIdentifiers"].get(kind, []))

    def touch(self) -> None:
        """Somebody else changes it."""
        self.held["LastModifiedDate"] += timedelta(milliseconds=5)

    def answer(self, operation: str, work: Callable[[Mapping[str, Any]], Mapping[str, Any]]):
        def answered(request: Mapping[str, Any]) -> Mapping[str, Any]:
            script = self.then.get(operation, [])
            said = script.pop(0) if script else None
            if said is not None and said is not lost:
                said()
            told = work(request)
            if said is lost:
                lost()
            return json_of(told)

        return answered

    def get(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["Identifier"] != KEY:
            raise Failed("ResourceNotFoundException")
        return self.held

    def update(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["LastModifiedDate"] != json_of(self.held["LastModifiedDate"]):
            raise Failed("ConflictException", "The opportunity was modified.")
        kept = {name: self.held[name] for name in ("Id", "Arn", "CreatedDate", "OpportunityTeam")}
        sent = {name: value for name, value in request.items() if name not in {"Identifier", "LastModifiedDate"}}
        self.held = {
            **sent,
            **kept,
            "RelatedEntityIdentifiers": self.held["RelatedEntityIdentifiers"],
            "LastModifiedDate": self.held["LastModifiedDate"] + timedelta(seconds=1),
        }
        return {"Id": KEY, "LastModifiedDate": self.held["LastModifiedDate"]}

    def tie(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        related = self.held["RelatedEntityIdentifiers"].setdefault(request["RelatedEntityType"], [])
        related.append(request["RelatedEntityIdentifier"])
        return {}

    def untie(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.held["RelatedEntityIdentifiers"][request["RelatedEntityType"]].remove(request["RelatedEntityIdentifier"])
        return {}

    def task(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        known = next((each for each in self.tasks if each["token"] == request["ClientToken"]), None)
        if known is None:
            number = len(self.tasks) + 1
            known = {"TaskId": f"task-{number}", "TaskStatus": "IN_PROGRESS", "StartTime": NOW + timedelta(0, number)}
            self.tasks.append(known | {"token": request["ClientToken"]})
        return {name: value for name, value in known.items() if name != "token"}

    def listed_tasks(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = request.get("TaskIdentifier")
        found = [each for each in self.tasks if wanted is None or each["TaskId"] in wanted]
        return {"TaskSummaries": [{name: it for name, it in each.items() if name != "token"} for each in found]}

    def listed(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        companies = request.get("CustomerCompanyName")
        company = self.held.get("Customer", {}).get("Account", {}).get("CompanyName")
        return {"OpportunitySummaries": [self.held] if companies is None or company in companies else []}


def json_of(told: Any) -> Any:
    """Times as Partner Central writes them."""
    if isinstance(told, Mapping):
        return {name: json_of(value) for name, value in told.items()}
    if isinstance(told, list):
        return [json_of(each) for each in told]
    return told.isoformat().replace("+00:00", "Z") if isinstance(told, datetime) else told


@contextmanager
def shelf() -> Iterator[Shelf]:
    with wire() as opened:
        made = Shelf(opened)
        known = {
            "GetOpportunity": made.get,
            "UpdateOpportunity": made.update,
            "AssociateOpportunity": made.tie,
            "DisassociateOpportunity": made.untie,
            "StartEngagementFromOpportunityTask": made.task,
            "ListEngagementFromOpportunityTasks": made.listed_tasks,
            "ListOpportunities": made.listed,
        }
        opened.answers |= {operation: made.answer(operation, work) for operation, work in known.items()}
        yield made
