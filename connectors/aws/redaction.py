"""Takes signed addresses and tokens out of texts and rows before anybody sees them; it keeps everything else as it is.

DescribeEntity gives the terms of an offer as a presigned address with X-Amz-Security-Token, and GetAgreementEntitlements
gives a registration token (AWS Marketplace Catalog and Agreement API references).
"""

import re
from collections.abc import Mapping

HIDDEN = "***"
# Parameters of presigned addresses (AWS Signature Version 4, Signature Version 2, CloudFront), plain or percent-encoded.
_NAMES = r"x-amz-(?:security-token|signature|credential)|awsaccesskeyid|signature|key-pair-id|policy"
_PARAMETER = re.compile(rf"(?i)(?<![a-z])({_NAMES})(=|%3D)[^&\s\"'<>\\]+")
# Members that hold a secret, in JSON at any depth of quoting, or in the words of an error.
_SECRETS = r"registration-?token|secret-?access-?key|session-?token|security-?token|authorization"
_MEMBER = re.compile(
    rf"(?i)((?:x-amzn?-)?(?:{_SECRETS})\\*[\"']?\s*[:=]\s*\\*[\"']?)(?!{re.escape(HIDDEN)})[^\s\"',}}\\&]+"
)
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_SIGNED = re.compile(rf"(?i)(?<![a-z])(?:{_NAMES})(?:=|%3D)")


def redact(text: str) -> str:
    """The text with `***` in place of every signature, token and key id."""
    text = _PARAMETER.sub(rf"\1\2{HIDDEN}", text)
    text = _MEMBER.sub(rf"\1{HIDDEN}", text)
    return _KEY_ID.sub(HIDDEN, text)


def is_signed(text: str) -> bool:
    """Whether a text holds a signed address."""
    return _SIGNED.search(text) is not None


def cleaned(row: Mapping[str, object]) -> dict[str, object]:
    """A row whose texts are redacted, at any depth."""
    return {name: _clean(value) for name, value in row.items()}


def _clean(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {name: _clean(each) for name, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, (list, tuple)) else value
