"""Decides whether a webhook is HubSpot's; it never reads what the webhook says.

Our own, since the client library's check takes timestamps of the future, does not decode the address and fails on a
missing header. The rules: developers.hubspot.com, Validating requests from HubSpot, signature v3.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

WINDOW = timedelta(minutes=5)
# The only escapes that HubSpot decodes before it signs.
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$",
    "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_ESCAPE = re.compile("|".join(_DECODED), re.IGNORECASE)


def refusal(
    secret: str, method: str, uri: str, body: bytes, signature: str | None, timestamp: str | None, now: datetime
) -> str | None:
    """Why a request is not to be believed; None where its v3 signature holds.

    `uri` is the address as HubSpot called it, `body` the bytes as they came, `timestamp` milliseconds since 1970.
    """
    if not signature or not timestamp:
        return "the request carries no v3 signature"
    # A number longer than this is no time of this era, and too large to compare.
    if not re.fullmatch(r"[0-9]{1,14}", timestamp):
        return "its timestamp is no number of milliseconds"
    age = now - (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(timestamp)))
    if not -WINDOW <= age <= WINDOW:
        return f"its timestamp is {abs(age.total_seconds()):.0f} s {'old' if age > WINDOW else 'ahead'}"
    expected = sign(secret, method, uri, body, timestamp)
    return None if hmac.compare_digest(expected.encode(), signature.encode()) else "its signature is another one"


def sign(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """The v3 signature: base64 of HMAC-SHA256 over method, decoded address, raw body and timestamp."""
    signed = method.encode() + decoded(uri).encode() + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def decoded(uri: str) -> str:
    """The address with the twelve escapes decoded that HubSpot decodes, and no other."""
    return _ESCAPE.sub(lambda found: _DECODED[found[0].upper()], uri)
