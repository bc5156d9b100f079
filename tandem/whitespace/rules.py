"""The profile and the sharing rules that a command is asked to use; it decides nothing."""

from pathlib import Path

from mappings import icp, sharing
from mappings.icp import Icp
from streams.sharing.gate import Gate
from streams.sharing.policy import terms
from tandem.settings import ConfigError


def profile(file: Path | None, folder: Path | None) -> Icp:
    """The profile of a file, else of a folder, else the shipped one. Raises `ConfigError`, `MappingError`."""
    if file is not None and not file.is_file():
        raise ConfigError(f"there is no file {str(file)!r}. Remedy: name the profile; its keys are those of icp.toml")
    return icp.load(_checked(folder)) if file is None else icp.read(file)


def gate(partner: str | None, folder: Path | None) -> Gate:
    """What the partner of a list shows us. Of one without an entry the list itself is all that it agreed to."""
    return Gate(terms(sharing.load(_checked(folder)), partner or "", asked=True))


def _checked(folder: Path | None) -> Path | None:
    if folder is not None and not folder.is_dir():
        raise ConfigError(f"there is no folder {str(folder)!r} of mappings. Remedy: create it, or leave the option out")
    return folder
