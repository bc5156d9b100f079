"""A marketplace, a partner system and two CRMs in plain Python, as the hub finds them: they take writes and are read."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from schemas.messages import CHANGED, Changed, ChangeKind, MatchBy, Write, WriteFinished, WriteStatus, identity

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BUYER = "123456789012"


class Clouds:
    """Everything that is read. `records` holds the truth by ref; `dirty` are the refs whose last change nobody was told."""

    def __init__(self, crms: tuple[str, ...] = ("crm", "hs")) -> None:
        self.now, self.crms = START, crms
        self.records: dict[str, dict] = {}
        self.versions: dict[str, int] = {}
        self.dirty: list[str] = []
        self.told: list[Changed] = []
        self.tokens: dict[str, str] = {}  # idempotency token to change set
        self.asked: dict[str, Write] = {}  # change set to what it was asked for by
        self.hub_moved: set[str] = set()  # offers whose last day was moved by the hub, last of all
        self.cut: set[str] = set()  # offers whose last day a person has cut short
        self.shown: dict[str, dict] = {}
        self.associations: list[tuple[str, str]] = []
        self.refusals = 0  # so many requests to come are refused before they become a change set
        self.count = 0

    @property
    def today(self) -> date:
        return self.now.date()

    def put(self, ref: str, **fields) -> str:
        self.records[ref] = {**self.records.get(ref, {}), **fields}
        self.count += 1
        self.versions[ref] = self.count
        if ref not in self.dirty:
            self.dirty.append(ref)
        return ref

    def read(self, ref: str) -> Changed:
        """What a source would tell of a record now."""
        connection, entity, record_id = ref.split("/", 2)
        record, version = self.records[ref], self.versions[ref]
        gone, into = record.get("gone", False), record.get("merged_into")
        event = CHANGED[entity].model_validate(
            {
                "id": identity(ref, str(version)),
                "connection": connection,
                "party": "us",
                "record_id": record_id,
                "kind": (ChangeKind.MERGED if into else ChangeKind.DELETED) if gone else ChangeKind.UPSERTED,
                "merged_into": into,
                "version": version,
                "record": None if gone else record,
                "occurred_at": self.now,
                "seen_at": self.now,
            }
        )
        if ref in self.dirty:
            self.dirty.remove(ref)
        self.told.append(event)
        return event

    def refs(self, entity: str) -> list[str]:
        return [ref for ref in self.records if ref.split("/")[1] == entity]

    # --- what the hub writes

    def write(self, write: Write) -> WriteFinished:
        status, target, code, reason = getattr(self, f"_{write.entity}")(write)
        return WriteFinished(
            write_id=write.id,
            connection=write.connection,
            entity=write.entity,
            key=write.key,
            status=status,
            target_id=target,
            code=code,
            reason=reason,
            decided_at=write.decided_at,
            finished_at=self.now,
        )

    def _offer(self, write: Write) -> tuple:
        if write.match_by is MatchBy.ID:
            token = f"{write.key} {write.id}"
        else:
            token = write.key
        if token not in self.tokens:
            if self.refusals:
                self.refusals -= 1
                return WriteStatus.REJECTED, None, "ValidationException", "a dimension key of the grants is not known"
            self.count += 1
            self.tokens[token] = f"cs-{self.count}"
            name = f"tandem/{write.key}"
            self.asked[self.tokens[token]] = write
            self.put(f"aws/change_set/{self.tokens[token]}", name=name, status="preparing", entities=())
        return WriteStatus.APPLIED, self.tokens[token], None, None

    def _deal_offer(self, write: Write) -> tuple:
        self.shown.setdefault(f"{write.connection}/deal/{write.key}", {}).update(write.fields)
        return WriteStatus.APPLIED, write.key, None, None

    def _private_offer(self, write: Write) -> tuple:
        self.shown.setdefault(f"{write.connection}/{write.key}", {}).update(write.fields)
        return WriteStatus.APPLIED, write.key, None, None

    def _deal(self, write: Write) -> tuple:
        ref = f"{write.connection}/deal/new-{write.key}"
        if ref not in self.records:
            self.put(ref, **write.fields, tandem_key=write.key)
        return WriteStatus.APPLIED, ref.split("/", 2)[2], None, None

    def _cosell(self, write: Write) -> tuple:
        if write.match_by is MatchBy.ID:
            self._stamped(f"ace/cosell/{write.key}", **write.fields)
            return WriteStatus.APPLIED, write.key, None, None
        token = f"ace {write.key}"
        if token not in self.tokens:
            self.count += 1
            self.tokens[token] = f"O{self.count}"
            fields = {**write.fields, "deal": write.key, "origin": "partner_referral", "review": "pending_submission"}
            self._stamped(f"ace/cosell/{self.tokens[token]}", **fields)
        return WriteStatus.APPLIED, self.tokens[token], None, None

    def _stamped(self, ref: str, **fields) -> None:
        self.put(ref, **fields, modified=f"stamp {self.count + 1}")

    def _cosell_submission(self, write: Write) -> tuple:
        self._stamped(f"ace/cosell/{write.key}", review="approved")
        return WriteStatus.APPLIED, "task-1", None, None

    def _cosell_solution(self, write: Write) -> tuple:
        self._stamped(f"ace/cosell/{write.key}", solutions=(write.fields["solution"],))
        return WriteStatus.APPLIED, write.key, None, None

    def _cosell_offer(self, write: Write) -> tuple:
        """Read before write, as the sink does; what is there already is not associated again."""
        ref, arn = f"ace/cosell/{write.key}", write.fields["offer"]
        if arn not in self.records[ref].get("offers", ()):
            self.associations.append((write.key, arn))
            self._stamped(ref, offers=(arn,))
        return WriteStatus.APPLIED, write.key, None, None

    def _cosell_invitation(self, write: Write) -> tuple:
        self.put(f"ace/cosell_invitation/{write.key}", status=write.fields["status"])
        return WriteStatus.APPLIED, write.key, None, None

    # --- what the marketplace and its people do

    def open_change_sets(self) -> list[str]:
        return [r for r in self.refs("change_set") if self.records[r]["status"] in {"preparing", "applying"}]

    def progress(self, ref: str, failure: str | None = None) -> None:
        """One step of a change set; where it fails, by whose fault."""
        if self.records[ref]["status"] == "preparing" and failure is None:
            self.put(ref, status="applying")
        elif failure is not None:
            self.put(ref, status="failed", failure=failure, errors=("INVALID_INPUT UpdateTargeting: no such account",))
        else:
            self._done(ref, self.asked[ref.split("/", 2)[2]])

    def _done(self, ref: str, write: Write) -> None:
        if write.match_by is MatchBy.ID:
            offer = f"aws/offer/{write.key}"
            self.put(offer, accept_by=write.fields["accept_by"])
            self.hub_moved.add(offer)
            self.cut.discard(offer)
        else:
            offer = self.make_offer(f"offer-{ref.rsplit('-', maxsplit=1)[-1]}", **write.fields)
        self.put(ref, status="succeeded", entities=(offer.split("/", 2)[2],))

    def make_offer(self, name: str, /, **fields) -> str:
        arn = f"arn:aws:aws-marketplace:us-east-1:691709974417:AWSMarketplace/Offer/{name}"
        held = {"released": True, "released_at": self.now.isoformat(), "arn": arn, **fields}
        return self.put(f"aws/offer/{name}", **held)

    def by_hand(self, offer: str, day: date) -> None:
        """Somebody moves an offer's last day in the marketplace."""
        before = date.fromisoformat(self.records[offer]["accept_by"])
        self.put(offer, accept_by=day.isoformat())
        self.hub_moved.discard(offer)
        if day < self.today <= before:
            self.cut.add(offer)
        elif day >= self.today:
            self.cut.discard(offer)

    def can_be_accepted(self) -> list[str]:
        taken = {row["offer"] for row in map(self.records.get, self.refs("agreement"))}
        return [
            ref
            for ref in self.refs("offer")
            if ref.split("/", 2)[2] not in taken and date.fromisoformat(self.records[ref]["accept_by"]) >= self.today
        ]

    def accept(self, offer: str) -> str:
        self.count += 1
        record = self.records[offer]
        return self.put(
            f"aws/agreement/agmt-{self.count}",
            status="active",
            offer=offer.split("/", 2)[2],
            buyer_account=BUYER,
            accepted_at=self.now.isoformat(),
            starts_at=self.now.isoformat(),
            ends_at=(self.now + timedelta(days=365)).isoformat(),
            amount=Decimal(record["amount"]),
            currency=record["currency"],
            initial_agreement=f"agmt-{self.count}",
        )

    def active(self) -> list[str]:
        return [ref for ref in self.refs("agreement") if self.records[ref]["status"] == "active"]

    def end(self, agreement: str, status: str) -> None:
        """An agreement ends; one that is renewed or replaced is followed by another one."""
        self.put(agreement, status=status)
        if status in {"renewed", "replaced"}:
            self.now += timedelta(seconds=1)
            self.count += 1
            before = self.records[agreement]
            starts = {"accepted_at": self.now.isoformat(), "starts_at": self.now.isoformat()}
            offer = {"offer": before["offer"] if status == "renewed" else f"offer-unknown{self.count}"}
            self.put(f"aws/agreement/agmt-{self.count}", **{**before, **starts, **offer, "status": "active"})

    # --- what has to come out

    def attempts(self, deal: str) -> list[str]:
        """The change sets that were asked for to make the offer of a deal, in order; its id stands in the name."""
        record_id = deal.split("/", 2)[2]
        made = [(cs, w) for cs, w in self.asked.items() if w.match_by is MatchBy.EXTERNAL_ID]
        return [f"aws/change_set/{cs}" for cs, w in made if re.search(rf"\({record_id}\)", str(w.fields["name"]))]

    def offers_of(self, deal: str) -> list[str]:
        done = [r for r in self.attempts(deal) if self.records[r]["status"] == "succeeded"]
        return [f"aws/offer/{self.records[r]['entities'][0]}" for r in done]

    def chain(self, offer: str) -> list[dict]:
        own = [r for r in map(self.records.get, self.refs("agreement")) if r["offer"] == offer.split("/", 2)[2]]
        first = {row["initial_agreement"] for row in own}
        rows = [r for r in map(self.records.get, self.refs("agreement")) if r["initial_agreement"] in first]
        return sorted(rows, key=lambda row: row["accepted_at"])

    def state(self, deal: str) -> set[str | None]:
        """The states that may be held of a deal's offer once everything was read."""
        attempts = self.attempts(deal)
        if not attempts:
            return {None}
        status = self.records[attempts[-1]]["status"]
        if status != "succeeded":
            return {"create_failed" if status == "failed" else "creating"}
        return self.offer_state(self.offers_of(deal)[-1])

    def offer_state(self, offer: str) -> set[str | None]:
        rows = self.chain(offer)
        if rows:
            ends = {"active": "accepted", "expired": "ended", "terminated": "terminated", "cancelled": "terminated"}
            return {ends[rows[-1]["status"]]}
        if date.fromisoformat(self.records[offer]["accept_by"]) >= self.today:
            return {"released"}
        if offer in self.hub_moved and self._cancelled(offer):
            return {"cancelled"}
        return {"cancelled", "expired"} if offer in self.cut else {"expired"}

    def _cancelled(self, offer: str) -> bool:
        moves = [w for w in self.asked.values() if w.match_by is MatchBy.ID and f"aws/offer/{w.key}" == offer]
        return any("cancel" in " ".join(write.reasons) for write in moves)
