"""Makes the tokens of a list where the list is; nothing in the clear is in what it returns but the population, if shared."""

import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from streams.matching.features import VERSION as NORMALISER
from streams.matching.features import Account, features
from streams.matching.keys import CAP
from streams.matching.tokens import VERSION, said, token
from tandem.blind.keys import Key
from tandem.blind.tokenfile import Header, Rows, Tokened, Tokens, packed

REF_BYTES = 9  # 72 bits: of a hundred million rows no two get one name but with a chance of one in a million


class Made(NamedTuple):
    """The tokens, and which row is which account: the second stays at home."""

    tokens: Tokened
    ids: dict[str, str]


def made(accounts: Iterable[tuple[str, Account]], key: Key, salt: bytes, populations: Sequence[str] = ()) -> Made:
    """The tokens of these accounts, by id. `salt`: at least 16 random bytes, new for each file. `populations`: those of
    the accounts, in their order, where they are shared.

    Rows are named by the salt and written in the order of those names, so that neither tells of the list. A token that
    more than `CAP` rows hold is left out: it would say little of a row and much of the list, since one who knows how
    often a name occurs in the world could guess it.
    """
    refs: dict[str, str] = {}
    found: dict[str, list[tuple[str, bytes]]] = {}
    for account_id, account in accounts:
        ref = hmac.digest(salt, account_id.encode(), "sha256")[:REF_BYTES].hex()
        refs[ref] = account_id
        found[ref] = [(each.type, token(key.secret, each)) for each in said(features(account))]
    shared = dict(zip(refs, populations, strict=True)) if populations else {}
    order = sorted(refs)
    types, crowded = _columns([found[ref] for ref in order])
    header = Header(key.name, NORMALISER, VERSION, len(order), crowded)
    told = tuple(shared[ref] for ref in order if ref in shared)
    return Made(Tokened(header, tuple(order), told, types), {ref: refs[ref] for ref in order})


def _columns(rows: list[list[tuple[str, bytes]]]) -> tuple[Mapping[str, tuple[Rows, Tokens]], dict[str, int]]:
    held = Counter(each for row in rows for each in row)
    crowded = Counter(kind for (kind, _), count in held.items() if count > CAP)
    columns: dict[str, tuple[list[int], list[bytes]]] = {}
    for at, row in enumerate(rows):
        for each in row:
            if held[each] <= CAP:
                positions, tokens = columns.setdefault(each[0], ([], []))
                positions.append(at)
                tokens.append(each[1])
    return {kind: packed(*columns[kind]) for kind in sorted(columns)}, dict(sorted(crowded.items()))
