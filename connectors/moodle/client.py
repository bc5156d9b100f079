"""One HTTP session to one Moodle site: a function's name and arguments in, its answer out; it never retries."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.addresses import is_loopback
from connectors.dispositions import Failure
from connectors.errors import BadInput, RetryLater
from connectors.moodle.errors import of_exception, of_warning, raised
from connectors.moodle.forms import flattened
from connectors.moodle.settings import Settings

REST = "/webservice/rest/server.php"


class Client:
    """Raises `Refused` where one record is refused and the errors of `connectors.errors` where all are.

    `spend` is told of every call before it is made.
    """

    def __init__(self, settings: Settings, spend: Callable[[], None] = lambda: None) -> None:
        self._settings, self._spend = settings, spend
        self._host = urlsplit(settings.base_url).netloc
        self._session = requests.Session()
        # A proxy from the environment cannot reach a site on this machine.
        self._session.trust_env = not is_loopback(urlsplit(settings.base_url).hostname or "")

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def call(self, function: str, arguments: Mapping[str, object] | None = None) -> Any:
        """The answer, in which any warning is an error: a search key that was ignored, a record that was left out."""
        answer = self.call_with_warnings(function, arguments)
        if warnings := warnings_of(answer):
            raise raised(of_warning(warnings[0]))
        return answer

    def call_with_warnings(self, function: str, arguments: Mapping[str, object] | None = None) -> Any:
        """The answer as it is; null where the function answers nothing."""
        self._spend()
        form = [
            ("wstoken", self._settings.token.get_secret_value()),
            ("wsfunction", function),
            ("moodlewsrestformat", "json"),
            *flattened(arguments or {}),
        ]
        return _read(self._post(form))

    def _post(self, form: list[tuple[str, str]]) -> requests.Response:
        url = f"{self._settings.base_url}{REST}"
        try:
            # The token goes in the body: addresses end up in the logs of proxies.
            return self._session.post(url, data=form, timeout=self._settings.timeout_s, allow_redirects=False)
        except requests.exceptions.SSLError as error:
            reason = f"there is no trusted TLS connection to {self._host}"
            raise BadInput(reason, "check base_url, or the machine's root certificates") from error
        except requests.RequestException as error:
            raise RetryLater(f"no answer from {self._host}: {type(error).__name__}") from error


def warnings_of(answer: object) -> list[Mapping[str, Any]]:
    """The warnings of an answer; there is no item that a warning leaves alone."""
    found = answer.get("warnings") if isinstance(answer, Mapping) else None
    return [each for each in found or () if isinstance(each, Mapping)]


def _read(answer: requests.Response) -> Any:
    if answer.status_code != 200:
        wait = answer.headers.get("Retry-After", "").strip()
        failure = Failure(f"HTTP_{answer.status_code}", " ".join(answer.text.split())[:200])
        raise raised(failure, float(wait) if wait.isdigit() else None)
    if not answer.content.strip():
        raise raised(Failure("EMPTY", "the answer is empty"))
    try:
        body = answer.json()
    except requests.exceptions.JSONDecodeError as error:
        remedy = "check that base_url is the site's and that no page stands before it (a login, a maintenance page)"
        raise BadInput(f"the answer is no JSON: {answer.text[:80]!r}", remedy) from error
    if isinstance(body, Mapping) and "exception" in body:
        raise raised(of_exception(body))
    return body
