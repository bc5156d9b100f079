"""What the emulated services stand on: errors, the clock, the bus of events and the contract of a service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Protocol

Shape = dict[str, Any]  # a request or an answer, as boto3 gives and takes it (times are datetimes)
SELLER = "691709974417"
REGION = "us-east-1"


class ServiceError(Exception):
    """An error as a service answers it: the shape's name, the HTTP status, the words and further members."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.members = code, message, status, members


class Clock:
    """The emulated time; it stands still until it is advanced, or follows the machine's where it is told to."""

    def __init__(self, read: Callable[[], datetime] | None = None) -> None:
        self._read = read or (lambda: datetime.now(UTC))
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return self._read() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class BusEvent:
    """An event for EventBridge, before it has an id."""

    source: str  # as "aws.marketplacecatalog"
    detail_type: str
    resources: tuple[str, ...]
    detail: Mapping[str, Any]


class Service(Protocol):
    """One emulated service. `name` is boto3's, as "marketplace-catalog".

    What it does behind the vendor's back are two optional attributes, which the door `/__sandbox__/` reads:
    `acts`, a mapping of name to a callable that takes keywords and returns JSON (`POST act`), and
    `kinds`, a mapping of name to a callable that returns every entity of that kind (`GET dump?kind=offer`).
    """

    name: str

    def handle(self, operation: str, request: Shape) -> Shape:
        """Answers one call, e.g. ("StartChangeSet", {...}); raises `ServiceError`."""

    def tick(self) -> None:
        """Does what has become due by the clock (change sets, tasks, reviews); called before each request."""


def acts_of(service: Service) -> Mapping[str, Callable[..., Any]]:
    """What the service does on demand, by name."""
    found: Mapping[str, Callable[..., Any]] = getattr(service, "acts", {})
    return found


def kinds_of(service: Service) -> Mapping[str, Callable[[], Iterable[Any]]]:
    """What the service can show of itself, by kind of entity."""
    found: Mapping[str, Callable[[], Iterable[Any]]] = getattr(service, "kinds", {})
    return found


@dataclass
class World:
    """All that is emulated, as one state; services find each other here by name."""

    clock: Clock
    emit: Callable[[BusEvent], None]
    chance: Random
    account: str = SELLER
    region: str = REGION
    services: dict[str, Service] = field(default_factory=dict)

    def tick(self) -> None:
        for service in self.services.values():
            service.tick()
