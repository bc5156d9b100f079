"""Takes webhooks that only say whose records to read next, each with a secret; it believes nothing else that they say.

It is for systems that sign nothing: what a webhook leads to is read anew, and it is answered when that is kept.
"""

import hmac
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.base import Progress
from connectors.listening import Host, Patience, Port
from connectors.receiving import Answer, Delivery, Inbox, Receiver

log = logging.getLogger(__name__)
SLOT = "webhooks"
HEADER = "X-Tandem-Secret"
LARGEST = 1 << 16  # bytes of a request: one event is some hundred
WAITING = 1000  # requests that wait to be taken


class Listener(BaseModel):
    """Where such webhooks arrive; a connector says where its secret stands, and gives a port of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret: SecretStr
    host: Host = Field(default="127.0.0.1", examples=["127.0.0.1"])
    port: Port
    patience_s: Patience = Field(default=1.0, lt=5)
    answer_s: float = Field(
        default=4.0, gt=0, lt=30, description="Seconds that a request may wait to be published.", examples=[4.0]
    )


@dataclass(frozen=True, slots=True)
class Wording:
    """How one system's webhooks are read; `name` is that of the threads that listen.

    `shown` finds the secret among the headers, by their names in lower case, `proof` says where it belongs; `named` is
    the id that a body names, None where it names nobody.
    """

    name: str
    proof: str
    shown: Callable[[Mapping[str, str]], str]
    named: Callable[[bytes], str | None]

    def judged(
        self, secret: SecretStr, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | Delivery:
        """A `connectors.receiving.Judge` once it has the secret. Whatever the path: a proxy may have changed it."""
        if method != "POST":
            return Answer(501)
        if not hmac.compare_digest(self.shown(headers).encode(), secret.get_secret_value().encode()):
            log.warning("a webhook without the right %s was turned away", self.proof)
            return Answer(401)
        named = self.named(body)
        return Delivery([] if named is None else [named])


class Hints:
    """The ids that webhooks name. Opens with the first pass; without settings it hears nothing."""

    def __init__(self, wording: Wording, settings: Listener | None, clock: Callable[[], datetime]) -> None:
        self._wording, self._settings = wording, settings
        self._receiver: Receiver | None = None
        self._inbox = None if settings is None else Inbox(partial(self._opened, settings), SLOT, clock())

    @property
    def port(self) -> int:
        """Where it listens; 0 before the first pass."""
        return 0 if self._receiver is None else self._receiver.port

    def taken(self, cursors: Mapping[str, str]) -> Sequence[str]:
        """Whom webhooks named since the last pass, each once."""
        if self._inbox is None or self._settings is None:
            return []
        taken = self._inbox.taken(cursors, self._settings.patience_s)
        return list(dict.fromkeys(each for delivery in taken for each in delivery.events))

    def done(self) -> Iterator[Progress]:
        """What they led to was told: the word that is saved with it."""
        if self._inbox is not None:
            yield from self._inbox.told(anything=True)

    def close(self) -> None:
        """Stop listening."""
        if self._inbox is not None:
            self._inbox.close()

    def _opened(self, settings: Listener) -> Receiver:
        judge, place = partial(self._wording.judged, settings.secret), (settings.host, settings.port)
        name, answer_s = self._wording.name, settings.answer_s
        self._receiver = Receiver(name, place, answer_s, judge, largest=LARGEST, waiting=WAITING)
        return self._receiver
