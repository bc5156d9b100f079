"""What Partner Central holds: opportunities, engagement tasks and invitations, in two catalogs; it decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from ..core import Clock, Shape

CATALOGS = ("AWS", "Sandbox")
AWS = "AWS"  # how AWS names itself as sender and member
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MILLISECOND = timedelta(milliseconds=1)

PENDING, SUBMITTED, IN_REVIEW = "Pending Submission", "Submitted", "In review"
APPROVED, REJECTED, ACTION_REQUIRED = "Approved", "Rejected", "Action Required"
PARTNER_REFERRAL, AWS_REFERRAL = "Partner Referral", "AWS Referral"


@dataclass
class Opportunity:
    """`body` is what UpdateOpportunity may set; `aws` is AWS's own side of the deal, None before the submission."""

    id: str
    catalog: str
    body: Shape
    origin: str
    created: datetime
    modified: datetime
    visible: datetime  # reads find it from then on
    review_since: datetime
    related: dict[str, list[str]] = field(default_factory=dict)
    team: list[Shape] = field(default_factory=list)
    owner: Shape | None = None
    engagement: str | None = None
    invitation: str | None = None
    aws: Shape | None = None
    snapshots: int = 0

    @property
    def arn(self) -> str:
        return f"arn:aws:partnercentral:us-east-1::catalog/{self.catalog}/opportunity/{self.id}"

    @property
    def life(self) -> Shape:
        life: Shape = self.body.setdefault("LifeCycle", {})
        return life

    @property
    def review(self) -> str:
        return str(self.life["ReviewStatus"])

    @property
    def stage(self) -> str:
        return str(self.life["Stage"])


@dataclass
class Task:
    """An asynchronous task; `kind` is the operation that started it, `subject` the opportunity or invitation."""

    id: str
    catalog: str
    kind: str
    subject: str
    started: datetime
    asked: Shape
    status: str = "IN_PROGRESS"
    results: Shape = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:partnercentral:us-east-1::catalog/{self.catalog}/engagement-task/{self.id}"


@dataclass
class Invitation:
    """An invitation into an engagement. `participant` is our role: RECEIVER of AWS's, SENDER of our own."""

    id: str
    catalog: str
    participant: str
    engagement: str
    title: str
    sender: str
    sender_name: str
    receiver: str
    invited: datetime
    expires: datetime
    payload: Shape
    message: str | None = None
    account: Shape = field(default_factory=dict)  # what shows of the customer only once it is accepted
    status: str = "PENDING"
    reason: str | None = None

    @property
    def arn(self) -> str:
        return f"arn:aws:partnercentral:us-east-1::catalog/{self.catalog}/engagement-invitation/{self.id}"


class Book:
    """Everything, by id. Ids follow from the seed."""

    def __init__(self, clock: Clock, chance: Random) -> None:
        self.opportunities: dict[str, Opportunity] = {}
        self.tasks: dict[str, Task] = {}
        self.invitations: dict[str, Invitation] = {}
        self.tokens: dict[tuple[str, str, str], tuple[str, str]] = {}  # of the call: its digest and what it made
        self._clock, self._chance = clock, chance
        self._numbers = count(5465588, 37)

    def now(self) -> datetime:
        """The time, in milliseconds as the service keeps it."""
        now = self._clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def touch(self, opportunity: Opportunity) -> None:
        """A new LastModifiedDate, later than the one before even where the clock stands."""
        opportunity.modified = max(self.now(), opportunity.modified + _MILLISECOND)

    def fresh(self, prefix: str, length: int = 13) -> str:
        """A new id, as "engi-0a1b2c3d4e5f6"."""
        return f"{prefix}-{''.join(self._chance.choices(_LETTERS, k=length))}"

    def opportunity_id(self) -> str:
        return f"O{next(self._numbers)}"

    def of(self, catalog: str) -> Iterator[Opportunity]:
        """The opportunities of a catalog that reads can see by now."""
        now = self._clock()
        return (one for one in self.opportunities.values() if one.catalog == catalog and one.visible <= now)
