"""Writes opportunities, what is tied to them, submissions and answers, one outcome each; it never removes anything."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from connectors.aws.calls import Calls
from connectors.aws_partner_central.associations import Associations
from connectors.aws_partner_central.central import Central, Denied
from connectors.aws_partner_central.opportunities import Opportunities
from connectors.aws_partner_central.settings import Settings
from connectors.aws_partner_central.tasks import Answers, Submissions
from connectors.base import Budget, Outcome, Rejected
from connectors.combining import combined
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import Write, WriteAction

Writer = Callable[[EntityMap, Write], Outcome]
Looker = Callable[[EntityMap, Write], Mapping[str, JsonValue] | None]


class PartnerCentralSink:
    """A `connectors.base.Sink`. Every write may come again: it finds what was done, or is known by its token."""

    batch_size = 1

    def __init__(self, settings: Settings, clock: Callable[[], datetime], calls: Calls | None = None) -> None:
        self._central = Central(calls or Calls(settings), settings.catalog, settings.page_size)
        opportunities, ties = Opportunities(self._central, clock), Associations(self._central, clock)
        submissions, answers = Submissions(self._central, clock), Answers(self._central, clock)
        self._writers: Mapping[str, tuple[Writer, Looker]] = {
            "cosell": (opportunities.write, opportunities.look),
            "cosell_submission": (submissions.write, submissions.look),
            "cosell_solution": (ties.solution, ties.look),
            "cosell_offer": (ties.offer, ties.look),
            "cosell_invitation": (answers.write, answers.look),
        }

    def budget(self) -> Budget | None:
        """The day's writes, of which AWS allows 10,000 to the partner's account."""
        return self._central.budget()

    def write(self, tables: Mapping[str, EntityMap], batch: Sequence[Write]) -> Sequence[Outcome]:
        """See `connectors.base.Sink.write`."""
        if not batch:
            return []
        together: dict[str, list[Write]] = {}
        for each in batch:
            together.setdefault(each.record, []).append(each)
        outcomes = {record: self._one(tables, combined(writes)) for record, writes in together.items()}
        return [outcomes[each.record] for each in batch]

    def look(self, table: EntityMap, batch: Sequence[Write]) -> Sequence[Mapping[str, JsonValue] | None]:
        """See `connectors.base.Sink.look`."""
        return [self._writers[table.entity][1](table, write) for write in batch]

    def _one(self, tables: Mapping[str, EntityMap], write: Write) -> Outcome:
        if write.action is WriteAction.ARCHIVE:
            reason = "Partner Central removes neither opportunities nor invitations."
            return Rejected("NOT_REMOVABLE", reason, "close the opportunity as lost, or reject the invitation")
        try:
            return self._writers[write.entity][0](tables[write.entity], write)
        except RowError as error:
            return Rejected("INVALID_VALUE", error.reason, error.remedy, error.field)
        except Denied as denied:
            remedy = "see in Partner Central whether the record is ours, and what the account may do"
            return Rejected("AccessDeniedException", str(denied), remedy)
