"""Judges a request by its token and its body, before anybody knows what was sent before; it keeps nothing itself."""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from connectors.portal.bodies import LEAD, AnswerBody, RegistrationBody, Unfit, Wrong, parsed, wrong
from connectors.portal.openapi import document
from connectors.portal.settings import Settings
from connectors.receiving import Answer, Delivery

KEY = "idempotency-key"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
REGISTRATION, LEADS = "registration", "partner_lead"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a partner asks for: a record of an entity to be made (`create`) or to be as the body says."""

    entity: str
    record_id: str
    partner: str
    body: RegistrationBody | AnswerBody
    create: bool = False
    lead: str | None = None


class Judge:
    """A `connectors.receiving.Judge`; the event of a delivery is what was `Asked`, its answer is still to be found."""

    def __init__(self, settings: Settings) -> None:
        self._tokens = [(each.token.get_secret_value().encode(), each.partner) for each in settings.tokens]

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer | Delivery:
        """See `connectors.receiving.Judge`."""
        resource = urlsplit(path).path.rstrip("/")
        if method == "GET" and resource == "/v1/health":
            return Answer.of_json(200, {"status": "ok"})
        if method == "GET" and resource == "/v1/openapi.json":
            return Answer.of_json(200, document())
        partner = self._partner(headers)
        if partner is None:
            why = [wrong("Authorization", "there is no known token", "send `Authorization: Bearer <your token>`")]
            return said(401, why, {"WWW-Authenticate": "Bearer"})
        try:
            return _routed(method, resource, headers, body, partner)
        except Unfit as unfit:
            return said(422, unfit.errors)

    def _partner(self, headers: Mapping[str, str]) -> str | None:
        """Every token is compared, so that the time tells nothing."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = token.strip().encode()
        found = [partner for known, partner in self._tokens if hmac.compare_digest(known, given)]
        return found[0] if found and scheme.casefold() == "bearer" else None


def _routed(method: str, resource: str, headers: Mapping[str, str], body: bytes, partner: str) -> Answer | Delivery:
    for pattern, allowed, ask in ROUTES:
        found = re.fullmatch(pattern, resource)
        if found and method != allowed:
            return said(405, [wrong("method", "it cannot be used here", f"use {allowed}")], {"Allow": allowed})
        if found:
            return Delivery([ask(unquote("".join(found.groups())), headers, body, partner)])
    return said(404, [wrong("path", f"there is nothing at {resource or '/'}", "see /v1/openapi.json")])


def _registered(_: str, headers: Mapping[str, str], body: bytes, partner: str) -> Asked:
    id_ = _id("Idempotency-Key", headers.get(KEY, ""))
    return Asked(REGISTRATION, id_, partner, parsed(RegistrationBody, body), create=True)


def _replaced(id_: str, _: Mapping[str, str], body: bytes, partner: str) -> Asked:
    return Asked(REGISTRATION, _id("id", id_), partner, parsed(RegistrationBody, body))


def _answered(lead: str, _: Mapping[str, str], body: bytes, partner: str) -> Asked:
    """A lead may be offered to one partner after the other: each has its own answer."""
    if not LEAD.fullmatch(lead):
        raise Unfit([wrong("id", f"{lead!r} names no lead", "give it as it was told: connection/lead/id")])
    return Asked(LEADS, f"{lead}:{partner}", partner, parsed(AnswerBody, body), lead=lead)


# Path, method, and what is asked for by the part of the path in brackets.
ROUTES: Sequence[tuple[str, str, Callable[[str, Mapping[str, str], bytes, str], Asked]]] = (
    ("/v1/registrations", "POST", _registered),
    ("/v1/registrations/(.+)", "PUT", _replaced),
    ("/v1/leads/(.+)/answer", "POST", _answered),
)


def _id(field: str, value: str) -> str:
    if not ID.fullmatch(value):
        problem = "it is missing" if not value else "it has characters or a length that an id cannot have"
        remedy = "give your own id of the registration: letters, digits and . _ : -, 128 at most"
        raise Unfit([wrong(field, problem, remedy)])
    return value


def said(status: int, errors: list[Wrong], headers: Mapping[str, str] | None = None) -> Answer:
    """A refusal in words."""
    return Answer.of_json(status, {"errors": errors}, headers)
