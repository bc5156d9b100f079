"""How a dead letter is made and how many are too many; it never decides what is dead."""

from datetime import UTC, datetime

from schemas.codec import encode, trace_of
from schemas.log import Output, Record
from schemas.messages import DeadLetter, identity
from schemas.topics import DEADLETTERS

RETRY_OF = "tandem-deadletter"  # the header of an input that is tried again: the dead letter that it was
MAX_PAYLOAD = 50_000  # bytes; escaped it may grow sixfold, and brokers take a million by default


class TooManyDeadLetters(RuntimeError):
    """So much is failing that something general must be wrong: the process stops rather than park everything."""


class Limit:
    """Raises once `consecutive` inputs were parked in a row, or more than `share` of a `window` of inputs."""

    def __init__(self, stage: str, consecutive: int = 100, share: float = 0.5, window: int = 1000) -> None:
        self._stage, self._consecutive, self._share, self._window = stage, consecutive, share, window
        self._row = self._parked = self._seen = 0

    def passed(self) -> None:
        """Count an input that went well."""
        self._row = 0
        self._seen += 1
        if self._seen >= self._window:
            self._seen = self._parked = 0

    def parked(self, reason: str) -> None:
        """Count an input that was parked."""
        self._row += 1
        self._seen += 1
        self._parked += 1
        if self._row >= self._consecutive or self._parked > self._share * self._window:
            raise TooManyDeadLetters(
                f"{self._stage}: {self._row} inputs in a row and {self._parked} of the last {self._seen} went to the "
                f"dead letters, the last one because: {reason}. Remedy: mend the cause and start again; nothing is "
                "lost, it goes on where it stopped."
            )
        if self._seen >= self._window:
            self._seen = self._parked = 0


def from_record(stage: str, record: Record, code: str, reason: str, remedy: str, field: str | None = None) -> Output:
    """Park a record as it was read; the same record always parks under the same id, also where it is tried again."""
    retried = next((value.decode(errors="replace") for name, value in record.headers if name == RETRY_OF), None)
    letter = DeadLetter(
        id=retried or identity(stage, record.position),
        stage=stage,
        subject=f"record {record.position}" + (f" key {text_of(record.key)}" if record.key else ""),
        field=field,
        code=code,
        reason=reason,
        remedy=remedy,
        origin=record.position,
        payload=text_of(record.value),
        parked_at=datetime.fromtimestamp(record.timestamp_ms / 1000, UTC),
    )
    return parked(letter, trace_of(record))


def parked(letter: DeadLetter, trace: bytes | None = None) -> Output:
    """The dead letter as an output record."""
    return encode(DEADLETTERS, letter.id, letter, source=letter.stage, event_id=letter.id, trace=trace)


def text_of(raw: bytes | None) -> str | None:
    """The bytes as text; of a very long record the beginning only, since a dead letter must fit into a record itself."""
    if raw is None:
        return None
    cut = raw[:MAX_PAYLOAD].decode(errors="backslashreplace")
    return cut if len(raw) <= MAX_PAYLOAD else f"{cut}... ({len(raw)} bytes; the whole is where it came from)"
