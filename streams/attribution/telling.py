"""Publishes what was decided of a deal, and shows it on the deal in the CRMs that take it; each only where it has changed."""

from pydantic import JsonValue

from schemas import topics
from schemas.messages import AttributionDecided, MatchBy, Write, identity
from schemas.partners import DealAttribution
from streams.attribution.book import Book
from streams.attribution.counting import names
from streams.attribution.state import Credit, DealRow, Told, Touch

ENTITY = "deal_attribution"
FRAME = {"id", "causes", "decided_at"}  # what does not make a fact another one


def publish(book: Book, before: Credit | None, fact: AttributionDecided) -> AttributionDecided:
    """Say it, unless just that was said last; returns what was said last."""
    if before is not None and before.fact.model_dump(exclude=FRAME) == fact.model_dump(exclude=FRAME):
        return before.fact
    whole = fact.model_copy(update={"causes": (book.cause,)})
    whole = whole.model_copy(update={"id": identity(whole.model_dump_json(exclude={"id"}))})
    book.say(topics.ATTRIBUTIONS, whole.deal, whole, whole.id)
    return whole


def show(book: Book, deal: DealRow, fact: AttributionDecided, touches: tuple[Touch, ...]) -> None:
    """Write to a deal what differs from what it was told last; a deal that is new is told nothing that is empty."""
    if deal.connection not in book.setup.connected.takers(ENTITY):
        return
    before = (book.get(f"told/{deal.ref}", Told) or Told()).fields
    fields: dict[str, JsonValue] = _shown(fact, touches).model_dump(mode="json")
    changed = {name: value for name, value in fields.items() if (value or None) != (before.get(name) or None)}
    if not changed:
        return
    book.put(f"told/{deal.ref}", Told(fields=fields))
    write = Write(
        id=identity(ENTITY, deal.ref, book.cause, repr(sorted(changed.items()))),
        connection=deal.connection,
        entity=ENTITY,
        match_by=MatchBy.ID,
        key=deal.record_id,
        fields=changed,
        reasons=fact.reasons,
        causes=(book.cause,),
        decided_at=book.at,
    )
    book.say(topics.writes(write.connection), write.record, write, write.id)


def forget(book: Book, ref: str) -> None:
    """A deal that is gone is told nothing; one that comes back is told all of it."""
    if book.get(f"told/{ref}", Told) is not None:
        book.put(f"told/{ref}", None)


def _shown(fact: AttributionDecided, touches: tuple[Touch, ...]) -> DealAttribution:
    called = names(touches)
    models = {
        model: tuple(" ".join(filter(None, (f"{it.name}: {it.amount:f}", fact.currency))) for it in found)
        for model, found in fact.models.items()
    }
    return DealAttribution(
        sourced_by=None if fact.sourced_by is None else called[fact.sourced_by],
        influenced_by=tuple(called[partner] for partner in fact.influenced_by),
        touches=len(fact.touches),
        **models,
    )
