"""Keeps the index of candidates in step with what is known of partners, and finds those of a lead in it; it ranks nobody.

After the rules have changed the index is made anew, a shard of the partners with each event; nothing is routed meanwhile.
"""

import zlib
from itertools import product as combinations

from mappings.routing_rules import plain
from schemas.messages import PartnerDecided
from streams.leads.book import Book
from streams.leads.policy import Policy, Traits
from streams.leads.pools import EITHER, STRIDE, Pool, Stand, is_full, quarters, win_rate
from streams.leads.state import Count, Index, Load, Number, PartnerRow, Said

SHARDS = 64
CHUNK = 500  # rows of a pool that is no longer needed, deleted with one event
MOST = 5000  # partners of one shard; a deployment has fewer than 64 times as many


def partner_row(book: Book, key: str) -> PartnerRow | None:
    """A partner by the words of the present rules."""
    said = book.get(f"said/{key}", Said)
    return row_of(book.policy, said.fact) if said is not None else None


def row_of(policy: Policy, it: PartnerDecided) -> PartnerRow:
    """A partner as it was told, by the words of the rules."""
    same = it.model_dump(include={"name", "refs", "status", "capacity", "weight", "no_leads", "tier", "tier_rank"})
    return PartnerRow(
        key=it.partner,
        **same,
        types=it.types,
        country=it.country or "",
        places=policy.places(it.territories),
        segments=tuple(sorted(set(map(plain, it.segments)))),
        products=tuple(sorted({policy.product(each) for each in it.products})),
        languages=tuple(sorted({policy.language(each) for each in it.languages})),
        certifications=it.certifications,
    )


def put(book: Book, key: str, after: PartnerRow | None) -> None:
    """Remember a partner, or forget it, with all its rows."""
    before, load, pools = book.partner(key), book.load(key), book.policy.pools
    if after is not None:
        after = after.model_copy(update={"pools": tuple(sorted(pools))})
    for name in sorted(pools):
        known = before if before is not None and name in before.pools else None
        _replace(book, pools[name], key, _rows(pools[name], known, load), _rows(pools[name], after, load))
    book.put(f"partner/{key}", after)
    book.mark(f"every/{_shard(key):02d}|{key}", there=after is not None)
    passes = {name: at for name, at in load.passes.items() if name in pools}
    if passes != load.passes:
        book.put(f"load/{key}", load.model_copy(update={"passes": passes}))


def reload(book: Book, key: str, after: Load) -> None:
    """Remember what a partner has now; only pools whose order that can change are looked at."""
    before, partner = book.load(key), book.partner(key)
    if partner is not None:
        names = partner.pools if _matters(book, partner, before, after) else _moved(before, after)
        for pool in filter(None, (book.policy.pools.get(name) for name in names if name in partner.pools)):
            if pool.differs(partner, before, after):
                _replace(book, pool, key, _rows(pool, partner, before), _rows(pool, partner, after))
    book.put(f"load/{key}", after)


def _moved(before: Load, after: Load) -> list[str]:
    """The pools in which its turn has changed."""
    if before.passes is after.passes:
        return []
    return [name for name, at in after.passes.items() if before.passes.get(name) != at]


def _matters(book: Book, partner: PartnerRow, before: Load, after: Load) -> bool:
    """Whether more than its turn has changed: whether it is full, a quarter of what it can take, its win rate."""
    if is_full(partner, before) != is_full(partner, after) or win_rate(before) != win_rate(after):
        return True
    full = book.policy.rules.scale.load
    return quarters(partner, before, full) != quarters(partner, after, full)


def took_turn(book: Book, key: str, pool: str) -> None:
    """A partner was offered a lead: it is behind the others now, by its weight.

    Who was away has not saved up turns: it starts where the order is, so it comes first once and then in turn.
    """
    partner, load = book.partner(key), book.load(key)
    if partner is None or pool not in partner.pools:
        return
    row = book.get(f"turn/{pool}", Number)
    start = max(load.passes.get(pool, 0), row.n if row is not None else 0)
    book.put(f"turn/{pool}", Number(n=start))
    behind = start + STRIDE // max(1, partner.weight)
    reload(book, key, load.model_copy(update={"passes": {**load.passes, pool: behind}}))


