"""The process shell: command line, settings, Kafka, broker, telemetry; it never decides anything about a record."""

from importlib.metadata import version

__version__ = version("tandem-hub")
