"""What a deployment says in its TOML file, checked before anything starts; it reads only that and the environment."""

import difflib
import importlib
import os
import pkgutil
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError, model_validator

import connectors
from connectors.errors import ConnectorError
from mappings.loader import systems
from tandem.sections import EMBEDDED, Connection, Kafka, Ledger, Matching, Offers, Partners, Reconcile, Section, Streams

__all__ = [
    "EMBEDDED", "NAME", "ConfigError", "Connection", "Kafka", "Ledger", "Matching", "Offers", "Partners", "Reconcile", "Settings",
    "Streams", "connector", "connector_names", "load", "models_in",
]  # fmt: skip
Model = TypeVar("Model", bound=BaseModel)
NAME = r"^[a-z][a-z0-9-]{0,40}$"


class ConfigError(Exception):
    """The configuration cannot be used: the message names the file, the key and the remedy."""


class Settings(Section):
    """A whole deployment."""

    data: Path = Field(default=Path(".tandem"), description="Folder for the embedded broker and for cached state.")
    mappings: Path | None = Field(
        default=None,
        description="Folder with mapping tables that override the shipped ones.",
        examples=["mappings"],
    )
    log_level: Literal["DEBUG", "INFO", "WARNING"] = Field(default="INFO", description="What is logged to stderr.")
    company: str = Field(
        default="us", min_length=1, description="What partners call us.", examples=["Borealis Software"]
    )
    kafka: Kafka = Field(default_factory=Kafka, description="Where the topics live.")
    streams: Streams = Field(default_factory=Streams, description="The stream workers.")
    matching: Matching = Field(default_factory=Matching, description="Which accounts we and our partners share.")
    reconcile: Reconcile = Field(default_factory=Reconcile, description="Keeping our own systems in step.")
    offers: Offers = Field(default_factory=Offers, description="Tying our deals to private offers.")
    partners: Partners = Field(
        default_factory=Partners, description="Enablement, lead routing, deal registration and attribution."
    )
    ledger: Ledger = Field(default_factory=Ledger, description="The database that answers questions.")
    connections: dict[str, Connection] = Field(default_factory=dict, description="The connected systems, by name.")

    @model_validator(mode="after")
    def _one_worker_when_embedded(self) -> "Settings":
        if self.kafka.bootstrap == EMBEDDED and self.streams.workers > 1:
            raise ValueError(
                "the embedded broker is for one stream worker: set [streams] workers = 1, or [kafka] bootstrap to a real Kafka"
            )
        return self

    @model_validator(mode="after")
    def _names_that_are_there(self) -> "Settings":
        ours = [name for name, it in self.connections.items() if it.party == "us"]
        named = [("[reconcile] connections", name) for name in self.reconcile.connections]
        named += [("[offers]", name) for name in (*self.offers.deals, *self.offers.clouds)]
        named += [("[partners]", name) for name in self.partners.connections]
        for where, name in named:
            if name not in ours:
                raise ValueError(f"{where} names {name!r}, which is none of ours{_nearest(name, ours)}")
        if bool(self.offers.deals) != bool(self.offers.clouds):
            raise ValueError("[offers] needs both `deals` and `marketplace` or `partner_central`")
        for name, it in self.connections.items():
            if it.overlaps_from is not None and it.overlaps_from not in ours:
                near = _nearest(it.overlaps_from, ours)
                raise ValueError(f"[connections.{name}] overlaps_from {it.overlaps_from!r} is none of ours{near}")
        return self

    def connection(self, name: str) -> Connection:
        """The connection of that name; an unknown one is an error that names the nearest."""
        if name not in self.connections:
            raise ConfigError(f"there is no connection {name!r}{_nearest(name, self.connections)}")
        return self.connections[name]

    @property
    def sources(self) -> list[str]:
        """Connections whose connector can be read."""
        return [name for name, it in self.connections.items() if hasattr(connector(it.connector), "source")]

    @property
    def sinks(self) -> list[str]:
        """Connections that are written to: ours, and those of partners that take overlaps."""
        return [
            name
            for name, it in self.connections.items()
            if (it.party == "us" or it.overlaps_from is not None) and hasattr(connector(it.connector), "sink")
        ]

    @property
    def partner_names(self) -> dict[str, str]:
        """Partner key to display name: those with a connection of their own, and those that a network tells of."""
        told = [each for it in self.connections.values() for each in _told_of(it)]
        own = {it.party.removeprefix("partner:"): it.name for it in self.connections.values() if it.party != "us"}
        return dict(told) | {key: name or key for key, name in own.items()}


def _told_of(it: Connection) -> list[tuple[str, str]]:
    """The partners whose accounts a connection of ours tells, by key and name."""
    module = connector(it.connector)
    return list(module.partners(it.options).items()) if it.party == "us" and hasattr(module, "partners") else []


def connector_names() -> list[str]:
    """The connectors that are there: every package of `connectors` that a mapping table ships for."""
    return [info.name for info in pkgutil.iter_modules(connectors.__path__) if info.ispkg and info.name in systems()]


