"""Moodle: users, enrolments and badges read by comparing, users and learning paths written; it never sees a broker."""

from collections.abc import Callable
from datetime import datetime

from connectors.base import Checkable, Sink, Source
from connectors.moodle.check import MoodleCheck
from connectors.moodle.settings import Settings
from connectors.moodle.sink import MoodleSink
from connectors.moodle.source import MoodleSource

__all__ = ["Settings", "checker", "sink", "source"]


def source(settings: Settings, clock: Callable[[], datetime], connection: str) -> Source:
    """Where changes come from; `clock` gives aware times, `connection` is the name for what a person is told to do."""
    return MoodleSource(settings, clock, connection)


def sink(settings: Settings, clock: Callable[[], datetime], connection: str) -> Sink:
    """Where writes go; `clock` gives aware times."""
    return MoodleSink(settings, clock)


def checker(settings: Settings, clock: Callable[[], datetime], connection: str) -> Checkable:
    """What `tandem check` asks."""
    return MoodleCheck(settings, clock)
