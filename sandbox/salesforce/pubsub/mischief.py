"""What goes wrong on the stream side at a test's command: drops, silence, keepalives now, refused calls."""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from .errors import Refused


@dataclass(slots=True)
class Refusal:
    """The next `times` calls of an RPC (`Subscribe`, `GetSchema`, `GetTopic`) end with this status and code."""

    rpc: str
    status: grpc.StatusCode
    code: str
    times: int = 1


class Mischief:
    """Counters that streams compare with what they were before: a drop or a keepalive meets each of them once."""

    def __init__(self) -> None:
        self.drops = 0
        self.keepalives = 0
        self.silent = False
        self.refusals: list[Refusal] = []

    def refuse(self, rpc: str) -> None:
        """Raises Refused if a refusal waits for a call of this RPC."""
        for one in self.refusals:
            if one.rpc == rpc and one.times > 0:
                one.times -= 1
                raise Refused(one.status, one.code, "Refused by order of the test.")
