"""The crosswalk: links records that claim only each other, shows the others as contested; it never guesses."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schemas.messages import ConflictFound, ConflictKind, identity
from streams.reconcile.book import Book
from streams.reconcile.groups import join, joinable
from streams.reconcile.linkkeys import Claim, claims
from streams.reconcile.state import EVERYBODY, FIRM, Contest, Group, Holders, Known

LOOKS = 3  # so often one record is looked at again in one decision


@dataclass(frozen=True, slots=True)
class Partner:
    """The records of one connection that a record may be the same as, all by the same rule."""

    connection: str
    found: Mapping[str, Claim]


class Wanted(NamedTuple):
    """What a record claims and cannot have, and why; `weak` where all of it has a surer counterpart."""

    refs: tuple[str, ...]
    why: str
    weak: bool


def reindex(book: Book, before: Known | None, now: Known) -> set[str]:
    """Put a record under its link keys; returns those who hold a key that it has let go or got."""
    old = set(before.keys) if before is not None and before.alive else set()
    new = set(now.keys) if now.alive else set()
    met: set[str] = set()
    for key in sorted(old ^ new):
        name = f"key/{now.entity}/{key}"
        row = book.get(name, Holders) or Holders()
        met |= set(row.refs)
        if row.hot:
            continue
        refs = {*row.refs, now.ref} if key in new else set(row.refs) - {now.ref}
        hot = len(refs) > EVERYBODY
        book.put(name, Holders(refs=() if hot else tuple(sorted(refs)), hot=hot) if refs else None)
    return met - {now.ref}


def look(book: Book, refs: Iterable[str]) -> None:
    """Link what can be linked around these records, and show or close what is contested."""
    waiting = dict.fromkeys(refs)
    looked: dict[str, int] = {}
    while waiting:
        ref = next(iter(waiting))
        del waiting[ref]
        looked[ref] = looked.get(ref, 0) + 1
        known = book.living(ref)
        if known is None:
            _contest(book, ref, {})
            continue
        met = _link(book, known)
        now = book.living(ref)
        _contest(book, ref, {} if now is None else _contested(book, now))
        waiting |= {other: None for other in sorted(met) if looked.get(other, 0) < LOOKS}


def around(book: Book, refs: Iterable[str]) -> list[str]:
    """These records and all that may be the same as one of them."""
    found = dict.fromkeys(refs)
    for ref in list(found):
        known = book.living(ref)
        contest = book.get(f"contest/{ref}", Contest)
        found |= dict.fromkeys(contest.claims if contest is not None else ())
        for said in claims(book, known) if known is not None else ():
            found |= dict.fromkeys(sorted(said))
    return list(found)


def _link(book: Book, known: Known) -> set[str]:
    """Link a record with those that claim only it and that it alone claims; returns who else has to be looked at."""
    met: set[str] = set()
    for partner in _partners(book, known):
        if len(partner.found) != 1:
            continue
        ((ref, claim),) = partner.found.items()
        now, other = book.living(known.ref), book.living(ref)
        if now is None or other is None or not joinable(book, now, other):
            continue
        back = next((each for each in _partners(book, other) if each.connection == known.connection), None)
        if back is None or set(back.found) != {known.ref}:
            continue
        join(book, now, other, claim.rule, claim.confidence, (claim.reason,))
        met |= {each for side in (now, other) for found in claims(book, side) for each in found}
    return met


def _partners(book: Book, known: Known) -> list[Partner]:
    """For each connection in which a record has no counterpart: those that its surest rule names there."""
    group = book.group_of(known)
    taken = {known.connection} if group is None else {*group.members, known.connection}
    best: dict[str, dict[str, Claim]] = {}
    for found in claims(book, known):
        fresh: dict[str, dict[str, Claim]] = {}
        for ref, claim in found.items():
            connection = ref.split("/", 1)[0]
            if connection not in taken and connection not in best and _possible(book, known, ref):
                fresh.setdefault(connection, {})[ref] = claim
        best |= fresh
    return [Partner(name, best[name]) for name in book.setup.connections if name in best]


def _possible(book: Book, known: Known, ref: str) -> bool:
    """Whether two records may be one thing: no person has said that they are not, or that the other is another's."""
    other = book.living(ref)
    if other is None or ref in known.apart or known.ref in other.apart:
        return False
    group = book.group_of(other)
    if group is None:
        return True
    mine = book.group_of(known)
    ours = {known.ref} if mine is None else set(mine.members.values())
    taken = known.connection in group.members
    if any((each := book.record(member)) is not None and ours & set(each.apart) for member in group.members.values()):
        return False
    return not (other.ruled and taken)


