"""Runs the emulated AWS inside a test: a background thread, a clock in the test's hand, the world within reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import boto3
from botocore.config import Config

from sandbox.threaded import Threaded, threaded

from .build import build
from .core import Service, World, acts_of
from .messaging import Places
from .platform import Platform
from .server import Listener
from .settings import FULL, AwsSettings, Key
from .wire.state import SERVER

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")
_ONE_TRY = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=5, read_timeout=30)


def standing_still(**changes: Any) -> AwsSettings:
    """Settings whose clock stands at 2026-11-22T10:00:00Z and, as no second would ever pass, without quotas."""
    return replace(AwsSettings(clock=lambda: START, limits=False, ticks_every=None), **changes)


@cache
def _session(access: str, secret: str, region: str) -> boto3.Session:
    """Kept, because a new one reads every service model anew."""
    return boto3.Session(access, secret, region_name=region)


class Emulator(Threaded[Listener]):
    """A running emulator. `world.services["partnercentral-selling"]` is a service, `bus.faults` the delivery faults."""

    @property
    def platform(self) -> Platform:
        """The platform in service; another one after a reset."""
        return self._listener.app[SERVER].platform

    @property
    def world(self) -> World:
        return self.platform.world

    @property
    def places(self) -> Places:
        """Where the events arrive: `marketplace_url`, `partner_central_url`, `dead_urls`, `topic_arn`."""
        return self._listener.places

    def advance(self, seconds: float) -> None:
        """Time moves on, and what has become due happens."""

        def move() -> None:
            self.platform.clock.advance(seconds)
            self.platform.tick()

        self.call(move)

    def act(self, service: str, name: str, **arguments: Any) -> Any:
        """What happens behind the vendor's back, e.g. act("partnercentral-selling", "approve", opportunity="O1")."""
        found: Service = self.world.services[service]
        return self.call(lambda: acts_of(found)[name](**arguments))

    def client(self, service: str, key: Key = FULL, config: Config = _ONE_TRY) -> Any:
        """An unmodified boto3 client; by default it does not retry."""
        session = _session(key.access, key.secret, self.platform.settings.region)
        made: Any = session.client(service, endpoint_url=self.base_url, config=config)  # type: ignore[call-overload]
        return made

    def events(self) -> list[dict[str, Any]]:
        """Takes every message that waits in the queues and returns the bodies."""
        return [
            body for url in (self.places.marketplace_url, self.places.partner_central_url) for body in self._drain(url)
        ]

    def _drain(self, url: str) -> Iterator[dict[str, Any]]:
        sqs = self.client("sqs")
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for one in messages:
                yield json.loads(one["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])


def emulator(settings: AwsSettings | None = None) -> AbstractContextManager[Emulator]:
    """A running emulator, stopped at the end. Without settings: `standing_still()`. One at a time in a process."""
    return threaded("aws", Listener(build(settings or standing_still())), Emulator)
