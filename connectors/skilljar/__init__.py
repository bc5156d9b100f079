"""Skilljar: learners, enrolments and certificates of a domain read; learners and paths written; it never sees a broker."""

from collections.abc import Callable
from datetime import datetime

from connectors.base import Checkable, Sink, Source
from connectors.skilljar.check import SkilljarCheck
from connectors.skilljar.settings import Settings
from connectors.skilljar.sink import SkilljarSink
from connectors.skilljar.source import SkilljarSource

__all__ = ["Settings", "checker", "sink", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where changes come from; `clock` gives aware times, `connection` is the name for what a person is told to do."""
    return SkilljarSource(settings, clock, connection)


def sink(settings: Settings, clock: Callable[[], datetime], connection: str) -> Sink:
    """Where writes go; `clock` gives aware times."""
    return SkilljarSink(settings, clock)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return SkilljarCheck(settings, clock)
