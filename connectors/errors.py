"""What can go wrong at an edge, named by the recovery and not by the vendor.

    ConnectorError
    ├── RetryLater          the vendor is busy: wait `after` seconds and go on; nothing was lost
    ├── PauseConnection     a quota or a switch at the vendor: wait long, tell a person
    ├── StopMapping         a field, an object or a permission is missing: no record can succeed until it is mended
    ├── BadCredentials      the vendor refuses who we are: no call can succeed until it is mended
    ├── NeedsConfirmation   going on could remove what people rely on: a person must say yes
    └── BadInput            the file or address itself cannot be used

A record that is refused by itself is no exception: it is a `Rejected` outcome or an `Unreadable` row.
"""


class ConnectorError(Exception):
    """`reason` says what is wrong and where, `remedy` what to do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} Remedy: {remedy}")
        self.reason, self.remedy = reason, remedy


class RetryLater(ConnectorError):
    """The vendor is busy or the network is; `after` is the vendor's word in seconds, or None where it gave none."""

    def __init__(
        self,
        reason: str,
        remedy: str = "none needed, it is tried again; if it stays so, check address and network",
        after: float | None = None,
    ) -> None:
        super().__init__(reason, remedy)
        self.after = after


class PauseConnection(ConnectorError):
    """A quota is used up or the vendor has switched us off; `after` in seconds."""

    def __init__(self, reason: str, remedy: str, after: float = 900.0) -> None:
        super().__init__(reason, remedy)
        self.after = after


class StopMapping(ConnectorError):
    """The vendor's schema or our permissions do not fit the mapping table."""


class BadCredentials(ConnectorError):
    """The vendor does not accept our credentials."""


class NeedsConfirmation(ConnectorError):
    """A person must confirm; the remedy is the exact command."""


class BadInput(ConnectorError):
    """The input as a whole cannot be read; the remedy names the setting or the file."""
