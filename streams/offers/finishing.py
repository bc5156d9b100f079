"""What became of a command that was sent; what follows from it is decided when its deal is looked at."""

from typing import Literal

from schemas.messages import WriteFinished, WriteStatus
from streams.offers.book import Book
from streams.offers.parts import Sent
from streams.offers.sharing import based
from streams.offers.state import Answer, Link, Points

Status = Literal["applied", "overtaken", "rejected"]
OUTCOMES: dict[WriteStatus, Status] = {
    WriteStatus.APPLIED: "applied",
    WriteStatus.UNCHANGED: "applied",
    WriteStatus.OVERTAKEN: "overtaken",
    WriteStatus.REJECTED: "rejected",
}


def finish(book: Book, event: WriteFinished) -> None:
    """Note an outcome. That of an older command of the same name is of no matter."""
    name = f"{event.connection}/{event.entity}/{event.key}"
    spot = book.get(f"sent/{name}", Points)
    if spot is None:
        return
    if event.entity == "cosell_invitation":
        answer = book.get(f"answer/{spot.ref}", Answer)
        if answer is not None and name in answer.sent and _counts(answer.sent[name], event):
            sent = {**answer.sent, name: _after(answer.sent[name], event)}
            book.put(f"answer/{spot.ref}", answer.model_copy(update={"sent": sent}))
        return
    link = book.link(spot.ref)
    before = link.sent.get(name)
    if before is None or not _counts(before, event):
        return
    after = _after(before, event)
    link = link.model_copy(update={"sent": {**link.sent, name: after}})
    if after.status == "applied":
        link = based(link, name, after)
    book.keep_link(_pointed(book, link, event, after))
    book.touch(spot.ref)


def _counts(before: Sent, event: WriteFinished) -> bool:
    """An outcome counts once; but a dead letter that a person has sent again is finished twice, and the second one is so."""
    if before.status == "sent":
        return before.write == event.write_id
    return before.status == "rejected" and OUTCOMES[event.status] == "applied"


def _after(before: Sent, event: WriteFinished) -> Sent:
    reason = " ".join(each for each in (event.code, event.reason) if each) or None
    update = {"status": OUTCOMES[event.status], "target": event.target_id, "reason": reason, "at": event.finished_at}
    return before.model_copy(update=update)


def _pointed(book: Book, link: Link, event: WriteFinished, after: Sent) -> Link:
    """Remember the change set that a change of an offer has become; of an attempt it is the link's."""
    if event.connection != book.setup.marketplace or after.target is None:
        return link
    ref = f"{event.connection}/change_set/{after.target}"
    book.own(ref, link.deal)
    return link.model_copy(update={"change_set": ref}) if event.key == link.key else link