def connector(name: str) -> ModuleType:
    """The module of a connector."""
    if name not in connector_names():
        raise ConfigError(f"there is no connector {name!r}{_nearest(name, connector_names())}")
    return importlib.import_module(f"connectors.{name}")


def load(path: Path) -> Settings:
    """Read and check a configuration. `env:NAME` as a value is read from the environment; relative paths start here."""
    raw, base = _with_environment(_parsed(path), str(path)), path.resolve().parent
    tables, own = raw.get("connections"), {}
    if isinstance(tables, dict):
        own = {name: _own_keys(table) for name, table in tables.items() if isinstance(table, dict)}
        raw["connections"] = {name: _without(own.get(name, {}), table) for name, table in tables.items()}
    settings = _checked(Settings, raw, str(path))
    for name in settings.connections:
        if not re.fullmatch(NAME, name):
            raise ConfigError(f"{path}: connection name {name!r} must be lower case letters, digits and dashes")
    found = {
        name: it.model_copy(update={"options": _options(path, name, it, own[name], base)})
        for name, it in settings.connections.items()
    }
    mappings = settings.mappings and base / settings.mappings
    model = settings.matching.model
    matching = settings.matching.model_copy(update={"model": model and base / model})
    paths = {"data": base / settings.data, "mappings": mappings, "matching": matching}
    return settings.model_copy(update={"connections": found, **paths})


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}). Remedy: `tandem init` writes one.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 at byte {error.start}. Remedy: save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}. Remedy: correct the line.") from error


def _own_keys(table: dict[str, Any]) -> dict[str, Any]:
    shared = set(Connection.model_fields) - {"options"}
    return {key: value for key, value in table.items() if key not in shared}


def _without(own: dict[str, Any], table: Any) -> Any:
    return {key: value for key, value in table.items() if key not in own} if isinstance(table, dict) else table


def _options(path: Path, name: str, it: Connection, own: dict[str, Any], base: Path) -> BaseModel:
    where = f"{path}: [connections.{name}]"
    try:
        model: type[BaseModel] = connector(it.connector).Settings
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
    shared = sorted(set(Connection.model_fields) - {"options"})
    return _checked(model, {key: _located(key, value, base) for key, value in own.items()}, where, shared)


def _located(key: str, value: Any, base: Path) -> Any:
    """A relative path starts at the file, at any depth."""
    if isinstance(value, dict):
        return {inner: _located(inner, each, base) for inner, each in value.items()}
    if key.endswith(("path", "_file")) and isinstance(value, str) and "://" not in value:
        return str(base / value)
    return value


def _checked(model: type[Model], raw: Any, where: str, shared: Sequence[str] = ()) -> Model:
    """`shared` are keys that may stand beside those of the model."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        lines = [_line(model, dict(found), shared) for found in error.errors(include_url=False)]
        raise ConfigError("\n".join(f"{where}: {line}" for line in lines)) from error
    except ConnectorError as error:
        raise ConfigError(f"{where}: {error}") from error


def _line(model: type[BaseModel], found: dict[str, Any], shared: Sequence[str]) -> str:
    path = [str(part) for part in found["loc"]]
    key, models = ".".join(path), _models_at(model, path[:-1])
    fields = {name: field for each in models for name, field in each.model_fields.items() if name != "options"}
    if found["type"] == "extra_forbidden":
        return f"unknown key {key!r}{_nearest(path[-1], [*fields, *(shared if len(path) == 1 else ())])}"
    if not path:
        return str(found["msg"])
    wrong = f"{key!r} is missing" if found["type"] == "missing" else f"{key!r}: {found['msg']}"
    known = fields.get(path[-1])
    return f"{wrong}. What belongs there: {known.description}" if known else wrong


def _models_at(model: type[BaseModel], path: Sequence[str]) -> list[type[BaseModel]]:
    """The models whose keys stand at a place: several where any of them may."""
    models = [model]
    for part in path:
        fields = [each.model_fields[part] for each in models if part in each.model_fields]
        inner = [each for field in fields for each in models_in(field.annotation)]
        models = inner or [each for each in models if part in _tags(each)] or models
    return models


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation names, as in `dict[str, A]` or `A | B`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in models_in(inner)]


def _tags(model: type[BaseModel]) -> set[Any]:
    """What tells a model from the others of a union, and stands in the place of an error."""
    literals = (field.annotation for field in model.model_fields.values())
    return {tag for literal in literals if get_origin(literal) is Literal for tag in get_args(literal)}


def _nearest(name: str, known: Any) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known are: {', '.join(names) or 'none'}"


def _with_environment(value: Any, where: str) -> Any:
    if isinstance(value, dict):
        return {key: _with_environment(inner, where) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_environment(inner, where) for inner in value]
    if isinstance(value, str) and value.startswith("env:"):
        name = value.removeprefix("env:")
        if name not in os.environ:
            raise ConfigError(f"{where}: the environment variable {name} is not set (it is named as {value!r})")
        return os.environ[name]
    return value
