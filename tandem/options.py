"""What several commands take alike, and how they open a deployment; it runs nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tandem.compose import Deployment

Config = Annotated[
    Path, typer.Option("--config", "-c", envvar="TANDEM_CONFIG", help="The deployment's configuration file.")
]
Name = Annotated[str, typer.Argument(help="The connection's name in the configuration.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout instead of a table.")]
DEFAULT = Path("tandem.toml")


def opened(config: Path) -> "Deployment":
    """The deployment of a configuration file, its logs on stderr. Raises `ConfigError`."""
    from tandem.compose import Deployment
    from tandem.settings import load
    from tandem.telemetry import log_to_stderr

    deployment = Deployment(load(config))
    log_to_stderr(deployment.settings.log_level)
    return deployment
