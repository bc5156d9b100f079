"""The deal of a registration: tied or made in the CRM, shown with its partner, followed until it is won or lost, and its fee."""

from pydantic import JsonValue

from schemas import topics
from schemas.entities import DealStage
from schemas.messages import FeeDecided, MatchBy, Write, identity
from schemas.partners import RegistrationStatus as S
from streams.registrations.book import Book
from streams.registrations.fees import Fee, fee
from streams.registrations.parts import DealCard, Made, PartnerCard, Reading
from streams.registrations.standing import move
from streams.registrations.state import Case, connection_of, id_of

PREFIX = "reg-"
NO_LONGER = "the deal is not won, or not by this partner"
LIVE = frozenset({S.APPROVED, S.CONVERTED, S.EXPIRED, S.LOST})  # its partner is the deal's


def key_of(ref: str) -> str:
    """The key of the deal that is made for a registration."""
    return PREFIX + identity(ref)


def named_deal(book: Book, reading: Reading) -> str | None:
    """The deal that the registration's own record names: by its whole name, its id in a CRM, or its key."""
    text = (reading.record.deal or "").strip()
    if not text:
        return None
    whole = [text] if text.count("/") >= 2 else []
    for ref in (*whole, *(f"{crm}/deal/{text}" for crm in book.setup.connected.crms)):
        card = book.deal(ref)
        if card is not None:
            return card.ref
    return next(iter(book.below(f"deal_key/{text}|", 1)), None)


def tied(book: Book, case: Case, reading: Reading) -> Case:
    """The case with its deal: the one that its record names, or the one that was made for it."""
    named, made = named_deal(book, reading), case.made
    ours = next(iter(book.below(f"deal_key/{key_of(case.ref)}|", 1)), None)
    target = f"{made.connection}/deal/{made.target}" if made is not None and made.target is not None else None
    found = named or target or ours
    merged = book.deal(found)
    deal = merged.ref if merged is not None else found
    if deal is not None and book.points(f"deal_reg/{deal}") not in {None, case.ref}:
        holder = book.points(f"deal_reg/{deal}")
        return case.model_copy(update={"deal": None, "problem": f"The deal {deal} is tied to {holder} already."})
    if deal is None and reading.record.deal and reading.record.deal not in {key_of(case.ref)} and case.made is None:
        problem = f"No CRM knows the deal {reading.record.deal!r}: correct the registration's deal, or empty it."
        return case.model_copy(update={"deal": None, "problem": problem})
    return case.model_copy(update={"deal": deal, "problem": None})


def convert(book: Book, case: Case, reading: Reading, partner: PartnerCard) -> Case:
    """An approved registration without a deal gets one, in the first CRM that takes deals.

    One that was refused is asked for again as soon as the registration says something else.
    """
    record = reading.record
    if case.status is not S.APPROVED or case.deal is not None or case.problem is not None:
        return case
    if record.deal_type not in book.rules.conversion.deal_types:
        return case
    takers = book.setup.connected.takers("deal")
    connection = next((name for name in book.setup.connected.crms if name in takers), None)
    if connection is None:
        return case.model_copy(update={"problem": "No CRM takes deals: nothing was made of it."})
    fields = _fields(book, case, reading, partner, connection)
    digest = identity(connection, *(f"{name}={value}" for name, value in sorted(fields.items())))
    made = case.made
    if made is None or (made.status == "rejected" and made.digest != digest):
        made = _asked(book, case, connection, fields, digest)
    refused = f"{connection} has refused the deal: {made.reason}" if made.status == "rejected" else None
    return case.model_copy(update={"made": made, "problem": refused})


