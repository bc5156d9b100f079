"""What each PartnerStack refusal means for us, read from `dispositions.toml`; it never talks to PartnerStack."""

from collections.abc import Mapping

from connectors.base import Outcome, Rejected, Retry
from connectors.dispositions import LONGEST, Disposition, Dispositions, Recovery

DISPOSITIONS = Dispositions("connectors.partnerstack", "PartnerStack")


class Refused(Exception):
    """An answer other than success. `after` is Retry-After in seconds, where PartnerStack gave one."""

    def __init__(self, status: int, message: str, after: float | None = None) -> None:
        self.status, self.code, self.after = status, f"HTTP_{status}", after
        self.reason = f"{self.code}: {' '.join(message.split())[:LONGEST]}"
        super().__init__(self.reason)

    @property
    def gone(self) -> bool:
        """Whether the record is not there."""
        return self.status in {404, 410}

    @property
    def outcome(self) -> Outcome:
        """What it means for one write."""
        known = disposition(self.code)
        if known.recovery is Recovery.RETRY:
            return Retry(self.reason, self.after)
        return Rejected(self.code, self.reason, known.remedy)


def disposition(code: str) -> Disposition:
    """What mends this failure."""
    return DISPOSITIONS.of(code)


def message_of(body: object) -> str:
    """The vendor's words in an error body: `message` (docs.partnerstack.com), or the text as it stands."""
    if isinstance(body, Mapping):
        return str(body.get("message") or body.get("error") or body)
    return str(body)
