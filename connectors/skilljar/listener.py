"""Reads Skilljar's webhooks as hints at whose learning to read next; it believes none of them.

Skilljar signs nothing, sends what the webhook's owner wrote into its additional headers or its basic auth, and gives an
event no id (facts, lms 3).
"""

import base64
import binascii
import json
from collections.abc import Mapping

from connectors.hinting import HEADER, Wording


def secret_in(headers: Mapping[str, str]) -> str:
    """What the additional header holds, else the password of basic auth; empty where there is neither."""
    header = headers.get(HEADER.casefold(), "")
    kind, _, value = headers.get("authorization", "").partition(" ")
    if header or kind.casefold() != "basic":
        return header
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def user_in(body: bytes) -> str | None:
    """The id of the user that an event names; None where it names none."""
    try:
        told = json.loads(body)
    except ValueError:
        return None
    user = told.get("user") if isinstance(told, dict) else None
    return str(user["id"]) if isinstance(user, dict) and user.get("id") else None


WORDING = Wording("skilljar-webhooks", f"{HEADER} or password", secret_in, user_in)
