"""A deal, the hub that shares it and an AWS that reviews, edits, locks and answers late, over one emulated clock."""

from datetime import UTC, datetime, timedelta

from mappings.offers import OfferRules, load
from schemas.entities import Account, Deal, DealStage
from schemas.marketplace import Cosell, OfferState, ReviewStatus
from streams.offers.cosell import advance, stamp
from streams.offers.parts import Command, CosellNext, CosellWanted, DealCard, Sent, Setup

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DEAL = "our-crm/deal/006A"
ARN = "arn:aws:aws-marketplace:us-east-1:691709974417:AWSMarketplace"
RANKS = ["prospect", "qualified", "technical_validation", "business_validation", "committed", "launched"]
LOCKED = {"submitted", "in_review", "rejected"}
# as AWS documents it, written down here once more so that a slip in the product is seen
RETURNED = {"deal", "website", "country", "state", "city", "postal_code", "street", "close_date", "problem",
            "monthly_spend", "spend_currency"}  # fmt: skip
FIXED = {"deal", "title", "website", "country", "postal_code", "industry", "problem"}
OURS = {"stage", "lost_reason", "next_steps", "close_date", "software_amount", "software_currency", "software_from",
        "software_until", "software_model"}  # fmt: skip


def rules(**cosell) -> OfferRules:
    shipped = load()
    told = {"solution": "S-0000001", **cosell}
    return shipped.model_copy(update={"cosell": shipped.cosell.model_copy(update=told)})


def setup(**cosell) -> Setup:
    return Setup(deals=("our-crm",), marketplace="our-aws", partner_central="our-ace", rules=rules(**cosell))


def company(**values) -> Account:
    told = {"name": "Acme Robotics", "website": "acme.com", "country": "Germany", "city": "Berlin", **values}
    return Account(**told)


def deal(**values) -> Deal:
    told = {
        "name": "Acme Robotics: 40 seats", "stage": DealStage.PROPOSAL, "account": "001A", "amount": "12500.00",
        "currency": "USD", "close_date": "2027-01-31", "next_step": "Send the quote", "cosell": True,
        "problem": "Robots stand still while their logs are searched.", "use_case": "Containers & Serverless",
        "industry": "Manufacturing", "buyer_account": "123456789012", **values,
    }  # fmt: skip
    return Deal(**told)


def card(of: Deal | None = None, at: Account | None = None, **values) -> DealCard:
    return DealCard(ref=DEAL, version=1, deal=of or deal(), company=company() if at is None else at, **values)


def wanted(of: Deal | None = None, **values) -> CosellWanted:
    told = {"card": card(of), "state": None, **values}
    return CosellWanted(**told)


class Aws:
    """Partner Central with one opportunity; it fails the test where a rule of AWS's own would be broken."""

    def __init__(self) -> None:
        self.opportunity: dict | None = None
        self.changes = 0
        self.associated: list[str] = []
        self.writes: list[Command] = []
        self.refused: list[dict] = []
        self.corrected = False  # whether it was changed since the reviewers sent it back

    def touch(self, **values) -> None:
        self.changes += 1
        assert self.opportunity is not None
        self.opportunity |= {**values, "modified": f"2026-11-22T09:00:00.{self.changes:06}Z"}

    def judge(self, review: str, comments: str | None = None) -> None:
        self.touch(review=review, review_comments=comments)
        self.corrected = False

    def read(self) -> Cosell | None:
        return None if self.opportunity is None else Cosell.model_validate(self.opportunity)

    def take(self, command: Command, base: dict) -> Sent:
        """What the connection makes of a command: what became of it, as the hub is told."""
        self.writes.append(command)
        said = getattr(self, f"_{command.entity}")(command, base)
        status, target = ("applied", said[1:]) if said.startswith("=") else (said.split(":")[0], None)
        return Sent(write="w", fields=command.fields, status=status, target=target, reason=said, at=START)

    def _cosell(self, command: Command, base: dict) -> str:
        if command.match_by == "external_id":
            assert self.opportunity is None, "a second opportunity"
            self.opportunity = {"review": "pending_submission", "solutions": [], "offers": [], "offer_sets": []}
            self.touch(**command.fields)
            return "=O1"
        before = self.read().model_dump(mode="json")
        if before["review"] in LOCKED:
            return "overtaken: locked"
        assert command.fields not in self.refused, "what was refused is sent again"
        if any("refuse" in str(value) for value in command.fields.values()):
            self.refused.append(command.fields)
            return "rejected: it does not please us"
        for name, value in command.fields.items():
            if before[name] not in (command.expected[name], value):
                return f"overtaken: {name} is {before[name]}"
        for name in command.fields:
            if name not in OURS:
                empty = before[name] in (None, "", [])
                assert empty or before[name] == base.get(name), f"{name} was changed by AWS, and is overwritten"
        assert before["stage"] not in {"launched", "closed_lost"}, "an opportunity that is over is changed"
        review = before["review"]
        closed = (
            FIXED if review == "approved" else (set(command.fields) - RETURNED if review == "action_required" else ())
        )
        assert not set(closed) & set(command.fields), f"{review}: AWS takes none of {command.fields}"
        self._check_stage(before, command.fields.get("stage", before["stage"]), base)
        self.touch(**command.fields)
        self.corrected = True
        return "=O1"

    def _check_stage(self, before: dict, after: str, base: dict) -> None:
        if after == "closed_lost":
            return
        assert RANKS.index(after) >= RANKS.index(before["stage"]) or base.get("stage") == before["stage"], "moved back"
        assert after != "launched" or before["review"] == "approved", "launched before it is approved"
        equipped = before["solutions"] or before["offers"] or before["offer_sets"]
        assert equipped or RANKS.index(after) < 4 or after == before["stage"], "committed without a solution"

    def _cosell_solution(self, command: Command, _: dict) -> str:
        self.touch(solutions=[*self.opportunity["solutions"], command.fields["solution"]])
        return "=O1"

    def _cosell_offer(self, command: Command, _: dict) -> str:
        arn = command.fields["offer"] or command.fields["offer_set"]
        if self.opportunity["review"] in LOCKED:
            return "overtaken: locked"
        if self.opportunity["offers"] not in ([], [command.expected["offer"]], [arn]):
            return f"overtaken: {self.opportunity['offers']}"
        assert arn not in self.associated, "a second association"
        self.associated.append(arn)
        self.touch(
            offers=[arn] if command.fields["offer"] else [], offer_sets=[arn] if command.fields["offer_set"] else []
        )
        return "=O1"

    def _cosell_submission(self, command: Command, _: dict) -> str:
        now = self.opportunity
        assert now["solutions"], "submitted without a solution"
        assert now["stage"] != "closed_lost", "submitted though lost"
        if now["review"] not in {"pending_submission", "action_required"}:
            return "rejected: it is not to be submitted"
        assert now["review"] == "pending_submission" or self.corrected, "submitted again without a correction"
        self.touch(review="submitted", review_comments=None)
        return "=task-1"


