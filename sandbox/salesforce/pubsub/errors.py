"""The refusals of the Pub/Sub API: gRPC status, error code of the trailer, words; it never decides when to refuse.

Codes are the vendor's ("Handle Errors"). The page gives no status but for replay ids; the others are the nearest.
"""

from __future__ import annotations

import grpc

PREFIX = "sfdc.platform.eventbus.grpc."
_Status = grpc.StatusCode


class Refused(Exception):
    """Ends a call. `code` is the tail of the error code; empty for a stream that is torn down without trailers."""

    def __init__(self, status: grpc.StatusCode, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


def stream_reset() -> Refused:
    return Refused(_Status.UNAVAILABLE, "", "RST_STREAM closed stream. HTTP/2 error code: INTERNAL_ERROR")


def unavailable() -> Refused:
    return Refused(_Status.UNAVAILABLE, "service.unavailable", "The Pub/Sub API service is unavailable.")


def auth_error() -> Refused:
    return Refused(
        _Status.UNAUTHENTICATED,
        "service.auth.error",
        "An authentication exception occurred. Provide valid authentication via metadata headers.",
    )


def auth_headers_invalid(name: str) -> Refused:
    return Refused(
        _Status.UNAUTHENTICATED, "service.auth.headers.invalid", f"The {name} metadata header is invalid or blank."
    )


def topic_empty() -> Refused:
    return Refused(_Status.INVALID_ARGUMENT, "topic.validation.empty", "The topic name is blank.")


def topic_not_found(topic: str) -> Refused:
    return Refused(_Status.NOT_FOUND, "topic.not.found", f"The topic {topic} does not exist.")


def topic_mismatch() -> Refused:
    return Refused(
        _Status.INVALID_ARGUMENT,
        "subscription.fetch.topic.mismatch",
        "The topic name does not match the one of the first FetchRequest.",
    )


def schema_missing() -> Refused:
    return Refused(_Status.INVALID_ARGUMENT, "schema.validation.failed", "The schema ID is blank or not known.")


def requested_events_invalid() -> Refused:
    return Refused(
        _Status.INVALID_ARGUMENT,
        "subscription.fetch.requested.events.invalid",
        "The number of requested events must be greater than zero.",
    )


def replay_id_missing() -> Refused:
    return Refused(
        _Status.INVALID_ARGUMENT,
        "subscription.fetch.replayid.validation.failed",
        "The replay preset CUSTOM needs a replay ID.",
    )


def replay_id_corrupted() -> Refused:
    return Refused(
        _Status.INVALID_ARGUMENT,
        "subscription.fetch.replayid.corrupted",
        "The Replay ID validation failed. Ensure that the Replay ID is valid and within the retention window.",
    )