def _rows(pool: Pool, partner: PartnerRow | None, load: Load) -> dict[str, Stand]:
    if partner is None or not pool.listed(partner):
        return {}
    stands: dict[str, Stand] = {}
    found = {}
    for bucket, product in pool.buckets(partner):
        if product not in stands:
            stands[product] = pool.stand(partner, load, product)
        found[bucket] = stands[product]
    return found


def _replace(book: Book, pool: Pool, key: str, old: dict[str, Stand], new: dict[str, Stand]) -> None:
    for bucket in sorted({*old, *new}):
        was, now = old.get(bucket), new.get(bucket)
        if was == now:
            continue
        if was is not None:
            book.mark(_name(pool.id, bucket, was, key), there=False)
        if now is not None:
            book.mark(_name(pool.id, bucket, now, key))
        _recount(book, f"count/{pool.id}/{bucket}", was, now)


def _recount(book: Book, name: str, was: Stand | None, now: Stand | None) -> None:
    before = book.get(name, Count) or Count()
    n = before.n + (now is not None and now.eligible) - (was is not None and was.eligible)
    against = before.against + (now is not None and not now.eligible) - (was is not None and not was.eligible)
    if (n, against) != (before.n, before.against):
        book.put(name, Count(n=n, against=against) if n or against else None)


def _name(pool: str, bucket: str, stand: Stand, key: str) -> str:
    return f"pool/{pool}/{bucket}/{0 if stand.eligible else 1}/{stand.order}/{key}"


def found(book: Book, pool: Pool, traits: Traits, limit: int, others: int) -> tuple[list[str], int]:
    """The best eligible partners for a lead and a few that have something against them; how many eligible there are."""
    served = pool.looked_up(traits.places, traits.segment, traits.product, traits.language)
    near = [(getattr(traits, name), EITHER) if getattr(traits, name) else (EITHER,) for name in pool.near]
    best: dict[str, None] = {}
    against: list[tuple[str, str]] = []
    count = 0
    for wanted in combinations(*near):
        here: list[tuple[str, str]] = []
        for values in combinations(*served):
            bucket = f"{pool.id}/{'|'.join((*values, *wanted))}"
            there = book.get(f"count/{bucket}", Count)
            if there is None:
                continue
            here += _first(book, f"pool/{bucket}/0/", limit) if there.n else []
            if all(each == EITHER for each in wanted):
                count += there.n
                against += _first(book, f"pool/{bucket}/1/", others) if there.against else []
        best |= dict.fromkeys(key for _, key in sorted(here)[:limit])
    best |= dict.fromkeys(key for _, key in sorted(against)[:others])
    return list(best), count


def _first(book: Book, prefix: str, limit: int) -> list[tuple[str, str]]:
    rows = (name.removeprefix(prefix).partition("/") for name in book.scan(prefix, limit))
    return [(order, key) for order, _, key in rows]


def is_made(book: Book) -> bool:
    """Whether the index is of the present rules."""
    row = book.get("index", Index)
    return row is not None and row.pools == tuple(sorted(book.policy.pools)) and row.shards >= SHARDS


def make(book: Book) -> None:
    """Go on with making the index anew, where the rules have changed."""
    pools, row = tuple(sorted(book.policy.pools)), book.get("index", Index)
    if row is None:  # there are no partners yet
        book.put("index", Index(pools=pools, shards=SHARDS))
        return
    if row.pools != pools:
        gone = sorted({*row.drop, *row.pools} - set(pools))
        row = Index(pools=pools, shards=0, drop=tuple(gone))
    if row.shards < SHARDS:
        for name in book.scan(f"every/{row.shards:02d}|", MOST):
            key = name.partition("|")[2]
            put(book, key, partner_row(book, key))
        row = row.model_copy(update={"shards": row.shards + 1})
    elif row.drop:
        row = _drop(book, row)
    book.put("index", row)


def _drop(book: Book, row: Index) -> Index:
    first = row.drop[0]
    names = [name for kind in ("pool", "count") for name in book.scan(f"{kind}/{first}/", CHUNK)]
    for name in names:
        book.put(name, None)
    if names:
        return row
    book.put(f"turn/{first}", None)
    return row.model_copy(update={"drop": row.drop[1:]})


def _shard(key: str) -> int:
    return zlib.crc32(key.encode()) % SHARDS
