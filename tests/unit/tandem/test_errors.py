"""How a process ends: a supervisor reads the code, a person the words."""

import pytest

from connectors.errors import BadCredentials, BadInput, NeedsConfirmation, StopMapping
from mappings.errors import MappingError
from schemas.deadletters import TooManyDeadLetters
from schemas.log import Aborted, Fenced, LogError, Unreachable
from tandem.errors import told
from tandem.settings import ConfigError

PERSON, TAKEN_OVER, AGAIN = 78, 79, 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("tandem.toml: unknown key"), PERSON),
        (MappingError("no field", "add it"), PERSON),
        (BadCredentials("wrong secret", "mend it"), PERSON),
        (StopMapping("no field", "deploy it"), PERSON),
        (NeedsConfirmation("much is gone", "say yes"), PERSON),
        (BadInput("no file", "put it there"), PERSON),
        (TooManyDeadLetters("everything fails"), PERSON),
        (Fenced("another instance of tandem.source.acme has taken over"), TAKEN_OVER),
        (Unreachable("no Kafka broker answers at 127.0.0.1:1"), AGAIN),
        (Aborted("no trace"), AGAIN),
        (LogError("cannot go on"), AGAIN),
    ],
)
def test_each_error_has_its_exit_code_and_is_said_in_its_own_words(error, code, capsys):
    with pytest.raises(SystemExit) as end, told("source acme-list"):
        raise error
    assert end.value.code == code
    assert capsys.readouterr().err == f"source acme-list: {error}\n"


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), told("source acme-list"):
        raise ZeroDivisionError


def test_what_goes_well_does_not_end_the_process():
    with told("tandem check"):
        done = True
    assert done
