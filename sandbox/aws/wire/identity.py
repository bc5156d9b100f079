"""Who calls: key, signature (Signature Version 4) and permissions; what a permitted caller asks is not its business."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from hmac import compare_digest

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ..core import ServiceError
from ..settings import Key

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, ?"
    r"SignedHeaders=(?P<headers>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})$"
)


@dataclass(frozen=True, slots=True)
class Signed:
    """What the Authorization header says."""

    key: str
    region: str
    service: str  # the signing name, as "aws-marketplace"
    headers: tuple[str, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came, for its signature."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def signed(authorization: str | None) -> Signed:
    """Raises MissingAuthenticationTokenException or IncompleteSignatureException."""
    if not authorization:
        raise ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
    found = _AUTHORIZATION.match(authorization)
    if found is None:
        raise ServiceError("IncompleteSignatureException", "Authorization header is not of Signature Version 4", 403)
    return Signed(
        found["key"], found["region"], found["service"], tuple(found["headers"].split(";")), found["signature"]
    )


class Keys:
    """The known keys and what each may do; permissions can be changed while it runs."""

    def __init__(self, keys: Iterable[Key], account: str) -> None:
        self._keys = {one.access: one for one in keys}
        self._account = account

    def permit(self, access: str, allowed: Iterable[str] | None, denied: Iterable[str] | None) -> Key:
        """Replaces the permissions of a key; None leaves them. Raises KeyError for a key that nobody has."""
        key = self._keys[access]
        if allowed is not None:
            key = replace(key, allowed=tuple(allowed))
        if denied is not None:
            key = replace(key, denied=tuple(denied))
        self._keys[access] = key
        return key

    def check(self, claim: Signed, sent: Sent) -> Key:
        """The caller; raises UnrecognizedClientException or InvalidSignatureException."""
        key = self._keys.get(claim.key)
        if key is None:
            unknown = (
                "InvalidClientTokenId" if claim.service in ("sts", "sns", "sqs") else "UnrecognizedClientException"
            )
            raise ServiceError(unknown, "The security token included in the request is invalid.", 403)
        if not compare_digest(_signature(key, claim, sent), claim.signature):
            words = "The request signature we calculated does not match the signature you provided."
            code = "SignatureDoesNotMatch" if claim.service in ("sts", "sns", "sqs") else "InvalidSignatureException"
            raise ServiceError(code, f"{words} Check your AWS Secret Access Key and signing method.", 403)
        return key

    def require(self, key: Key, action: str) -> None:
        """Raises AccessDeniedException unless the key may do this, e.g. "partnercentral:GetOpportunity"."""
        if _any(key.denied, action):
            why = f"with an explicit deny in an identity-based policy: {action}"
        elif not _any(key.allowed, action):
            why = f"because no identity-based policy allows the {action} action"
        else:
            return
        who = f"arn:aws:iam::{self._account}:user/{key.user}"
        raise ServiceError("AccessDeniedException", f"User: {who} is not authorized to perform: {action} {why}", 403)


def _any(patterns: Iterable[str], action: str) -> bool:
    return any(fnmatchcase(action.lower(), one.lower()) for one in patterns)


def _signature(key: Key, claim: Signed, sent: Sent) -> str:
    """What botocore itself would sign with the key's secret."""
    headers = {name: value for name, value in sent.headers.items() if name.lower() in claim.headers}
    request = AWSRequest(sent.method, sent.url, headers=headers, data=sent.body)
    request.context["timestamp"] = headers.get("X-Amz-Date", "")
    signer = SigV4Auth(Credentials(key.access, key.secret), claim.service, claim.region)
    canonical = signer.canonical_request(request)
    return str(signer.signature(signer.string_to_sign(request, canonical), request))
