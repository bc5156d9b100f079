"""What may happen to a shared deal, step by step, and what has to hold whatever has happened."""

from schemas.entities import DealStage
from schemas.marketplace import OfferState
from tests.unit.streams.offers.cosell_world import ARN, LOCKED, OURS, RANKS, Hub, company

OPEN = [DealStage.MEETING, DealStage.DECISION_MAKER, DealStage.PROPOSAL, DealStage.NEGOTIATION]
OF_DEAL = {"next_step": "next_steps", "close_date": "close_date", "amount": "software_amount", "problem": "problem"}
OF_COMPANY = ["city", "street", "website"]
AT_AWS = ["next_steps", "close_date", "software_amount", "problem", *OF_COMPANY, "title", "use_case"]
OVER = {"launched", "closed_lost"}
REVIEWS = {
    "submitted": ["in_review", "approved", "action_required"],
    "in_review": ["approved", "approved", "action_required", "approved", "rejected"],
    "action_required": ["action_required", "in_review"],
}
STARTS = ["none", "pending_submission", "in_review", "action_required", "approved", "approved"]


class Life:
    """One deal; every value that anybody enters is a new one, so that it is known whose it is."""

    def __init__(self, start: int) -> None:
        self.hub, self.number, self.offers = Hub(), 0, 0
        self.by_aws: dict[str, tuple[int, str, bool]] = {}  # field -> when, what, whether it had been as the deal says
        self.by_deal: dict[str, int] = {}
        status = STARTS[start % len(STARTS)]
        if status != "none":
            self.hub.settle()
        if status not in {"none", "pending_submission"}:
            self.hub.review(status)

    @property
    def now(self) -> dict:
        return self.hub.aws.opportunity or {}

    def value(self, field: str) -> str:
        self.number += 1
        if field == "close_date":
            return f"{2027 + self.number // 336}-{self.number // 28 % 12 + 1:02}-{self.number % 28 + 1:02}"
        if field in {"amount", "software_amount"}:
            return f"{self.number}.00"
        return f"{field} number {self.number}, long enough for a problem"

    def a_seller_edits_the_deal(self, pick: int) -> None:
        field = [*OF_DEAL, "name"][pick % 5]
        value = self.value(field)
        self.hub.edit(**{field: f"refuse {value}" if field == "next_step" and pick >= 90 else value})
        self.by_deal[OF_DEAL.get(field, "title")] = self.number

    def a_seller_edits_the_company(self, pick: int) -> None:
        values = {name: getattr(self.hub.company, name) for name in OF_COMPANY}
        field = OF_COMPANY[pick % 3]
        self.hub.company = company(**{**values, field: self.value(field)})

    def the_deal_moves(self, pick: int) -> None:
        ends = DealStage.LOST if pick >= 95 else DealStage.WON if pick >= 65 else None
        self.hub.edit(stage=ends or OPEN[pick % 4])

    def the_offer_goes_on(self, pick: int) -> None:
        state = [OfferState.RELEASED, OfferState.ACCEPTED, OfferState.EXPIRED, OfferState.ACCEPTED][pick % 4]
        self.offers += state is OfferState.RELEASED or not self.offers
        self.hub.offer(state, self.offers, agreement_active=state is OfferState.ACCEPTED)
        self.hub.link |= {"agreement_amount": "777.5", "agreement_currency": "USD"}

    def somebody_takes_the_offer_off(self, pick: int) -> None:
        if self.now:
            self.hub.aws.touch(offers=[])

    def aws_edits(self, pick: int) -> None:
        if not self.now or self.now["stage"] in OVER:
            return
        hub, field = self.hub, AT_AWS[pick % len(AT_AWS)]
        source = next((name for name, each in OF_DEAL.items() if each == field), "")
        calm = hub.flying is None and str(getattr(hub.deal, source, "?")) == str(hub.base.get(field))
        value = self.value(field)
        self.by_aws[field] = self.number, value, calm
        hub.aws.touch(**{field: value})

    def aws_moves_it(self, pick: int) -> None:
        if self.now and self.now["stage"] not in OVER:
            self.hub.aws.touch(stage=RANKS[pick % 5])

    def aws_reviews(self, pick: int) -> None:
        if choices := REVIEWS.get(self.now.get("review", "")):
            self.hub.aws.judge(choices[pick % len(choices)], f"comment {self.number}")

    def a_wire_moves(self, pick: int) -> None:
        step = ["decide", "perform", "learn", "read"][pick % 4]
        if step != "decide" or self.hub.flying is None:
            getattr(self.hub, step)()

    def all_goes_quickly(self, pick: int) -> None:
        self.hub.settle()

    def what_aws_has_entered_stands(self) -> None:
        """Where the deal does not own the field, or owns it and has not changed it."""
        for field, (when, value, calm) in self.by_aws.items():
            agreed = field == "software_amount" and self.hub.link
            if field not in OURS or (calm and self.by_deal.get(field, 0) < when and not agreed):
                assert self.now[field] == value, f"{field} was changed by AWS, and is overwritten"

    def it_comes_to_rest(self) -> None:
        """All that is on its way arrives, the reviewers approve, and the opportunity is what the deal wants."""
        hub = self.hub
        hub.settle()
        for _ in range(2):
            if self.now.get("review") in {"submitted", "in_review", "action_required"}:
                hub.review("approved")
            hub.settle()
        self.what_aws_has_entered_stands()
        if not self.now:
            assert hub.deal.stage is DealStage.LOST
            return
        if self.now["review"] == "approved" and self.now["stage"] not in OVER and not hub.aws.refused:
            self._check_stage()
            self._check_fields()
        self._check_offer()

    def _check_fields(self) -> None:
        if self.hub.deal.stage in {DealStage.LOST, DealStage.WON}:
            return
        for source in ("next_step", "close_date"):
            field = OF_DEAL[source]
            if self.by_deal.get(field, 0) > self.by_aws.get(field, (0, "", False))[0]:
                assert self.now[field] == str(getattr(self.hub.deal, source)), f"{field} is not what the deal wants"

    def _check_stage(self) -> None:
        hub, agreed = self.hub, self.hub.link.get("agreement_active")
        assert hub.deal.stage is not DealStage.LOST or agreed, "lost, and not closed"
        if hub.deal.stage is DealStage.WON:
            assert not agreed, "won and agreed, and not launched"
            assert self.now["stage"] == "committed" or hub.base["stage"] == "committed"

    def _check_offer(self) -> None:
        live = self.hub.link.get("state") in {OfferState.RELEASED, OfferState.ACCEPTED}
        if live and self.hub.deal.stage is not DealStage.LOST and self.now["review"] not in LOCKED:
            arn = f"{ARN}/Offer/offer-{self.offers}"
            assert arn in self.hub.aws.associated, "the offer is not associated"
            assert set(self.now["offers"]) <= {arn}
