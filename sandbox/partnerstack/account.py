"""One emulated account: its records, what partners and managers do by hand, limits, webhooks; it speaks no HTTP."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from sandbox.hubspot.times import AdjustableClock, Clock, millis, wall_clock

from .errors import PartnerStackError, bad, missing
from .faults import Faults, StackFault
from .forms import checked, shown
from .model import DETAILED, KINDS, LIMIT_PER_MINUTE, LISTED, STAGES, Kind
from .push import Push

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Everything that makes an account. `per_minute` of None is no limit.

    `archived_shown`: an archived record can still be fetched by its key, and then says so. `bodies`: how webhooks of the
    newer spelling look. PartnerStack's documentation does not say either; so both ways are here.
    """

    seed: int = 0
    clock: Clock = wall_clock
    public_key: str = "pk_sandbox"
    secret_key: str = "sk_sandbox"  # noqa: S105
    stages: Sequence[str] = STAGES
    tiers: Mapping[str, str] = field(
        default_factory=lambda: {"tier_1": "Silver", "tier_2": "Gold", "tier_3": "Platinum"}
    )
    per_minute: int | None = LIMIT_PER_MINUTE
    faults: Sequence[StackFault] = ()
    archived_shown: bool = False
    bodies: Literal["named", "bare"] = "named"


@dataclass(slots=True)
class Stored:
    """A record with what the wire does not show: its order, whether it is archived, who has changed it."""

    number: int
    record: Record
    archived: bool = False
    writes: list[str] = field(default_factory=list)


class Account:
    """The state that requests act on."""

    def __init__(self, settings: AccountSettings) -> None:
        self.settings = settings
        self.clock = AdjustableClock(settings.clock)
        self.random = random.Random(settings.seed)
        self.faults = Faults(settings.faults, settings.seed)
        self.calls: Counter[str] = Counter()
        self.push = Push(settings.bodies)
        self.rows: dict[str, dict[str, Stored]] = {name: {} for name in KINDS}
        self._made = 0
        self._recent: deque[float] = deque()

    def spend(self) -> None:
        """Counts one call of the running minute; raises 429."""
        now = self.clock().timestamp()
        while self._recent and self._recent[0] <= now - timedelta(minutes=1).total_seconds():
            self._recent.popleft()
        most = self.settings.per_minute
        if most is not None and len(self._recent) >= most:
            raise PartnerStackError(429, "Too many requests")
        self._recent.append(now)

    def find(self, kind: Kind, key: str, *, archived: bool = False) -> Stored:
        """By its key or what stands in its place; raises 404."""
        stored = self.rows[kind.name].get(key)
        if stored is None and kind.external is not None:
            every = self.rows[kind.name].values()
            stored = next((each for each in every if each.record.get(str(kind.external)) == key), None)
        if stored is None or (stored.archived and not archived and not self.settings.archived_shown):
            raise missing(kind.singular, key)
        return stored

    def listed(self, kind: Kind, query: Mapping[str, str]) -> Iterator[Stored]:
        """The newest first; `min_` and `max_` include their own moment (unverified)."""
        for stored in sorted(self.rows[kind.name].values(), key=lambda each: -each.number):
            if stored.archived and query.get("include_archived") != "true":
                continue
            if all(_within(stored.record, name, query) for name in kind.filters) and all(
                query.get(name) in {None, stored.record.get(name)} for name in kind.equal
            ):
                yield stored

    def show(self, kind: Kind, stored: Stored, *, in_list: bool = False) -> Record:
        """A record as the wire has it."""
        record = shown(kind, stored.record)
        if kind.name == "partnerships":
            names = LISTED if in_list else DETAILED
            record = {name: record.get(name) for name in names}
        return {**record, "archived": True} if stored.archived else record

    def create(self, kind: Kind, body: Mapping[str, Any], actor: str = "user") -> Stored:
        """A new record; raises 400."""
        values = checked(self, kind, body, None)
        self._made += 1
        now = millis(self.clock())
        key = f"{kind.prefix}_{self._made:04d}{self.random.getrandbits(40):010x}"
        record = {"key": key, "created_at": now, "updated_at": now, **values}
        stored = self.rows[kind.name][key] = Stored(self._made, record, writes=[actor])
        self._tell(kind, stored, "created")
        return stored

    def update(self, kind: Kind, key: str, body: Mapping[str, Any], actor: str = "user") -> Stored:
        """What is not named stays; the stamp moves with every accepted change that changes something."""
        stored = self.find(kind, key)
        values = checked(self, kind, body, stored.record)
        if any(stored.record.get(name) != value for name, value in values.items()):
            stored.record |= {**values, "updated_at": millis(self.clock())}
            stored.writes.append(actor)
            self._tell(kind, stored, "updated")
        return stored

    def archive(self, kind: Kind, key: str, actor: str = "user") -> None:
        stored = self.find(kind, key)
        stored.archived = True
        stored.record["updated_at"] = millis(self.clock())
        stored.writes.append(actor)
        self._tell(kind, stored, "deleted")

    def restore(self, kind: Kind, key: str) -> None:
        stored = self.find(kind, key, archived=True)
        stored.archived = False
        stored.record["updated_at"] = millis(self.clock())
        self._tell(kind, stored, "updated")

    def convert(self, kind: Kind, key: str, body: Mapping[str, Any]) -> Stored:
        """A deal or lead becomes a customer: {"email", "customer_key"?} (types of fern-partnerstack)."""
        stored = self.find(kind, key)
        if not body.get("email"):
            raise bad("email is required")
        made = self.create(
            KINDS["customers"],
            {
                "email": body["email"],
                "name": stored.record.get("account_name"),
                "partner_key": stored.record.get("partner_key"),
                "customer_key": body.get("customer_key") or str(body["email"]),
            },
            "api",
        )
        self.update(kind, key, {"customer_key": made.record["key"]} if kind.name == "deals" else {}, "api")
        return made

    def of_partner(self, key: object) -> Record:
        """The partnership of a partner key; raises 400."""
        for stored in self.rows["partnerships"].values():
            if stored.record["partner_key"] == key and not stored.archived:
                return stored.record
        raise bad(f"partner_key {key} does not belong to a partner of this program")

    def _tell(self, kind: Kind, stored: Stored, what: str) -> None:
        self.push.heard(kind, stored.number, self.show(kind, stored), stored.archived, what)


def _within(record: Record, name: str, query: Mapping[str, str]) -> bool:
    stamp = record[f"{name}_at"]
    low, high = query.get(f"min_{name}"), query.get(f"max_{name}")
    return (low is None or stamp >= int(low)) and (high is None or stamp <= int(high))
