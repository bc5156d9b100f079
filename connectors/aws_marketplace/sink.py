"""Asks the marketplace for offers and changes of them, one change set each; what becomes of it is told by the source.

A write is harmless when it is made again: the change set bears the write's key as its name and as its token, and one of
that name that is there already is the answer. A name is remembered for 60 days, how long a token is, AWS does not say.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from connectors.aws.calls import Calls
from connectors.aws.errors import Refused
from connectors.aws.pace import Pace
from connectors.aws_marketplace import naming, rows
from connectors.aws_marketplace.catalog import CATALOG, SERVICE, Catalog
from connectors.aws_marketplace.changesets import Change, Unfit, canonical, creation, update
from connectors.aws_marketplace.settings import Settings
from connectors.base import Applied, Budget, Outcome, Rejected
from connectors.judging import ABSENT, agrees, overtaken, standing
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write, WriteAction, identity

TOKEN = 64  # printable characters of ASCII at most
NO_ARCHIVE = Rejected("NOT_POSSIBLE", "AWS deletes no offer.", "let its last day to accept be one in the past")
NO_OFFER = "correct the id, or discard the write"


class MarketplaceSink:
    """A `connectors.base.Sink`. Applied means that AWS has taken the change set; its end is a change of `change_set`."""

    batch_size = 10

    def __init__(self, settings: Settings, clock: Callable[[], datetime], pace: Pace | None = None) -> None:
        self._calls = Calls(settings, pace or Pace(settings.rate_share, time.monotonic, time.sleep))
        self._catalog = Catalog(self._calls, private_only=False)
        self._busy_s = settings.busy_s

    def budget(self) -> Budget | None:
        """The marketplace has no daily limit."""
        return self._calls.budget()

    def write(self, tables: Mapping[str, EntityMap], batch: Sequence[Write]) -> Sequence[Outcome]:
        """See `connectors.base.Sink.write`. Where the connection breaks, all of the batch may come again."""
        return [self._written(tables[write.entity], write) for write in batch]

    def look(self, table: EntityMap, batch: Sequence[Write]) -> Sequence[Mapping[str, JsonValue] | None]:
        """See `connectors.base.Sink.look`."""
        found: list[Mapping[str, JsonValue] | None] = []
        for write in batch:
            row = self._row(write.key if write.match_by is MatchBy.ID else self._offer_of(write.key))
            there = None if row is None else standing(table, row)
            found.append(None if there is None else {name: there.get(name) for name in write.fields})
        return found

    def _written(self, table: EntityMap, write: Write) -> Outcome:
        if write.action is WriteAction.ARCHIVE:
            return NO_ARCHIVE
        try:
            return self._created(table, write) if write.match_by is MatchBy.EXTERNAL_ID else self._changed(table, write)
        except Unfit as unfit:
            return Rejected("INVALID_VALUE", unfit.reason, unfit.remedy, unfit.field)
        except Refused as refused:
            return _outcome(refused, self._busy_s)

    def _created(self, table: EntityMap, write: Write) -> Outcome:
        if not (
            0 < len(write.key) <= TOKEN and write.key.isascii() and write.key.isprintable() and " " not in write.key
        ):
            return Rejected(
                "INVALID_KEY", f"{write.key!r} is no token.", f"give at most {TOKEN} characters of ASCII", "key"
            )
        changes = creation(write.fields)
        return self._known(write.key) or overtaken(table, write, None) or self._start(write.key, changes)

    def _changed(self, table: EntityMap, write: Write) -> Outcome:
        changes, row = update(write.key, write.fields), self._row(write.key)
        if row is None and write.expected:
            return overtaken(table, write, None) or Rejected("NOT_FOUND", ABSENT, NO_OFFER)
        if row is None:
            return Rejected("NOT_FOUND", f"there is no offer {write.key}.", NO_OFFER)
        if agrees(table, write.fields, row):
            return Applied(write.key, changed=False)
        values = (f"{name}={write.fields[name]}" for name in sorted(write.fields))
        token = identity(write.key, *values, write.id)[:TOKEN]
        return self._known(token) or overtaken(table, write, row) or self._start(token, changes)

    def _known(self, token: str) -> Applied | None:
        """The change set that was asked for before, whatever became of it."""
        there = self._catalog.named(naming.wire(token))
        return None if there is None else Applied(str(there["ChangeSetId"]), changed=False)

    def _start(self, token: str, changes: Sequence[Change]) -> Applied:
        answer = self._calls(
            SERVICE,
            "StartChangeSet",
            Catalog=CATALOG,
            ChangeSet=list(changes),
            ChangeSetName=naming.wire(token),
            ClientRequestToken=token,
        )
        return Applied(str(answer["ChangeSetId"]))

    def _row(self, offer: str | None) -> Mapping[str, Any] | None:
        detail = self._catalog.described([offer]).get(offer) if offer else None
        return None if detail is None else rows.offer({}, detail, None)

    def _offer_of(self, key: str) -> str | None:
        """The offer that the change set of a key has made; None where there is none (yet)."""
        there = self._catalog.named(naming.wire(key))
        offers = [rows.bare(each) for each in (there or {}).get("EntityIdList") or ()]
        return next((each for each in offers if each.startswith("offer-")), None)


def _outcome(refused: Refused, busy_s: float) -> Outcome:
    """What AWS's refusal means for the write, in the words of the canonical fields."""
    outcome = refused.outcome(busy_s)
    wrong = refused.failure.wrong
    if not isinstance(outcome, Rejected) or not wrong:
        return outcome
    words = [f"{canonical(each) or each.field or each.change}: {each.message}" for each in wrong]
    field = next((name for name in map(canonical, wrong) if name), None)
    return Rejected(outcome.code, "; ".join(dict.fromkeys(words)), outcome.remedy, field or outcome.field)