class Hub:
    """What the link remembers, and the loop around the decision."""

    def __init__(self, rules: Setup | None = None, adopts: str | None = None) -> None:
        self.setup, self.aws, self.at = rules or setup(), Aws(), START
        self.company, self.deal = company(), deal(cosell_ref=adopts)
        self.link: dict = {}
        self.seen: Cosell | None = None
        self.base: dict = {}
        self.sent: dict[str, Sent] = {}
        self.flying: Command | None = None
        self.outcome: Sent | None = None  # known to AWS, not yet to us
        self.said = CosellNext()

    def wants(self) -> CosellWanted:
        ref = "our-ace/cosell/O1" if self.seen is not None else None
        told = {"state": None, **self.link}
        return CosellWanted(
            card=card(self.deal, self.company), cosell_ref=ref, seen=self.seen, base=self.base, sent=self.sent, **told
        )

    def decide(self) -> CosellNext:
        """Ask, and note what is said to be sent."""
        self.at += timedelta(seconds=30)
        before = self.wants()
        self.said = advance(before, self.setup, self.at)
        assert advance(before, self.setup, self.at) == self.said
        assert len(self.said.commands) <= 1
        for command in self.said.commands:
            assert self.flying is None, "a second command while one is on its way"
            assert self.seen is None or self.seen.review.value not in LOCKED, "sent though locked"
            before = self.sent.get(command.name)
            again = before is not None and before.status == "overtaken" and before.seen == stamp(self.seen)
            assert not again, "sent again though nothing newer was read"
            self.flying = command
            self.sent[command.name] = Sent(write="w", fields=command.fields, at=self.at, seen=stamp(self.seen))
        assert advance(self.wants(), self.setup, self.at).commands == (), "said twice"
        return self.said

    def perform(self) -> None:
        """AWS takes what is on its way; nobody knows yet."""
        if self.flying is not None and self.outcome is None:
            self.outcome = self.aws.take(self.flying, self.base)

    def learn(self) -> None:
        """We learn what became of it."""
        if self.outcome is None or self.flying is None:
            return
        name, done = self.flying.name, self.outcome
        told = {"status": done.status, "target": done.target, "reason": done.reason, "at": self.at}
        self.sent[name] = self.sent[name].model_copy(update=told)
        if done.status == "applied" and self.flying.entity == "cosell":
            self.base = {**self.base, **self.flying.fields}
        self.flying = self.outcome = None

    def read(self) -> None:
        """What AWS holds is read."""
        self.seen = self.aws.read()

    def turn(self) -> int:
        """Decide, send, learn and read; returns how many commands that took."""
        count = len(self.decide().commands)
        self.perform()
        self.learn()
        self.read()
        return count

    def settle(self, most: int = 12) -> int:
        """Turns until nothing is said any more; returns how many commands that took."""
        self.perform()
        self.learn()
        self.read()
        total = quiet = 0
        while total <= most:
            count = self.turn()
            total, quiet = total + count, 0 if count else quiet + 1
            if quiet == 2:
                return total
        raise AssertionError(f"no end after {most} commands: {[each.fields for each in self.aws.writes[-4:]]}")

    def review(self, status: ReviewStatus | str, comments: str | None = None) -> None:
        """AWS's reviewers say something, and it is read."""
        self.aws.judge(str(status), comments)
        self.read()

    def edit(self, **values) -> None:
        """A seller changes the deal."""
        self.deal = Deal.model_validate({**self.deal.model_dump(), **values})

    def offer(self, state: OfferState, number: int = 1, **values) -> None:
        """The private offer has come so far."""
        self.link |= {"state": state, "offer_arn": f"{ARN}/Offer/offer-{number}", **values}
