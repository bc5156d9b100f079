"""Brokers as ordinary processes on loopback, for tests: the embedded one, and a real Apache Kafka from Maven Central."""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from tandem.broker import EmbeddedBroker
from tests.support.ports import free_port

KAFKA = Path(__file__).parents[1] / "integration" / "kafka"


class Broker(Protocol):
    """A broker that can be killed and started again with its data."""

    bootstrap: str

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


@dataclass
class RealKafka:
    """One Apache Kafka node (KRaft)."""

    data: Path
    port: int = field(default_factory=free_port)
    pid: int = 0

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(KAFKA / "start.sh"), "-d", str(self.data), str(self.port)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        self.pid = int(said.split("PID ")[1])

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        os.kill(self.pid, how)
        while Path(f"/proc/{self.pid}").exists():
            time.sleep(0.05)


def real_kafka(data: Path) -> RealKafka:
    """A real Kafka, its jars collected first; skips the test, out loud, where that cannot be had."""
    if not (KAFKA / "lib").exists():
        if shutil.which("mvn") is None or shutil.which("java") is None:
            pytest.skip("NO REAL KAFKA: Maven and a JDK 17 or newer are needed to collect it (make kafka)")
        subprocess.run(["mvn", "-B", "-q", "package"], cwd=KAFKA, check=True)
    return RealKafka(data)


def embedded(data: Path) -> EmbeddedBroker:
    """The broker that comes with Tandem."""
    return EmbeddedBroker(data)
