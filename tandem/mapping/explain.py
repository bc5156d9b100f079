"""Why two accounts are, or are not, an overlap; it decides nothing that the matcher has not decided."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches

from streams.matching import weights
from streams.matching.batch import candidates
from streams.matching.features import Features
from streams.matching.keys import CAP, keys
from streams.matching.score import Match, score
from tandem.mapping.lists import AccountList
from tandem.mapping.pairs import matches, ranked
from tandem.settings import ConfigError


@dataclass(frozen=True, slots=True)
class SharedKey:
    """A match key that both accounts have, with how many accounts of each list have it."""

    key: str
    ours: int
    theirs: int

    @property
    def hot(self) -> bool:
        """Whether too many have it for it to bring accounts together."""
        return max(self.ours, self.theirs) > CAP


@dataclass(frozen=True, slots=True)
class Explanation:
    """`match` is None if next to nothing speaks for the pair; `better` is the partner's best record if another is."""

    ours: str
    theirs: str
    rank: int | None
    verdict: str
    shared: tuple[SharedKey, ...]
    match: Match | None
    better: str | None = None

    @property
    def as_json(self) -> dict[str, object]:
        """The explanation as JSON values."""
        return {**asdict(self), "shared": [{**asdict(key), "hot": key.hot} for key in self.shared]}


def explain(ours: AccountList, theirs: AccountList, pair: tuple[str, str], least: float) -> Explanation:
    """What the matcher makes of one pair, given everything else in the lists. Raises `ConfigError`: unknown id."""
    our_id, their_id = _known(ours, pair[0]), _known(theirs, pair[1])
    mine, other = ours.features[our_id], theirs.features[their_id]
    compared = next(ids for each, ids in candidates(ours.features, theirs.features) if each == our_id)
    found = ranked(our_id, matches(mine, compared, theirs.features), least)
    rank = next((each.rank for each in found if each.theirs == their_id), None)
    match = score(mine, other)
    shared = _shared(mine, other, ours.features, theirs.features)
    better = found[0].theirs if found and found[0].theirs != their_id else None
    verdict = _verdict(their_id in compared, rank, shared, match, least, better)
    return Explanation(our_id, their_id, rank, verdict, shared, match, better)


def _known(accounts: AccountList, account_id: str) -> str:
    if account_id in accounts.accounts:
        return account_id
    refused = next((each for each in accounts.refused if _has_id(accounts, each.cells, account_id)), None)
    if refused:
        reason = f"row {refused.row} of {accounts.source.name}, which has the id {account_id!r}, cannot be used"
        raise ConfigError(f"{reason}: {refused.fault.reason} Remedy: {refused.fault.remedy}")
    near = get_close_matches(account_id, accounts.accounts, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"its ids look like {next(iter(accounts.accounts))!r}"
    raise ConfigError(f"no account of {accounts.source.name} has the id {account_id!r}. Remedy: {remedy}")


def _has_id(accounts: AccountList, cells: Mapping[str, object], account_id: str) -> bool:
    column = accounts.columns.used.get("id")
    return column is not None and str(cells.get(column, "")).strip() == account_id


def _shared(
    mine: Features, other: Features, ours: Mapping[str, Features], theirs: Mapping[str, Features]
) -> tuple[SharedKey, ...]:
    common = keys(mine) & keys(other)
    our_counts, their_counts = (
        Counter(key for account in accounts.values() for key in keys(account) & common) for accounts in (ours, theirs)
    )
    return tuple(SharedKey(key, our_counts[key], their_counts[key]) for key in sorted(common))


def _verdict(
    compared: bool,
    rank: int | None,
    shared: tuple[SharedKey, ...],
    match: Match | None,
    least: float,
    better: str | None,
) -> str:
    close = f"within {weights.TIE} of the best record {better!r}, which is the one that is written"
    cases = (
        (rank == 1, "an overlap: no record of the partner matches better"),
        (rank is not None, f"an overlap of rank {rank}: {close}"),
        (not shared, "no overlap: never compared, because no match key is shared"),
        (not compared, f"no overlap: never compared, because more than {CAP} accounts of a list have each shared key"),
        (match is None, "no overlap: compared, and next to nothing speaks for it"),
        (match is not None and match.confidence < least, f"no overlap: its confidence is below {least}"),
        (True, f"no overlap: the record {better!r} matches better by more than {weights.TIE}"),
    )
    return next(verdict for holds, verdict in cases if holds)
