"""How a process ends: which error means which exit code, said in words; it never hides a traceback of a bug."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.errors import ConnectorError
from mappings.errors import MappingError
from schemas.deadletters import TooManyDeadLetters
from schemas.log import Fenced, LogError, WrongTopic
from tandem.settings import ConfigError

FAILED = 1
NEEDS_A_PERSON = 78  # EX_CONFIG of sysexits.h: starting again would not help, so a supervisor does not
FENCED = 79  # another instance has taken over

EXIT_CODES: dict[type[Exception], int] = {
    ConfigError: NEEDS_A_PERSON,
    MappingError: NEEDS_A_PERSON,
    ConnectorError: NEEDS_A_PERSON,
    TooManyDeadLetters: NEEDS_A_PERSON,
    Fenced: FENCED,
    WrongTopic: NEEDS_A_PERSON,
    LogError: FAILED,
}


@contextmanager
def told(what: str) -> Iterator[None]:
    """End the process with the fitting exit code and the error's own words; a bug keeps its traceback."""
    try:
        yield
    except tuple(EXIT_CODES) as error:
        code = next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))
        sys.stderr.write(f"{what}: {error}\n")
        raise SystemExit(code) from error