def _contested(book: Book, known: Known) -> dict[str, Wanted]:
    """What a record claims and cannot have, by subject: a lone claim is told of the claimed one."""
    found: dict[str, Wanted] = {}
    for partner in _partners(book, known):
        refs = tuple(sorted(partner.found))
        subject = refs[0] if len(refs) == 1 else known.ref
        others, why, weak = found.get(subject, Wanted((), "", True))
        reason = next(iter(partner.found.values())).reason
        surer = all(claim.rule not in FIRM and _settled(book, known, each) for each, claim in partner.found.items())
        found[subject] = Wanted(tuple(sorted({*others, *refs})), why or reason, weak and surer)
    return found


def _settled(book: Book, known: Known, ref: str) -> list[str]:
    """The records in whose place this one would be linked with that one, if they are linked by what they say themselves."""
    group, mine = _group(book, ref), _group(book, known.ref)
    if group is None or ref not in group.firm:
        return []
    ours = {known.connection} if mine is None else set(mine.members)
    return [mate for name, mate in group.members.items() if name in ours and mate in group.firm]


def _group(book: Book, ref: str) -> Group | None:
    known = book.living(ref)
    return None if known is None else book.group_of(known)


def _contest(book: Book, ref: str, now: Mapping[str, Wanted]) -> None:
    """Take part in the contests of these subjects, and in no others."""
    known = book.record(ref)
    before = known.contests if known is not None else ()
    for subject in sorted({*before, *now}):
        name = f"contest/{subject}"
        contest = book.get(name, Contest) or Contest()
        said = {who: what for who, what in contest.claims.items() if who != ref}
        weak = set(contest.weak) - {ref}
        if subject in now:
            wanted = now[subject]
            said[ref] = wanted.refs
            weak |= {ref} if wanted.weak else set()
            contest = contest.model_copy(update={"reasons": tuple(sorted({*contest.reasons, wanted.why})[:5])})
        _show(
            book,
            subject,
            contest.model_copy(update={"claims": dict(sorted(said.items())), "weak": tuple(sorted(weak))}),
        )
    if known is not None and before != tuple(sorted(now)):
        book.keep(known.model_copy(update={"contests": tuple(sorted(now))}))


def _show(book: Book, subject: str, contest: Contest) -> None:
    conflict_id = identity("crosswalk", subject)
    if not contest.claims:
        book.put(f"contest/{subject}", None)
        book.close(conflict_id, "every record has found its counterpart, or claims none any more.")
        return
    before = book.get(f"contest/{subject}", Contest)
    book.put(f"contest/{subject}", contest)
    if set(contest.claims) == set(contest.weak):
        if before != contest:
            _show_weak(book, subject, contest)
        return
    refs = sorted({subject, *contest.claims, *(ref for said in contest.claims.values() for ref in said)})
    one, other = next((who, said[0]) for who, said in contest.claims.items())
    book.show(
        ConflictFound(
            id=conflict_id,
            kind=ConflictKind.CROSSWALK,
            entity=subject.split("/", 2)[1],
            key=None,
            refs=tuple(refs),
            open=True,
            reason=f"{len(refs)} records could be one thing ({'; '.join(contest.reasons)}), and at most one of each "
            "system can be; none of them is linked by this.",
            remedy=f"`tandem rule link {one} {other}`, or another pair of them; or `tandem rule unlink` for two that are "
            "not the same",
            causes=(book.cause,),
            found_at=book.at,
        )
    )


def _show_weak(book: Book, subject: str, contest: Contest) -> None:
    """Nobody has to decide: each claimed record has a counterpart by a surer rule. Told once, as settled."""
    claimed = {ref for said in contest.claims.values() for ref in said}
    book.show(
        ConflictFound(
            id=identity("crosswalk", subject),
            kind=ConflictKind.CROSSWALK,
            entity=subject.split("/", 2)[1],
            key=None,
            refs=tuple(sorted({*contest.claims, *claimed})),
            open=False,
            reason=f"{'; '.join(_duplicates(book, contest))} ({'; '.join(contest.reasons)}). That link stays, and nothing "
            "is linked or made for a possible duplicate.",
            causes=(book.cause,),
            found_at=book.at,
        )
    )


def _duplicates(book: Book, contest: Contest) -> Iterator[str]:
    for who, said in contest.claims.items():
        known = book.living(who)
        if known is None:
            continue
        for ref in said:
            mates, group = _settled(book, known, ref), _group(book, ref)
            rule = f" ({group.rule})" if group is not None and group.rule in FIRM else ""
            yield f"{who} could be a duplicate of {', '.join(mates)}, which is surely linked with {ref}{rule}"
