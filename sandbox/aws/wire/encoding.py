"""Writes answers and errors so that boto3 reads them; an answer that does not fit its shape is this emulator's fault."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from botocore.model import Shape as Model

from ..core import ServiceError
from .models import Call, service_model

_FAULTS = ("InternalServerException", "InternalServiceException")


class AnswerError(Exception):
    """A service of the emulator answered something that its shape does not have; the message names the member."""


def answer(call: Call, given: Any) -> bytes:
    """The body of an answer; raises `AnswerError`."""
    shape = call.model.output_shape
    if shape is None:
        return b"{}"
    return orjson.dumps(_write(shape, given, call.model.name))


def _write(shape: Model, value: Any, path: str) -> Any:
    if getattr(shape, "is_document_type", False):
        return value
    match shape.type_name:
        case "structure":
            return _structure(shape, value, path)
        case "list":
            return [_write(shape.member, one, f"{path}[]") for one in value]  # type: ignore[attr-defined]
        case "map":
            return {str(name): _write(shape.value, one, f"{path}.{name}") for name, one in value.items()}  # type: ignore[attr-defined]
        case "timestamp":
            return _time(shape, value, path)
        case _:
            return _plain(shape, value, path)


def _structure(shape: Any, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise AnswerError(f"{path} is {type(value).__name__}, not an object")
    unknown = set(value) - set(shape.members)
    missing = {name for name in shape.required_members if value.get(name) is None}
    if unknown or missing:
        raise AnswerError(f"{path}: members unknown to the model {sorted(unknown)}, missing {sorted(missing)}")
    return {
        str(shape.members[name].serialization.get("name", name)): _write(shape.members[name], one, f"{path}.{name}")
        for name, one in value.items()
        if one is not None
    }


def _time(shape: Model, value: Any, path: str) -> str | float:
    """Epoch seconds, unless the shape asks for text."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise AnswerError(f"{path} is {value!r}, not a time with its zone")
    if shape.serialization.get("timestampFormat") == "iso8601":
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return round(value.timestamp(), 3)


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "double": (int, float),
}


def _plain(shape: Model, value: Any, path: str) -> Any:
    wanted = _TYPES.get(shape.type_name, object)
    if not isinstance(value, wanted):
        raise AnswerError(f"{path} is {value!r}, not a {shape.type_name}")
    return value


def error(service: str, refused: ServiceError, request_id: str) -> tuple[int, bytes]:
    """Status and body of an error; the status is the model's where it has one."""
    shapes = service_model(service)
    shape = shapes.shape_for_error_code(refused.code)  # type: ignore[arg-type]  # the stub says int
    if shape is None:
        body: dict[str, Any] = {"message": refused.message}
        status = refused.status
    else:
        members = shape.members  # type: ignore[attr-defined]
        body = {"Message" if "Message" in members else "message": refused.message}
        body |= {name: one for name, one in refused.members.items() if name in members}
        if "requestId" in members:
            body["requestId"] = request_id
        status = int(shape.metadata.get("error", {}).get("httpStatusCode", refused.status))
    if refused.code in _FAULTS:
        status = max(status, 500)
    return status, orjson.dumps({"__type": refused.code, **body}, default=str)
