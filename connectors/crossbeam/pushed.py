"""Judges whether a webhook is Crossbeam's; it never reads what the webhook says.

The signature is base64 of HMAC-SHA256 over the body and the timestamp behind it, the timestamp at most 300 s off
(developers.crossbeam.com, Webhooks). Another one is answered 403, as in Crossbeam's example.
"""

import base64
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from connectors.crossbeam.settings import Webhooks
from connectors.receiving import Answer, Delivery

log = logging.getLogger(__name__)
WINDOW_S = 300


class Judge:
    """A `connectors.receiving.Judge`; the events are signals as they came."""

    def __init__(self, settings: Webhooks, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer | Delivery:
        """See `connectors.receiving.Judge`."""
        if urlsplit(path).path != self._settings.path:
            return Answer(404)
        if method != "POST":
            return Answer(405, headers={"Allow": "POST"})
        secret = self._settings.secret.get_secret_value()
        wrong = refusal(secret, body, headers, self._clock())
        if wrong is not None:
            log.warning("a webhook was turned away: %s", wrong)
            return Answer(403)
        try:
            told = json.loads(body)
        except ValueError:
            return Answer(400)
        # Whether one signal comes alone or in a list is not documented.
        return Delivery(told if isinstance(told, list) else [told])


def refusal(secret: str, body: bytes, headers: Mapping[str, str], now: datetime) -> str | None:
    """Why a request is not to be believed; None where its signature holds."""
    signature, timestamp = headers.get("x-crossbeam-signature-256"), headers.get("x-crossbeam-timestamp", "")
    if not signature:
        return "the request carries no signature"
    if not re.fullmatch(r"[0-9]{1,11}", timestamp):
        return "its timestamp is no number of seconds"
    age = now.timestamp() - int(timestamp)
    if abs(age) > WINDOW_S:
        return f"its timestamp is {abs(age):.0f} s {'old' if age > 0 else 'ahead'}"
    same = hmac.compare_digest(sign(secret, body, timestamp).encode(), signature.encode())
    return None if same else "its signature is another one"


def sign(secret: str, body: bytes, timestamp: str) -> str:
    """The signature of a request."""
    return base64.b64encode(hmac.new(secret.encode(), body + timestamp.encode(), hashlib.sha256).digest()).decode()
