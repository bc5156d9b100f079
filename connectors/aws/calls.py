"""Makes the calls of one connection: at AWS's pace, once each, with failures named by recovery; it decides nothing."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session as CoreSession

from connectors.aws.errors import THROTTLED, Failure, of_answer, of_transport, raised
from connectors.aws.pace import READS, Pace
from connectors.aws.session import client, signed_in
from connectors.aws.settings import Access
from connectors.base import Budget

Answer = dict[str, Any]
# Harmless when made twice, though they are no reads and have no token.
HARMLESS = frozenset({"ReceiveMessage", "DeleteMessageBatch", "CancelChangeSet"})


class Calls:
    """Clients are made at their first use. May be used by several threads."""

    def __init__(self, access: Access, pace: Pace | None = None) -> None:
        self._access = access
        self._pace = pace or Pace(access.rate_share, time.monotonic, time.sleep)
        self._clients: dict[str, BaseClient] = {}
        self._lock = threading.Lock()
        self._session: CoreSession | None = None

    def __call__(self, service: str, operation: str, /, **request: Any) -> Answer:
        """One call by boto3's name of the service and AWS's of the operation, as ("sqs", "ReceiveMessage").

        Raises the errors of `connectors.errors` where the whole connection is meant, and `errors.Refused` where it is
        one record, or where an unsafe call may have been carried out and its answer was lost.
        """
        self._pace.wait(service, operation)
        try:
            made = self._client(service)
            method: Callable[..., Answer] = getattr(made, xform_name(operation))
            return method(**request)
        except ClientError as error:
            failure = of_answer(service, operation, error)
        except BotoCoreError as error:
            failure = of_transport(service, operation, error)
        if failure.code in THROTTLED:
            self._pace.slowed(service, operation)
        # Outside of the `except`: botocore's error may quote the request, and is not shown behind ours.
        raise raised(failure, repeatable=self._repeatable(failure))

    def pages(self, service: str, operation: str, items: str, token: str, /, **request: Any) -> Iterator[Any]:
        """All items of a listing: `items` is their member in an answer, `token` that of the next page in both ways."""
        while True:
            answer = self(service, operation, **request)
            yield from answer.get(items, ())
            if not answer.get(token):
                return
            request[token] = answer[token]

    def budget(self) -> Budget | None:
        """The day's calls, where there is a limit of them."""
        return self._pace.budget()

    def close(self) -> None:
        """Close the connections of every client."""
        with self._lock:
            while self._clients:
                self._clients.popitem()[1].close()

    def _client(self, service: str) -> BaseClient:
        with self._lock:
            if service not in self._clients:
                self._session = self._session or signed_in(self._access)
                self._clients[service] = client(service, self._access, self._session)
            return self._clients[service]

    def _repeatable(self, failure: Failure) -> bool:
        """Whether making the call again is harmless: a read, or one that AWS knows again by its token."""
        if failure.operation.startswith(READS) or failure.operation in HARMLESS or not failure.unsure:
            return True
        model = self._client(failure.service).meta.service_model.operation_model(failure.operation)
        return bool(model.idempotent_members)
