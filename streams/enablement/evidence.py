"""Takes in what learning systems say: who is who there, and what proves that somebody holds an item; it judges nothing.

That somebody has completed something stays true: leaving a course or being taken out of it withdraws no proof, whatever
version says so (facts, lms 2: an unenrolled user keeps the badges). A credential that is gone or revoked is withdrawn, and
so is a statement that is voided.
"""

import re

from schemas.learning import EnrollmentStatus, LearningKind, Meaning, Statement
from schemas.messages import CredentialChanged, EnrollmentChanged, LearnerChanged, StatementChanged, record_ref
from streams.agenda import Mark
from streams.enablement.book import Book, mail
from streams.enablement.state import END, MARK, DoneRow, ItemRow, Learned, LearnerRow, Proof, ProofRow

PROVES = frozenset({Meaning.COMPLETED, Meaning.PASSED, Meaning.EARNED})


def take_learner(book: Book, event: LearnerChanged) -> None:
    """A user of a learning system; one who is gone keeps the address, because the proofs stand."""
    before = book.get(f"learner/{event.ref}", LearnerRow)
    if before is not None and event.version < before.version:
        return
    was = None if before is None else before.email
    email = was if event.record is None else mail(event.record.email)
    book.put(f"learner/{event.ref}", LearnerRow(version=event.version, alive=event.record is not None, email=email))
    book.move("learners/", event.ref, () if was is None else (was,), () if email is None else (email,))
    for each in dict.fromkeys((was, email)):
        if each is not None:
            book.touch_person(each)


def take_enrollment(book: Book, event: EnrollmentChanged) -> None:
    """A completion stays, of whatever version; that somebody was enrolled at all stays, too."""
    it = event.record
    name = f"enrollment/{event.ref}"
    before = book.get(name, ProofRow)
    fresh = before is None or event.version >= before.version
    if it is None:
        if fresh:
            book.put(
                name, (before or ProofRow(version=0)).model_copy(update={"version": event.version, "alive": False})
            )
        return
    learned = Learned(connection=event.connection, item=it.item, name=it.item_name, kind=it.kind)
    who = mail(it.email) or record_ref(event.connection, "learner", it.learner)
    if before is not None and before.who is not None and not fresh:
        who = before.who
    else:
        version = event.version if before is None else max(before.version, event.version)
        row = ProofRow(version=version, alive=fresh, who=who, item=_item(learned))
        _rehome(book, event.ref, before, row, learned)
        book.put(name, row)
    book.put(f"on/{event.connection}|{who}|{it.item}", MARK)
    if it.status is EnrollmentStatus.COMPLETED:
        at = it.completed_at or event.occurred_at
        spot = f"{event.ref}{END}{'' if it.completed_at is None else it.completed_at.isoformat()}"
        _prove(book, who, learned, spot, Proof(issued=at))


def take_credential(book: Book, event: CredentialChanged) -> None:
    """A badge or certificate, with its own last day; withdrawn where it is revoked or gone."""
    name, it = f"credential/{event.ref}", event.record
    before = book.get(name, ProofRow)
    if before is not None and event.version < before.version:
        return
    if it is None:
        row = (before or ProofRow(version=0)).model_copy(update={"version": event.version, "alive": False})
        book.put(name, row)
        _withdraw(book, event.ref, row)
        return
    learned = Learned(connection=event.connection, item=it.item, name=it.name, kind=LearningKind.BADGE)
    who = mail(it.email) or record_ref(event.connection, "learner", it.learner)
    row = ProofRow(version=event.version, who=who, item=_item(learned))
    _rehome(book, event.ref, before, row, learned)
    book.put(name, row)
    proof = Proof(issued=it.issued_at, expires=it.expires_at, credential=True, standing=not it.revoked)
    _prove(book, who, learned, event.ref, proof, again=True)


