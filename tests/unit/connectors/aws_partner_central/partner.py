"""A partner's account in the emulated Partner Central, and Tandem's connectors to it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connectors.aws_partner_central.sink import PartnerCentralSink
from connectors.aws_partner_central.source import PartnerCentralSource
from connectors.base import Change, Unreadable
from sandbox.aws.wire.faults import AwsFault
from schemas.messages import MatchBy, Write
from tests.contract.connectors.worlds.aws_partner_central import (
    SELLING,
    TABLES,
    PartnerCentralByDeal,
    PartnerCentralHand,
)

DEAL = "006xx01"
FIELDS = dict(PartnerCentralByDeal.good)
SUBMISSION = {"involvement": "Co-Sell", "visibility": "Full"}


class Partner(PartnerCentralHand):
    """The emulated account; what people and AWS do there, and what Tandem writes."""

    queue = True

    def write(self, entity: str, key: str, **more: Any) -> Write:
        told = {"id": "w-1", "match_by": MatchBy.ID, "decided_at": self.clock() - timedelta(hours=1), **more}
        return Write(connection="our-ace", entity=entity, key=key, **told)

    def deal(self, key: str = DEAL, **fields: Any) -> Write:
        """The write that makes an opportunity from a deal."""
        return self.write("cosell", key, match_by=MatchBy.EXTERNAL_ID, fields={**FIELDS, **fields})

    def sink(self) -> PartnerCentralSink:
        return PartnerCentralSink(self.settings(), self.clock, self.shared)

    def send(self, *batch: Write, sink: PartnerCentralSink | None = None) -> list[Any]:
        return list((sink or self.sink()).write(TABLES, batch))

    def submitted(self) -> str:
        """An opportunity with a solution that AWS is to review."""
        (made,) = self.send(self.deal())
        self.send(self.write("cosell_solution", made.target_id, fields={"solution": "S-0000001"}))
        submission = self.write("cosell_submission", made.target_id, fields=SUBMISSION)
        sink = self.sink()
        self.send(submission, sink=sink)
        self.wait(2)
        self.send(submission, sink=sink)
        return str(made.target_id)

    def faulty(self, kind: str, operation: str, times: int = 1) -> None:
        rule = AwsFault(kind=kind, nth=tuple(range(1, times + 1)), times=times, path=f"{SELLING}/{operation}")
        self._running.call(lambda: self._running.platform.faults.arm([rule]))

    def asked(self, operation: str) -> int:
        return self._running.platform.calls[f"{SELLING}/{operation}"]

    def reader(self, **more: Any) -> "Reader":
        return Reader(self, more)


@dataclass
class Reader:
    """A runner in miniature: every event is committed, unless a test says that the process dies."""

    partner: Partner
    more: dict[str, Any]
    cursors: dict[str, str] = field(default_factory=dict)
    told: list[Change] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.source = PartnerCentralSource(self.partner.settings(**self.more), self.partner.clock, self.partner.shared)

    def poll(self) -> list[Change]:
        """What one pass tells."""
        before = len(self.told)
        tables = {entity: table for entity, table in TABLES.items() if table.reads}
        for event in self.source.changes(tables, dict(self.cursors)):
            if isinstance(event, Unreadable):
                self.unreadable.append(event)
                continue
            if isinstance(event, Change):
                self.told.append(event)
            if event.cursor is None:
                self.cursors.pop(event.place, None)
            else:
                self.cursors[event.place] = event.cursor
        return self.told[before:]

    def records(self) -> dict[str, Any]:
        """The records as they were last told."""
        last = {change.record_id: change for change in self.told}
        return {
            id_: TABLES[change.entity].to_canonical(change.row)
            for id_, change in last.items()
            if change.row is not None
        }
