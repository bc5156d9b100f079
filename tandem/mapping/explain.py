"""Why two accounts are, or are not, an overlap; it decides nothing that the matcher has not decided."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches

from streams.matching import weights
from streams.matching.keys import cap, keys
from streams.matching.score import Match, score
from tandem.mapping.crew import crew
from tandem.mapping.engine import Engine
from tandem.mapping.evidence import Evidence, standing, weighed, would_change
from tandem.mapping.lists import AccountList
from tandem.mapping.pairs import ranked
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
        return max(self.ours, self.theirs) > cap(self.key)


@dataclass(frozen=True, slots=True)
class Explanation:
    """`match` is None if next to nothing speaks for the pair; `better` is the partner's best record if another is.

    `evidence` is all of it, weighed, also of a pair that was never compared; `would_change` what would turn the verdict.
    """

    ours: str
    theirs: str
    rank: int | None
    verdict: str
    shared: tuple[SharedKey, ...]
    match: Match | None
    better: str | None = None
    evidence: tuple[Evidence, ...] = ()
    standing: tuple[str, ...] = ()
    would_change: tuple[str, ...] = ()

    @property
    def as_json(self) -> dict[str, object]:
        """The explanation as JSON values."""
        return {**asdict(self), "shared": [{**asdict(key), "hot": key.hot} for key in self.shared]}


def explain(ours: AccountList, theirs: AccountList, pair: tuple[str, str], least: float) -> Explanation:
    """What the matcher makes of one pair, given everything else in the lists. Raises `ConfigError`: unknown id."""
    our_id, their_id = _known(ours, pair[0]), _known(theirs, pair[1])
    rows = ours.accounts.row(our_id), theirs.accounts.row(their_id)
    with crew(len(ours.accounts) + len(theirs.accounts)) as workers:
        engine = Engine(ours.accounts, theirs.accounts, workers)
        mine, other = engine.features(0, rows[0]), engine.features(1, rows[1])
        met, crowd = engine.candidates(mine), engine.crowd(mine)
        shared = _shared(engine, sorted(keys(mine) & keys(other)))
    compared = {theirs.accounts.id(row): score(mine, engine.features(1, row), crowd) for row in met}
    found = ranked(our_id, {name: match for name, match in compared.items() if match}, least)
    rank = next((each.rank for each in found if each.theirs == their_id and each.rank), None)
    match = score(mine, other, crowd)
    better = found[0].theirs if found and found[0].theirs != their_id else None
    verdict = _verdict(their_id in compared, rank, shared, match, least, better)
    said = weighed(mine, other, crowd), standing(mine, other, match, crowd), would_change(mine, other, match, crowd)
    return Explanation(our_id, their_id, rank, verdict, shared, match, better, *said)


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


def _shared(engine: Engine, common: list[str]) -> tuple[SharedKey, ...]:
    holders = engine.holders(common)
    return tuple(SharedKey(key, ours, theirs) for key, (ours, theirs) in zip(common, holders, strict=True))


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
        (match is not None and match.relation == "related", "no overlap: two units of one family"),
        (rank == 1, "an overlap: no record of the partner matches better"),
        (rank is not None, f"an overlap of rank {rank}: {close}"),
        (not shared, "no overlap: never compared, because no match key is shared"),
        (not compared, "no overlap: never compared, because too many accounts of a list have each shared key"),
        (match is None, "no overlap: compared, and next to nothing speaks for it"),
        (match is not None and match.confidence < least, f"no overlap: its confidence is below {least}"),
        (True, f"no overlap: the record {better!r} matches better by more than {weights.TIE}"),
    )
    return next(verdict for holds, verdict in cases if holds)
