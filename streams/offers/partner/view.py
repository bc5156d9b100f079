"""One deal and its opportunity as the co-sell decision looks at them: what was read, sent and is still awaited; no rules."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from mappings.offers import CosellRules
from schemas.entities import Deal
from schemas.marketplace import Cosell, ReviewStatus
from schemas.messages import MatchBy
from streams.offers.partner.vocabulary import AWS_REFERRAL
from streams.offers.parts import Command, CosellNext, CosellWanted, Problem, Sent, Setup

READ_WITHIN = timedelta(minutes=15)  # a write that is not read back by then counts as undone by somebody
OPPORTUNITY_ID = re.compile(r"O[0-9]{1,19}")
Fields = dict[str, JsonValue]


def stamp(seen: Cosell | None) -> str | None:
    """What tells one read of an opportunity from the next: where it stands with the reviewers, and AWS's own stamp."""
    return None if seen is None else f"{seen.review} {seen.modified or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class View:
    """What one decision looks at. `opportunity` is the id at AWS, "O123"; none while there is none."""

    wanted: CosellWanted
    rules: CosellRules
    connection: str
    at: datetime
    opportunity: str | None
    currency: str  # where a deal names none

    @classmethod
    def of(cls, wanted: CosellWanted, setup: Setup, connection: str, at: datetime) -> "View":
        """The view of one deal; an opportunity that was made by hand counts like one of ours."""
        made = wanted.sent.get(f"{connection}/cosell/{wanted.card.record_id}")
        known = None if wanted.cosell_ref is None else wanted.cosell_ref.rsplit("/", 1)[-1]
        told = (wanted.card.deal.cosell_ref or "").strip()
        by_hand = told if OPPORTUNITY_ID.fullmatch(told) else None
        opportunity = known or (made.target if made and made.status == "applied" else None) or by_hand
        return cls(wanted, setup.rules.cosell, connection, at, opportunity, setup.rules.create.currency)

    @property
    def deal(self) -> Deal:
        """The deal."""
        return self.wanted.card.deal

    @property
    def review(self) -> ReviewStatus:
        """Where it stands; what AWS itself has brought is not reviewed, and is changed like what is approved."""
        seen = self.wanted.seen
        if seen is None:
            return ReviewStatus.PENDING_SUBMISSION
        return ReviewStatus.APPROVED if seen.origin == AWS_REFERRAL else seen.review

    @property
    def flying(self) -> bool:
        """Whether something is on its way to this opportunity."""
        mine = f"{self.connection}/cosell"
        return any(sent.status == "sent" for name, sent in self.wanted.sent.items() if name.startswith(mine))

    def last(self, entity: str) -> Sent | None:
        """The last command of that kind."""
        return self.wanted.sent.get(f"{self.connection}/{entity}/{self.opportunity}")

    def recent(self, sent: Sent) -> bool:
        """Whether so little time has passed that what was written may not have been read back yet."""
        return self.at - sent.at < READ_WITHIN

    def same_read(self, sent: Sent) -> bool:
        """Whether nothing newer has been read since it was decided; taken for true where that was not noted."""
        return sent.seen is None or sent.seen == stamp(self.wanted.seen)

    def command(self, entity: str, fields: Fields, why: str, expected: Fields | None = None) -> CosellNext:
        """One command for this opportunity."""
        made = Command(
            connection=self.connection,
            entity=entity,
            match_by=MatchBy.ID,
            key=self.opportunity or "",
            fields=fields,
            expected=expected,
            reasons=(why,),
        )
        return CosellNext(commands=(made,), next_step=why, wanted=True, moving=True)


def words(text: str) -> CosellNext:
    """Nothing to send, and what happens next."""
    return CosellNext(next_step=text, wanted=True)


def moving(text: str) -> CosellNext:
    """Nothing to send yet: what was sent is on its way, or is to be read back."""
    return CosellNext(next_step=text, wanted=True, moving=True)


def stuck(*problems: Problem) -> CosellNext:
    """Nothing to send, and why."""
    return CosellNext(problems=problems, wanted=True)


def refused(what: str, sent: Sent, remedy: str, field: str = "cosell") -> Problem:
    """AWS's refusal of something, in its own words."""
    return Problem(field=field, reason=f"AWS has refused {what}: {sent.reason or 'it gave no reason'}.", remedy=remedy)
