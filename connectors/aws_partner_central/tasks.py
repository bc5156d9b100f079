"""Submits opportunities and answers invitations, which AWS does in tasks that take their time; it waits for none.

A task that is at work is looked at again later. The token of a task is made of the write, so that a write that comes
again starts no second one.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from connectors.aws.errors import Refused
from connectors.aws_partner_central import refusals
from connectors.aws_partner_central.central import NEVER_SUBMITTED, Central, token
from connectors.aws_partner_central.locks import RETURNED, spelt
from connectors.aws_partner_central.opportunities import BUSY_S, absent
from connectors.aws_partner_central.validation import INVALID
from connectors.base import Applied, Outcome, Overtaken, Rejected, Retry
from mappings.table import EntityMap
from schemas.messages import Write

RUNNING, COMPLETE, FAILED = "IN_PROGRESS", "COMPLETE", "FAILED"
SOON_S, LATE_S = 2.0, 60.0  # seconds until a task is looked at again: as long as it has taken so far, within these
INVOLVEMENT, VISIBILITY = "AwsSubmission/InvolvementType", "AwsSubmission/Visibility"
ACCEPTED, REJECTED, PENDING = "ACCEPTED", "REJECTED", "PENDING"
WHY_REJECTED = "Other"  # one of the reasons that the model lists for RejectionReason
ASK = "look at the opportunity in Partner Central, correct what the reason says and submit it again"


class _Patience:
    """What a task means for its write, and how long it has been looked at; by our own clock, as AWS's may differ."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._since: dict[str, datetime] = {}

    def done(self, write: Write, task: Mapping[str, Any], remedy: str) -> Retry | Rejected | None:
        """None where the task is complete, or there is none."""
        if task.get("TaskStatus") == RUNNING:
            now = self._clock()
            age = (now - self._since.setdefault(write.id, now)).total_seconds()
            return Retry(f"{task.get('TaskId')} is at work", min(max(age, SOON_S), LATE_S))
        self._since.pop(write.id, None)
        if task.get("TaskStatus") == FAILED:
            reason = f"{task.get('Message') or 'AWS gives no reason'} ({task.get('ReasonCode')})"
            return Rejected(str(task.get("ReasonCode") or FAILED), reason, remedy)
        return None


class Submissions:
    """Writes of the entity `cosell_submission`."""

    def __init__(self, central: Central, clock: Callable[[], datetime]) -> None:
        self._central, self._patience = central, _Patience(clock)
        self._clock = clock
        self._started: dict[str, str] = {}

    def write(self, table: EntityMap, write: Write) -> Outcome:
        """Submits it, or says how far that has come."""
        values = table.to_vendor(write.fields)
        if not values.get(INVOLVEMENT):
            remedy = "give Co-Sell or For Visibility Only"
            return Rejected(INVALID, "involvement: it is missing.", remedy, "involvement")
        latest = self._central.opportunity(write.key)
        if latest is None:
            return absent(write, self._clock())
        mine = self._started.get(write.id)
        task = self._task(write.key, mine)
        submitted = spelt(latest.get("LifeCycle", {}).get("ReviewStatus")) not in {NEVER_SUBMITTED, RETURNED}
        at_work = task is not None and task.get("TaskStatus") == RUNNING
        if submitted and not at_work:
            outcome: Outcome = Applied(str(task["TaskId"]) if task else write.key, changed=mine is not None)
        elif mine is None and not at_work:
            # A task that failed before was of an earlier write: what it complained of has been corrected since.
            outcome = self._start(table, write, values)
        else:
            outcome = self._how_far(write, task)
        if not isinstance(outcome, Retry):
            self._started.pop(write.id, None)
        return outcome

    def look(self, table: EntityMap, write: Write) -> Mapping[str, JsonValue] | None:
        """How the opportunity was submitted, in the fields of a write."""
        latest = self._central.opportunity(write.key)
        if latest is None:
            return None
        said = self._central.aws_summary(latest)
        found = {INVOLVEMENT: said.get("InvolvementType"), VISIBILITY: said.get("Visibility")}
        stands = table.to_fields(found)
        return {name: stands.get(name) for name in write.fields}

    def _task(self, id_: str, mine: str | None) -> Mapping[str, Any] | None:
        if mine is not None:
            return self._central.submission(TaskIdentifier=[mine])
        return self._central.submission(OpportunityIdentifier=[id_])

    def _start(self, table: EntityMap, write: Write, values: Mapping[str, object]) -> Outcome:
        wanted = {"InvolvementType": values[INVOLVEMENT], "Visibility": values.get(VISIBILITY)}
        try:
            task = self._central.write(
                "StartEngagementFromOpportunityTask",
                Identifier=write.key,
                ClientToken=token("submit", self._central.catalog, write.key, write.id),
                AwsSubmission={name: value for name, value in wanted.items() if value is not None},
            )
        except Refused as refused:
            return refusals.outcome(table, refused, BUSY_S)
        self._started[write.id] = str(task["TaskId"])
        return self._how_far(write, task)

    def _how_far(self, write: Write, task: Mapping[str, Any] | None) -> Outcome:
        if task is None:
            return Retry("the task that submits it is not listed yet", SOON_S)
        return self._patience.done(write, task, ASK) or Applied(str(task["TaskId"]))


