"""A stream worker as a process: the lanes of a deployment, hosted by Faust; the only importer of `streams.app`."""

from streams.app import build, run
from tandem.compose import Deployment
from tandem.telemetry import render


def run_worker(deployment: Deployment, number: int) -> None:
    """Run until told to stop. The first worker serves metrics, where the configuration gives it a port."""
    settings = deployment.settings
    deployment.admin.ensure(deployment.topics)
    port = settings.streams.web_port if number == 0 else 0
    address = (settings.streams.web_host, port)
    app = build(f"tandem-stream-{number}", deployment.lanes(number), render, settings.data / "faust", address)
    run(app, settings.log_level)
