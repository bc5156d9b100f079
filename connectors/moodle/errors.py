"""What each refusal of Moodle means for us, read from `dispositions.toml`; it never talks to Moodle."""

import html
import re
from collections.abc import Mapping

from connectors.dispositions import LONGEST, Disposition, Dispositions, Failure

DISPOSITIONS = Dispositions("connectors.moodle", "Moodle")
WORDED = "worded"
_CODE, _TAG = re.compile(r"[\w/:.-]{1,80}"), re.compile(r"<[^>]*>")


def disposition(failure: Failure) -> Disposition:
    """What mends this failure."""
    return DISPOSITIONS.of(failure.code)


def of_exception(body: Mapping[str, object]) -> Failure:
    """The failure of `{"exception", "errorcode", "message"}`; the code of a refused password is HTML (facts, lms 2.1)."""
    code, words = str(body.get("errorcode") or body.get("exception") or ""), str(body.get("message") or "")
    if not _CODE.fullmatch(code):
        code, words = WORDED, code or words
    return Failure(code, _plain(words))


def of_warning(body: Mapping[str, object]) -> Failure:
    """The failure of one warning."""
    code = str(body.get("warningcode") or "")
    return Failure(f"warning_{code}" if code.isdigit() or not code else code, _plain(str(body.get("message") or "")))


def raised(failure: Failure, after: float | None = None) -> Exception:
    """See `Dispositions.raised`."""
    return DISPOSITIONS.raised(failure, after)


def _plain(words: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", words)).split())[:LONGEST]