class Answers:
    """Writes of the entity `cosell_invitation`."""

    def __init__(self, central: Central, clock: Callable[[], datetime]) -> None:
        self._central, self._patience = central, _Patience(clock)
        self._asked: set[str] = set()

    def write(self, table: EntityMap, write: Write) -> Outcome:
        """Accepts or rejects an invitation; what was answered otherwise, or has run out, is `Overtaken`."""
        wanted = table.to_vendor(write.fields).get("Status")
        if wanted not in {ACCEPTED, REJECTED}:
            return Rejected(INVALID, f"status: {wanted!r} is no answer.", "give accepted or rejected", "status")
        found = self._invitation(write.key)
        if found is None:
            reason = f"there is no invitation {write.key} in this catalog."
            return Rejected("ResourceNotFoundException", reason, "correct the id, or discard the write")
        try:
            return self._answer(write, str(wanted), str(found["Status"]))
        except Refused as refused:
            return refusals.outcome(table, refused, BUSY_S)

    def look(self, table: EntityMap, write: Write) -> Mapping[str, JsonValue] | None:
        """How the invitation was answered."""
        found = self._invitation(write.key)
        return None if found is None else table.to_fields({"Status": found["Status"]})

    def _invitation(self, id_: str) -> Mapping[str, Any] | None:
        # What was rejected may be seen in the listing only.
        listed = self._central.invitations
        return self._central.invitation(id_) or next((each for each in listed() if each["Id"] == id_), None)

    def _answer(self, write: Write, wanted: str, status: str) -> Outcome:
        if status == ACCEPTED and wanted == ACCEPTED:
            task = self._central.acceptance(write.key)
            return self._accepted(write, task or {})
        if status == wanted:
            return Applied(write.key, changed=False)
        if status != PENDING:
            return Overtaken(f"status is {status.lower()!r}")
        if wanted == REJECTED:
            self._central.write("RejectEngagementInvitation", Identifier=write.key, RejectionReason=WHY_REJECTED)
            return Applied(write.key)
        self._asked.add(write.id)
        return self._accepted(write, self._accept(write.key))

    def _accept(self, id_: str) -> Mapping[str, Any]:
        task = self._central.acceptance(id_)
        if task is not None and task.get("TaskStatus") == RUNNING:
            return task
        key = token("accept", self._central.catalog, id_)
        if task is not None:
            # It failed before, and is asked for again: the failed one's token would only tell of that.
            key = token("accept", self._central.catalog, id_, str(task["TaskId"]))
        return self._central.write("StartEngagementByAcceptingInvitationTask", Identifier=id_, ClientToken=key)

    def _accepted(self, write: Write, task: Mapping[str, Any]) -> Outcome:
        remedy = "see in Partner Central what became of the invitation"
        ended = self._patience.done(write, task, remedy)
        if isinstance(ended, Retry):
            return ended
        changed = write.id in self._asked
        self._asked.discard(write.id)
        return ended or Applied(str(task.get("OpportunityId") or write.key), changed=changed)