def take_statement(book: Book, event: StatementChanged) -> None:
    """A statement, or that another one of the same store is void, whichever comes first."""
    it, name = event.record, f"statement/{event.ref}"
    before = book.get(name, ProofRow)
    if it is None:
        if before is not None:
            _withdraw(book, event.ref, before)
        return
    if it.meaning is Meaning.VOIDED:
        void = record_ref(event.connection, "statement", it.item)
        book.put(f"voided/{void}", MARK)
        row = book.get(f"statement/{void}", ProofRow)
        if row is not None:
            _withdraw(book, void, row)
        return
    who = _who(book, it)
    if before is not None or who is None or it.meaning not in PROVES or it.success is False:
        return
    learned = Learned(connection=event.connection, item=it.item, name=it.item_name, kind=it.kind)
    book.put(name, ProofRow(version=event.version, who=who, item=_item(learned)))
    standing = book.get(f"voided/{event.ref}", Mark) is None
    _prove(book, who, learned, event.ref, Proof(issued=it.at, standing=standing))


def _who(book: Book, it: Statement) -> str | None:
    """Whom a statement is about; None where that cannot be known.

    The name of an account is an address, or a learner's id in the connection that learning.toml's [accounts] names.
    """
    home, bar, account = it.learner.rpartition("|")
    address = mail(it.email) or mail(account if bar else it.learner if it.learner.startswith("mailto:") else None)
    if address is not None:
        return address
    if re.fullmatch(r"[0-9a-fA-F]{40}", it.learner):
        return f"sha1:{it.learner.lower()}"
    homes = {name.rstrip("/"): connection for name, connection in book.setup.learning.accounts.items()}
    connection = homes.get(home.rstrip("/")) if bar else None
    return None if connection is None else record_ref(connection, "learner", account)


def _item(learned: Learned) -> str:
    return f"{learned.connection}/{learned.kind.value}/{learned.item}"


def _prove(book: Book, who: str, learned: Learned, spot: str, proof: Proof, *, again: bool = False) -> None:
    """Remember a proof. The same one told twice with two hours stays with the earlier, unless it is told anew."""
    item = _item(learned)
    done = book.get(f"done/{who}", DoneRow) or DoneRow(items={})
    if done.items.get(item) != learned:
        book.put(f"done/{who}", DoneRow(items={**done.items, item: learned}))
    row = book.get(f"proof/{who}{END}{item}", ItemRow) or ItemRow(proofs={})
    before = row.proofs.get(spot)
    if before is not None and not again and before.issued <= proof.issued:
        return
    book.put(f"proof/{who}{END}{item}", ItemRow(proofs={**row.proofs, spot: proof}))
    if book.setup.learning.meant(learned.connection, learned.item, learned.name, learned.kind):
        book.touch_who(who)


def _withdraw(book: Book, spot: str, row: ProofRow) -> None:
    name = f"proof/{row.who}{END}{row.item}"
    held = book.get(name, ItemRow)
    if row.who is not None and held is not None and spot in held.proofs and held.proofs[spot].standing:
        gone = held.proofs[spot].model_copy(update={"standing": False})
        book.put(name, ItemRow(proofs={**held.proofs, spot: gone}))
        book.touch_who(row.who)


def _rehome(book: Book, ref: str, before: ProofRow | None, row: ProofRow, learned: Learned) -> None:
    """The record is another person's, or about another item: its proofs go there."""
    if before is None or before.who is None or row.who is None or (before.who, before.item) == (row.who, row.item):
        return
    name = f"proof/{before.who}{END}{before.item}"
    held = book.get(name, ItemRow) or ItemRow(proofs={})
    mine = {spot: proof for spot, proof in held.proofs.items() if spot.partition(END)[0] == ref}
    rest = {spot: proof for spot, proof in held.proofs.items() if spot not in mine}
    book.put(name, ItemRow(proofs=rest) if rest else None)
    book.touch_who(before.who)
    for spot, proof in mine.items():
        _prove(book, row.who, learned, spot, proof, again=True)
