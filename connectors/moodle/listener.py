"""Reads webhooks of a site's plugin as hints at whose learning to read next; it believes none of them.

Plugins sign nothing, announce rows of transactions that are rolled back afterwards, and leave placeholders that they
cannot fill as they stand (facts, lms 2).
"""

import json
from collections.abc import Mapping

from connectors.hinting import HEADER, Wording

NAMED = ("relateduserid", "userid")  # whom an event is about, else who did it


def secret_in(headers: Mapping[str, str]) -> str:
    """What the header holds; empty where there is none."""
    return headers.get(HEADER.casefold(), "")


def user_in(body: bytes) -> str | None:
    """The id of the user that an event names; None where it names none, or a placeholder was not filled in."""
    try:
        told = json.loads(body)
    except ValueError:
        return None
    values = [str(told.get(name, "")).strip() for name in NAMED] if isinstance(told, dict) else []
    return next((value for value in values if value.isdecimal() and value != "0"), None)


WORDING = Wording("moodle-webhooks", HEADER, secret_in, user_in)
