"""What the evidence alone says of two accounts, from their fields in the ledger; it counts no crowds."""

from schemas.entities import Account
from streams.matching.features import features
from streams.matching.score import score


def explained(pair: tuple[Account, Account] | None) -> list[str]:
    """Sentences for, then against; none without the fields of both."""
    match = score(features(pair[0]), features(pair[1])) if pair else None
    return [*match.reasons, *(f"but {doubt}" for doubt in match.doubts)] if match else []
