"""What became of the deal that was asked for; what follows from it is decided when its registration is looked at."""

from schemas.messages import WriteFinished, WriteStatus, record_ref
from streams.registrations.book import Book


def finish(book: Book, event: WriteFinished) -> None:
    """Note an outcome. That of an older request is of no matter; one that a person has sent again can be applied after all."""
    ref = book.points(f"made/{event.key}") if event.entity == "deal" else None
    if ref is None:
        return
    case = book.case(ref)
    made = case.made
    if made is None or made.connection != event.connection or made.write != event.write_id:
        return
    if made.status == "applied":
        return
    if event.status is WriteStatus.REJECTED:
        reason = " ".join(each for each in (event.code, event.reason) if each) or "without a reason"
        update: dict[str, object] = {"status": "rejected", "reason": reason}
    elif event.target_id is None:
        return
    else:
        update = {"status": "applied", "target": event.target_id, "reason": None}
        book.point(f"made/{record_ref(event.connection, 'deal', event.target_id)}", ref)
    book.put(f"case/{ref}", case.model_copy(update={"made": made.model_copy(update=update)}))
    book.touch(ref)
