"""Takes HubSpot's webhooks in, if their signature holds; it never reads what they say.

A request is answered 200 only after `kept` was called for it, else 503 in time for HubSpot to send it again, which it
does for a day (facts, hubspot 3.4).
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from connectors import receiving
from connectors.hubspot.settings import Listener
from connectors.hubspot.signature import refusal
from connectors.receiving import Answer, Delivery

log = logging.getLogger(__name__)


class Receiver(receiving.Receiver):
    """A listener in threads of its own. `clock` gives aware times, to judge the age of a request."""

    def __init__(self, settings: Listener, secret: str, clock: Callable[[], datetime]) -> None:
        self._settings, self._secret, self._clock = settings, secret, clock
        super().__init__("hubspot-webhooks", (settings.host, settings.port), settings.answer_s, self._judged)

    def _judged(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer | Delivery:
        """Whatever the path: a proxy may have changed it, and the signature is over the public address."""
        if method != "POST":
            return Answer(405, headers={"Allow": "POST"})
        signature, timestamp = headers.get("x-hubspot-signature-v3"), headers.get("x-hubspot-request-timestamp")
        uri = self._settings.public_url
        wrong = refusal(self._secret, method, uri, body, signature, timestamp, self._clock())
        if wrong is not None:
            log.warning("a webhook was turned away: %s", wrong)
            return Answer(401)
        try:
            events = json.loads(body)
        except ValueError:
            return Answer(400)
        if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
            return Answer(400)
        return Delivery(events)
