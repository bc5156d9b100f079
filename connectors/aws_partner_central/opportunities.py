"""Makes and changes opportunities, each by one call that merges the write into what stands there; it never submits one.

A create whose answer was lost comes again with the same token, or finds the opportunity by the deal's id; an update
carries the stamp of the reading that it was laid into, so that it is refused where somebody was faster.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from connectors.aws.errors import Recovery, Refused
from connectors.aws_partner_central import refusals
from connectors.aws_partner_central.central import Central, token
from connectors.aws_partner_central.locks import for_good, spelt, waits
from connectors.aws_partner_central.opportunity import Nested, created, row, updated
from connectors.aws_partner_central.validation import COMPANY, problems, rejected
from connectors.base import Applied, Outcome, Overtaken, Rejected, Retry
from connectors.judging import ABSENT, agrees, overtaken, standing
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write

DEAL = "PartnerOpportunityIdentifier"
TRIES = 3  # readings of one opportunity that somebody else is changing
BUSY_S = 5.0  # seconds until it is tried again
# A decision so young may be about what was made just now: listings and reads lag behind.
SETTLING = timedelta(minutes=2)
LOCKED = "LOCKED_AFTER_APPROVAL"


class Opportunities:
    """Writes of the entity `cosell`."""

    def __init__(self, central: Central, clock: Callable[[], datetime]) -> None:
        self._central, self._clock = central, clock

    def write(self, table: EntityMap, write: Write) -> Outcome:
        """One outcome; an opportunity that is locked by the review is `Overtaken`, with `locked: <status>`."""
        values = table.to_vendor(write.fields)
        if write.match_by is MatchBy.ID:
            return self._update(table, write, write.key, values)
        values[DEAL] = write.key
        company = values.get(COMPANY)
        found = self._central.found(write.key, None if company is None else str(company))
        if found is None:
            made = self._create(table, write, values)
            if made is not None:
                return made
            # AWS knows the token, with another body: the opportunity is there under another customer's name.
            found = self._central.found(write.key, None)
        if found is None:
            return Retry("the opportunity was asked for, and is not listed yet", BUSY_S)
        return self._update(table, write, found, values)

    def look(self, table: EntityMap, write: Write) -> Mapping[str, JsonValue] | None:
        """What stands in the fields of a write; None where there is no such opportunity."""
        found: str | None = write.key
        if write.match_by is MatchBy.EXTERNAL_ID:
            found = self._central.found(write.key, None)
        latest = None if found is None else self._central.opportunity(found)
        if latest is None:
            return None
        stands = standing(table, row(latest, {}, table.vendor_fields))
        return {name: stands.get(name) for name in write.fields}

    def _create(self, table: EntityMap, write: Write, values: Mapping[str, object]) -> Outcome | None:
        """The outcome; None where the token was used for another body."""
        beaten = overtaken(table, write, None)
        if beaten is not None:
            return beaten
        body = created(values)
        body.setdefault("Customer", {}).setdefault("Account", {})
        wrong = problems(values, body)
        if wrong:
            return rejected(table, wrong)
        key = token("create", self._central.catalog, write.key)
        try:
            answer = self._central.write("CreateOpportunity", ClientToken=key, **body)
        except Refused as refused:
            if refused.disposition.recovery is Recovery.CONFLICT:
                return None
            return refusals.outcome(table, refused, BUSY_S)
        return Applied(str(answer["Id"]))

    def _update(self, table: EntityMap, write: Write, id_: str, values: Mapping[str, object]) -> Outcome:
        for _ in range(TRIES):
            latest = self._central.opportunity(id_)
            if latest is None:
                return absent(write, self._clock())
            body = updated(latest, values)
            judged = self._judged(table, write, latest, values, body)
            if judged is not None:
                return judged
            try:
                self._central.write("UpdateOpportunity", **body)
            except Refused as refused:
                if refused.disposition.recovery is Recovery.CONFLICT:
                    continue
                return refusals.outcome(table, refused, BUSY_S)
            return Applied(id_)
        return Retry(f"somebody else changes {id_} all the time", BUSY_S)

    def _judged(
        self, table: EntityMap, write: Write, latest: Nested, values: Mapping[str, object], body: Nested
    ) -> Outcome | None:
        """Why nothing is sent; None where the opportunity can be changed."""
        stored = row(latest, {}, table.vendor_fields)
        if agrees(table, write.fields, stored):
            return Applied(str(latest["Id"]), changed=False)
        beaten = overtaken(table, write, stored)
        if beaten is not None:
            return beaten
        changed = _changed(table, write, stored)
        review = latest.get("LifeCycle", {}).get("ReviewStatus")
        closed = waits(review, changed)
        if closed is not None:
            return Overtaken(locked(review, _names(table, closed)))
        never = for_good(review, changed)
        if never:
            names = _names(table, never)
            reason = f"AWS has approved the opportunity: {', '.join(names)} can no longer be changed."
            return Rejected(LOCKED, reason, "put the old value back, or ask the contact at AWS", names[0])
        wrong = problems({path: value for path, value in values.items() if path in changed}, body)
        return rejected(table, wrong) if wrong else None


def locked(review: object, names: tuple[str, ...] = ()) -> str:
    """What is said of a write that waits for the review, as `locked: in review`; of single fields with their names."""
    return f"locked: {spelt(review)}" + (f": {', '.join(names)}" if names else "")


def absent(write: Write, now: datetime) -> Outcome:
    """What becomes of a write to an opportunity that is not there, or not yet to be read after it was made."""
    if now - write.decided_at < SETTLING:
        return Retry(f"{write.key} cannot be read (yet)", BUSY_S)
    if write.expected:
        return Overtaken(ABSENT)
    reason = f"there is no opportunity {write.key} in this catalog, or it is not ours to see."
    return Rejected("ResourceNotFoundException", reason, "correct the id and the catalog, or discard the write")


def _changed(table: EntityMap, write: Write, stored: Mapping[str, Any]) -> set[str]:
    try:
        names = table.differing(write.fields, stored)
    except RowError:
        # What stands there is no value that Tandem would write.
        names = tuple(write.fields)
    return {table.fields[name].vendor for name in names}


def _names(table: EntityMap, paths: tuple[str, ...]) -> tuple[str, ...]:
    names = {each.vendor: name for name, each in table.fields.items()}
    return tuple(names.get(path, path) for path in paths)
