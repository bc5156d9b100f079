"""What an emulated AWS is like: its account, its keys, how fast it works and how it fails; it does nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .core import REGION, SELLER
from .delivery import Delivery
from .wire.faults import AwsFault

# The queues, as deploy/aws names them.
MARKETPLACE, PARTNER_CENTRAL = "tandem-marketplace", "tandem-partner-central"
SUBSCRIPTIONS_TOPIC = "aws-mp-subscription-notification-sandbox"


@dataclass(frozen=True, slots=True)
class Key:
    """A pair of keys. `allowed` and `denied` are IAM actions such as "partnercentral:Get*"; what is denied stays so."""

    access: str
    secret: str
    user: str
    allowed: tuple[str, ...] = ("*",)
    denied: tuple[str, ...] = ()


FULL = Key("tandem-sandbox", "tandem-sandbox-secret", "tandem")
NARROW = Key("tandem-sandbox-narrow", "tandem-sandbox-narrow-secret", "tandem-narrow", allowed=("sts:*",))


@dataclass(frozen=True)
class AwsSettings:
    """How the emulated AWS behaves. All seconds are seconds of its clock."""

    seed: int = 0
    clock: Callable[[], datetime] | None = None  # None: the machine's clock
    account: str = SELLER
    region: str = REGION
    keys: tuple[Key, ...] = (FULL, NARROW)
    limits: bool = True  # whether the documented quotas hold
    faults: tuple[AwsFault, ...] = ()
    delivery: Delivery = field(default_factory=Delivery)
    ticks_every: float | None = 0.2  # None: time passes only when a request or a test says so

    # How long a change set stays PREPARING, and then APPLYING. AWS's sample run took 3 min 38 s in all.
    change_set_preparing: float = 1.0
    change_set_applying: float = 2.0

    # How long Partner Central's own work takes; None: only an act ends a review.
    engagement_task: float = 1.0
    review_starts_after: float | None = None  # Submitted to In review
    review_ends_after: float | None = None  # In review to Approved
    invitation_days: int = 15
    created_visible_after: float = 0.0  # others have seen up to 3 s until a read finds a new opportunity
    complete_at: Literal["create", "submission"] = "create"  # when an opportunity has to have all required fields

    # Not settled by the vendor's documentation: each a switch, so that a client is tested with all of them.
    repeated_association: Literal["accepted", "refused", "conflict"] = "accepted"
    second_offer: Literal["refused", "replaces"] = "refused"
    association_while_locked: Literal["accepted", "refused"] = "accepted"

    # Solutions of this partner, as (id, name).
    solutions: tuple[tuple[str, str], ...] = (
        ("S-0000001", "Tandem Analytics"),
        ("S-0000002", "Tandem Analytics for Health Care"),
    )
