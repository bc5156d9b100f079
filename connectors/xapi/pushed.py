"""Judges what is sent to the receiver as a learning record store would, answer for answer; it keeps nothing itself.

Answers: xAPI 1.0.3, Part Three, 2.1.1 and 2.1.2 (PUT and POST Statements). A POST is answered exactly 200: Moodle's
plugin takes 204 for a failure. Statements come without an id as well; see `statements.read`.
"""

import base64
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from connectors.receiving import Answer, Delivery
from connectors.xapi.settings import Basic, Receiver
from connectors.xapi.statements import Malformed, Read, read

VERSION = {"X-Experience-API-Version": "1.0.3"}
SPOKEN = re.compile(r"1\.0(\.\d+)?")
LARGEST = 8 << 20  # bytes of a request: some thousands of statements


class _Refused(Exception):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Judge:
    """A `connectors.receiving.Judge`. `known` gives the digest of a statement that was told, by its id."""

    def __init__(self, settings: Receiver, language: str, known: Callable[[str], str | None]) -> None:
        self._settings, self._language, self._known = settings, language, known

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer | Delivery:
        """See `connectors.receiving.Judge`; the events are `Read` statements."""
        url = urlsplit(path)
        resource = url.path.rstrip("/").removeprefix(self._settings.path)
        if resource == "/about" and method == "GET":
            return Answer.of_json(200, {"version": [VERSION["X-Experience-API-Version"]]}, VERSION)
        try:
            self._believe(headers)
            if resource != "/statements":
                raise _Refused(404, "only /statements and /about are here")
            if method == "POST":
                return self._posted(headers, body)
            if method == "PUT":
                return self._put(parse_qs(url.query), headers, body)
            raise _Refused(405, "statements are only taken in here: read them from a learning record store")
        except _Refused as refused:
            asks = {"WWW-Authenticate": 'Basic realm="xAPI"'} if refused.status == 401 else {}
            return Answer.of_json(refused.status, {"message": str(refused)}, {**VERSION, **asks})

    def _believe(self, headers: Mapping[str, str]) -> None:
        auth = self._settings.auth
        if isinstance(auth, Basic):
            pair = f"{auth.key}:{auth.secret.get_secret_value()}".encode()
            name, value = "authorization", b"Basic " + base64.b64encode(pair)
        else:
            name, value = auth.name.casefold(), auth.secret.get_secret_value().encode()
        if not hmac.compare_digest(headers.get(name, "").encode(), value):
            raise _Refused(401, f"the header {name} is missing, or is another one")

    def _posted(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        raw = _parsed(headers, body)
        found = [self._read(each, number) for number, each in enumerate(raw if isinstance(raw, list) else [raw])]
        ids = [each.id for each in found if each.given]
        if doubled := next((each for each in ids if ids.count(each) > 1), None):
            raise _Refused(400, f"two statements of the request have the id {doubled}")
        # Two that are sent without an id and say the same are the same.
        events = list({each.id: each for each in found}.values())
        return Delivery(events, Answer.of_json(200, [each.id for each in found], VERSION))

    def _put(self, query: Mapping[str, list[str]], headers: Mapping[str, str], body: bytes) -> Delivery:
        raw = _parsed(headers, body)
        if not isinstance(raw, dict):
            raise _Refused(400, "PUT takes one statement; POST takes a list")
        try:
            id_ = str(UUID(query["statementId"][0]))
        except (KeyError, ValueError):
            raise _Refused(400, "statementId in the query is a UUID") from None
        if "id" in raw and str(raw["id"]).casefold() != id_:
            raise _Refused(400, f"the statement's id is not the statementId {id_}")
        return Delivery([self._read({**raw, "id": id_}, 0)], Answer(204, headers=VERSION))

    def _read(self, raw: object, number: int) -> Read:
        try:
            it = read(raw, self._language)
        except Malformed as malformed:
            raise _Refused(400, f"statement {number}: {malformed}; none of the request was taken") from None
        known = self._known(it.id)
        if it.given and known is not None and known != it.digest:
            raise _Refused(409, f"there is another statement with the id {it.id}; statements never change")
        return it


def _parsed(headers: Mapping[str, str], body: bytes) -> Any:
    version = headers.get("x-experience-api-version")
    if version is None or not SPOKEN.fullmatch(version):
        raise _Refused(400, f"the header X-Experience-API-Version is {version or 'missing'}; 1.0.3 is spoken here")
    kind = headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "application/json":
        raise _Refused(400, f"Content-Type is {kind or 'missing'}; give application/json, without attachments")
    try:
        return json.loads(body)
    except ValueError as error:
        raise _Refused(400, f"the body is no JSON: {error}") from None
