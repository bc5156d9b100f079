"""Keeps one subscription alive and hands out its events; a lost position goes to the caller, who alone can mend it."""

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.errors import ConnectorError, RetryLater
from connectors.salesforce.cdc.bus import (
    Arrived,
    EventBus,
    StreamEnded,
    Subscription,
    TokenRefused,
    credentials_refused,
)
from connectors.salesforce.cdc.events import ChangeEvent, decoded
from connectors.salesforce.cdc.schemas import SchemaCache
from connectors.salesforce.pubsub import pubsub_api_pb2 as pb

log = logging.getLogger(__name__)
FETCH = 200  # events that are told with one reading of their records
SETTLE_S = 0.2  # what was committed at once arrives at once: after so much quiet it is whole


class Unread(Exception):
    """An event cannot be read, so nobody knows what it changed; the feed stands behind it."""


class NoPosition(Exception):
    """The stream ended before it told any position."""


class Feed:
    """`inbox` holds events that came and are not told yet; `latest` is the position after the last that came.

    `linger_s` is how long a look waits for a first event, `silence` after how long without a word, by `clock`, a stream
    is taken for dead.
    """

    def __init__(self, bus: EventBus, clock: Callable[[], datetime], linger_s: float, silence_s: float) -> None:
        self._bus, self._clock = bus, clock
        self._linger_s, self._silence = linger_s, timedelta(seconds=silence_s)
        self._schemas = SchemaCache(bus.schema)
        self._stream: Subscription | None = None
        self._refused = self._ended = False  # since something was last heard
        self._undecoded: deque[pb.ConsumerEvent] = deque()
        self.inbox: list[ChangeEvent] = []
        self.latest: bytes | None = None

    @property
    def open(self) -> bool:
        """Whether there is a stream."""
        return self._stream is not None

    def start(self, after: bytes | None) -> None:
        """Open the stream after a position, or from now on; what waited in the inbox is forgotten."""
        self.close()
        self.inbox, self.latest = [], after
        self._undecoded.clear()
        self._stream = self._bus.subscribe(after)

    def close(self) -> None:
        """End the stream; the position stays."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def start_of_stream(self) -> bytes | None:
        """Where a stream from now on begins, if that is told soon; to be asked before anything is read by query."""
        while True:
            try:
                arrived = self._next(self._linger_s)
                break
            except NoPosition:
                self.start(None)  # nothing was read yet, so nothing is skipped
        if arrived is None:
            return None
        self.latest = arrived.latest
        self._undecoded += arrived.events
        return None if arrived.events else arrived.latest

    def fill(self) -> bool:
        """Take in what has come; True when no more is to be expected now: what is in the inbox is whole.

        Raises `PositionLost`, `NoPosition`, `Unread`, and errors of `connectors.errors`.
        """
        self._decode()
        self._watch()
        wait, fresh, quiet = self._linger_s, False, 0
        while len(self.inbox) < FETCH or self._one_transaction():
            arrived = self._next(wait if fresh else 0)
            if arrived is None:
                if fresh:
                    return True
                fresh = True  # what comes from here on was not waiting since the last look
                continue
            self.latest = arrived.latest
            self._undecoded += arrived.events
            self._decode()
            # A keepalive says that there is nothing more; the first may have been on its way before this look.
            quiet = quiet + 1 if fresh and not arrived.events else 0
            if quiet > 1:
                return True
            wait = min(SETTLE_S, self._linger_s)
        return False

    def _one_transaction(self) -> bool:
        return len(self.inbox) < 5 * FETCH and self.inbox[0].transaction == self.inbox[-1].transaction

    def _decode(self) -> None:
        """A schema that cannot be had now leaves its events where they are; one that cannot be read is passed over."""
        while self._undecoded:
            event = self._undecoded[0]
            schema = self._schemas.get(event.event.schema_id)
            self._undecoded.popleft()
            try:
                self.inbox.append(decoded(event, schema))
            except ValueError as error:
                raise Unread(f"an event of schema {event.event.schema_id} cannot be read: {error}") from error

    def _watch(self) -> None:
        if self._stream is None:
            self._again("there is no stream")
        elif self._clock() - self._stream.heard > self._silence:
            self._again(f"nothing was heard for more than {self._silence.total_seconds():.0f} s")

    def _next(self, wait_s: float) -> Arrived | None:
        """The next answer; a token that ran out and a stream that ended are mended once without a word."""
        while True:
            assert self._stream is not None  # noqa: S101  opened by `_watch`
            try:
                arrived = self._stream.receive(wait_s)
            except TokenRefused as refused:
                if self._refused:
                    self.close()
                    self._refused = False
                    raise credentials_refused(refused) from refused
                self._refused = True
                self._bus.renew()
                self._again("the token has run out")
            except StreamEnded as ended:
                if self._ended:
                    self.close()
                    self._ended = False
                    raise RetryLater(f"the stream broke off: {ended}") from ended
                self._ended = True
                self._again(str(ended))
            except ConnectorError:
                self.close()
                raise
            else:
                if arrived is not None:
                    self._refused = self._ended = False
                return arrived

    def _again(self, why: str) -> None:
        """Open the stream where it was. Without a position that would skip what came in between."""
        self.close()
        log.warning("the stream of change events is opened anew: %s", why)
        if self.latest is None:
            raise NoPosition(why)
        self._stream = self._bus.subscribe(self.latest)
