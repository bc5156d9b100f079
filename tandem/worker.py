"""A stream worker as a process: the lanes of a deployment, hosted by Faust; the only importer of `streams.app`."""

import logging
import os
import sys
import traceback
from collections.abc import Callable

from streams.app import build, run
from tandem.compose import Deployment, now
from tandem.errors import FAILED, told
from tandem.sharing.telling import review
from tandem.telemetry import render


def run_worker(deployment: Deployment, number: int) -> None:
    """Run until told to stop. The first worker serves metrics, where the configuration gives it a port."""
    settings = deployment.settings
    deployment.admin.ensure(deployment.topics)
    if number == 0:
        review(deployment, now())  # the configuration may say other things of sharing than before
    address = (settings.streams.web_host, settings.streams.web_port if number == 0 else 0)
    name, data = f"tandem-stream-{number}", settings.data / "faust"
    run(build(name, deployment.lanes(number), render, data, address, _dying(number)), settings.log_level)


def _dying(number: int) -> Callable[[BaseException], None]:
    """Ends the process at once when a lane fails: its other lanes may wait for a broker that will not answer.

    Nothing is lost by that: what is not committed is decided again by whoever gets the partitions.
    """

    def die(error: BaseException) -> None:
        code: object = FAILED
        try:
            with told(f"stream worker {number}"):
                raise error
        except SystemExit as ended:
            code = ended.code
        except BaseException:  # noqa: BLE001  told in full; the process ends
            traceback.print_exc()
        logging.shutdown()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else FAILED)

    return die