def _fields(book: Book, case: Case, reading: Reading, partner: PartnerCard, connection: str) -> dict[str, JsonValue]:
    record = reading.record
    prefix = f"{connection}/partner/"
    own = next((id_of(ref) for ref in partner.refs if ref.startswith(prefix)), None)
    account = id_of(case.account) if case.account and connection_of(case.account) == connection else None
    fields: dict[str, JsonValue] = {
        "name": record.name or record.company,
        "account": account,
        "amount": str(record.amount) if record.amount is not None else None,
        "currency": record.currency,
        "close_date": record.expected_close.isoformat() if record.expected_close else None,
        "stage": book.rules.conversion.stage.value,
        "partner": own or partner.key,
        "product_line": ", ".join(record.products) or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _asked(book: Book, case: Case, connection: str, fields: dict[str, JsonValue], digest: str) -> Made:
    key = key_of(case.ref)
    write = Write(
        id=identity("registrations", case.ref, "deal", digest, book.cause),
        connection=connection,
        entity="deal",
        match_by=MatchBy.EXTERNAL_ID,
        key=key,
        fields=fields,
        reasons=case.reasons,
        causes=(book.cause,),
        decided_at=book.at,
    )
    book.say(topics.writes(connection), write.record, write, write.id)
    book.point(f"made/{key}", case.ref)
    return Made(write=write.id, connection=connection, key=key, digest=digest)


def follow(book: Book, case: Case) -> Case:
    """Won and lost as the deal is; where it is neither any more, approved again as long as it would be protected."""
    card = book.deal(case.deal)
    if card is None or case.status not in LIVE or case.approved_at is None:
        return case
    if not card.alive:
        return case.model_copy(update={"problem": f"The deal {card.ref} was deleted in its CRM."})
    stage = card.deal.stage
    if stage is DealStage.WON and case.status is not S.CONVERTED:
        return _by_deal(move(book, case, S.CONVERTED, f"The deal {card.deal.name!r} is won."))
    if stage is DealStage.LOST and case.status is not S.LOST:
        why = f"The deal {card.deal.name!r} is lost" + (f": {card.deal.lost_reason}" if card.deal.lost_reason else "")
        return _by_deal(move(book, case, S.LOST, f"{why}."))
    if card.open and case.by_deal and case.status in {S.CONVERTED, S.LOST}:
        why = f"The deal {card.deal.name!r} is open again."
        lasts = case.protected_until is not None and case.protected_until >= book.today
        again = move(book, case, S.APPROVED if lasts else S.EXPIRED, why)
        return again if again.status is not case.status else case.model_copy(update={"note": again.note})
    return case


def _by_deal(case: Case) -> Case:
    return case.model_copy(update={"by_deal": True})


def settle_fee(book: Book, case: Case, partner: PartnerCard | None) -> Case:
    """What is due now, said where it differs from what was said: nothing, of a deal that is not or no longer won."""
    deal, due, rate = _won(book, case), None, case.margin
    if deal is not None and partner is not None and rate is not None:
        amount, currency = deal.deal.amount, deal.deal.currency
        if amount is None or not currency or not amount.is_finite():
            problem = f"The won deal {deal.deal.name!r} has no amount or currency: no fee can be computed."
            case = case.model_copy(update={"problem": problem})
        else:
            due = fee(amount, currency, rate, case.kind or "margin", deal.deal.name)
    fees = dict(case.fees)
    mine = f"{deal.ref}/{partner.key}" if due is not None and deal is not None and partner is not None else None
    for key, before in case.fees.items():
        if key != mine and before.amount != 0:
            zero = Fee(before.amount * 0, before.currency, before.percent, before.basis_amount, NO_LONGER)
            fees[key] = _said(book, case, (before.deal, before.partner), zero, before)
    if mine is not None and due is not None and deal is not None and partner is not None:
        fees[mine] = _said(book, case, (deal.ref, partner.key), due, fees.get(mine))
    return case.model_copy(update={"fees": fees})


def _won(book: Book, case: Case) -> DealCard | None:
    card = book.deal(case.deal)
    won = card is not None and card.alive and card.deal.stage is DealStage.WON
    return card if won and case.status is S.CONVERTED else None


def _said(book: Book, case: Case, whose: tuple[str, str], due: Fee, before: FeeDecided | None) -> FeeDecided:
    deal, partner = whose
    fact = FeeDecided(
        id="",
        deal=deal,
        registration=case.ref,
        partner=partner,
        kind=case.kind or "margin",
        amount=due.amount,
        currency=due.currency,
        percent=due.percent,
        basis_amount=due.basis_amount,
        basis=due.basis,
        reasons=(due.basis,),
        causes=(book.cause,),
        decided_at=book.at,
    )
    frame = {"id", "causes", "decided_at"}
    if before is not None and before.model_dump(exclude=frame) == fact.model_dump(exclude=frame):
        return before
    whole = fact.model_copy(update={"id": identity(fact.model_dump_json(exclude={"id"}))})
    book.say(topics.FEES, f"{deal}/{partner}", whole, whole.id)
    return whole


def show(book: Book, case: Case, before: str | None, partner: PartnerCard | None) -> None:
    """The partner on the deal, as long as the registration counts; `before` is the deal that it had."""
    live = case.status in LIVE and case.approved_at is not None and partner is not None
    kept = case.deal if live else None
    for old in {before, case.deal} - {kept, None}:
        if old is not None and book.points(f"deal_reg/{old}") == case.ref:
            book.point(f"deal_reg/{old}", None)
            _write(book, old, _released(case), case.reasons)
    if kept is None or partner is None:
        return
    book.point(f"deal_reg/{kept}", case.ref)
    if case.made is not None and case.made.connection == connection_of(kept):
        book.point(f"made/{kept}", case.ref)
    _write(book, kept, _shown(case, partner), case.reasons)


def _shown(case: Case, partner: PartnerCard) -> dict[str, JsonValue]:
    due = case.fees.get(f"{case.deal}/{partner.key}")
    paid = due if due is not None and due.amount != 0 else None
    return {
        "partner": partner.key,
        "partner_name": partner.name,
        "registration": case.ref,
        "registration_status": case.status.value if case.status is not None else None,
        "protected_until": case.protected_until.isoformat() if case.protected_until is not None else None,
        "margin_percent": str(case.margin) if case.margin is not None else None,
        "fee_amount": str(paid.amount) if paid is not None else None,
        "fee_currency": paid.currency if paid is not None else None,
        "fee_basis": paid.basis if paid is not None else None,
    }


def _released(case: Case) -> dict[str, JsonValue]:
    """The deal is no longer the partner's: only which registration it was, and where that stands."""
    status = case.status.value if case.status is not None else None
    names = ("partner", "partner_name", "protected_until", "margin_percent", "fee_amount", "fee_currency", "fee_basis")
    return {**dict.fromkeys(names), "registration": case.ref, "registration_status": status}


def _write(book: Book, deal: str, fields: dict[str, JsonValue], reasons: tuple[str, ...]) -> None:
    card = book.deal(deal)
    gone = card is not None and not card.alive
    if connection_of(deal) in book.setup.connected.takers("deal_partner") and not gone:
        book.send(deal, "deal_partner", fields, reasons)
