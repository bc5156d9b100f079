"""Partners at an emulated Crossbeam; the vendor's rules are the emulator's, not ours."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from connectors import crossbeam
from connectors.base import Source
from connectors.errors import NeedsConfirmation
from mappings.loader import load
from sandbox.crossbeam.testing import Emulator, emulator, standing_still

TABLES = load("crossbeam")
NEVER_USED_UP = 1_000_000


class _Crossbeam:
    def __init__(self, running: Emulator) -> None:
        self._running = running
        running.act("partner", "Acme Cloud")

    def settings(self) -> crossbeam.Settings:
        it = self._running.network.settings
        return crossbeam.Settings(
            base_url=self._running.base_url,
            auth={
                "method": "refresh_token",
                "client_id": it.client_id,
                "client_secret": it.client_secret,
                "refresh_token": it.refresh_token,
                "sign_in": self._running.base_url,
            },
            organization=it.organization,
            partners={"Acme Cloud": "acme"},
            exports=NEVER_USED_UP,
            poll_s=0,
            page_size=2,
        )

    def clock(self) -> datetime:
        return self._running.network.clock()

    def restart(self) -> Source:
        return crossbeam.source(self.settings(), self.clock, "beam")

    def confirm(self, question: NeedsConfirmation) -> Source:
        raise question  # Crossbeam is never asked about

    def wait(self, seconds: int) -> None:
        self._running.call(lambda: self._running.network.clock.advance(seconds))

    def reset(self) -> None:
        self._running.reset()
        self._running.act("partner", "Acme Cloud")


class CrossbeamAccounts(_Crossbeam):
    """A `SourceWorld`: a partner shares accounts, and takes them back."""

    table = TABLES["account"]

    def create(self, name: str) -> str:
        return str(self._running.act("share", "Acme Cloud", name, "001A")["partner_crossbeam_record_id"])

    def edit(self, record_id: str, name: str) -> None:
        self._running.act("change", record_id, partner_record_name=name)

    def delete(self, record_id: str) -> None:
        self._running.act("unshare", record_id)

    def state(self) -> Mapping[str, str]:
        living = [each.item for each in self._running.network.rows["overlaps"].values() if not each.deleted]
        return {each["partner_crossbeam_record_id"]: each["partner_record_name"] for each in living}


class CrossbeamSignals(_Crossbeam):
    """A `SourceWorld`: a partner opens deals."""

    table = TABLES["signal"]
    named = "account_name"
    lacks = frozenset({"edit", "delete"})

    def create(self, name: str) -> str:
        return str(self._running.act("signal", "Acme Cloud", "001A", name)["event_id"])

    def edit(self, record_id: str, name: str) -> None:
        raise AssertionError(f"signal {record_id} never changes, and is not of {name} from now on")

    def delete(self, record_id: str) -> None:
        raise AssertionError(f"signal {record_id} never goes")

    def state(self) -> Mapping[str, str]:
        return {id_: each.item["record_name"] for id_, each in self._running.network.rows["signals"].items()}


def at_crossbeam(world: Callable[[Emulator], Any]) -> Callable[[], AbstractContextManager[Any]]:
    """A fresh organization for each use."""

    @contextmanager
    def opened() -> Iterator[Any]:
        with emulator(standing_still()) as running:
            yield world(running)

    return opened
