"""What each refusal of Skilljar means for us, read from `dispositions.toml`; it never talks to Skilljar."""

from collections.abc import Iterator, Mapping

from connectors.dispositions import LONGEST, Disposition, Dispositions, Failure

DISPOSITIONS = Dispositions("connectors.skilljar", "Skilljar")


def disposition(failure: Failure) -> Disposition:
    """What mends this failure."""
    return DISPOSITIONS.of(failure.code)


def of_answer(body: object, status: int) -> Failure:
    """The failure of a whole answer, in any of the three shapes: `{"errors"}`, `{"error"}`, or fields with sentences."""
    code, words = f"HTTP_{status}", " ".join(_sentences(body)) or "no words"
    told = body if isinstance(body, Mapping) else {}
    errors = told.get("errors")
    named = (
        [str(each.get("code")) for each in errors or () if isinstance(each, Mapping)]
        if isinstance(errors, list)
        else []
    )
    named += [str(told["error"])] if isinstance(told.get("error"), str) else []
    # Codes of whole answers are not published: the status says more, but for those of the token endpoint.
    told_apart = status < 500 and status not in {401, 403, 404, 408, 409, 429}
    known = [each for each in named if each in DISPOSITIONS.table and told_apart]
    known += [each for each in named if each in {"invalid_client", "invalid_grant", "unauthorized_client"}]
    return Failure(known[0] if known else code, words[:LONGEST])


def of_row(row: Mapping[str, object]) -> Failure:
    """The failure of one row of a batch: `{"status": "failed", "error": {"code", "detail"}}`."""
    error = row.get("error")
    told = error if isinstance(error, Mapping) else {}
    return Failure(str(told.get("code") or "unnamed"), str(told.get("detail") or "no words")[:LONGEST])


def raised(failure: Failure, after: float | None = None) -> Exception:
    """See `Dispositions.raised`."""
    return DISPOSITIONS.raised(failure, after)


def _sentences(body: object) -> Iterator[str]:
    """The words of an error body, wherever they stand."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, list):
        for each in body:
            yield from _sentences(each)
    elif isinstance(body, Mapping):
        for name, each in body.items():
            if name not in {"status", "code", "title", "source", "meta"}:
                yield from _sentences(each)
