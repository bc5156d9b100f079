"""Takes token lists in at the hub, each in place of the partner's last one, within limits; it holds no key and joins nothing.

Limits are there against fishing: who may send lists of guesses, a million at a time, finds any list out. What came and
what became of it stands in `audit.jsonl`, a line each.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from connectors.errors import ConnectorError
from tandem.blind.tokenfile import Tokened, read_tokens
from tandem.psi.wire import Reply

PATH = re.compile(r"/v1/tokens/([a-z0-9][a-z0-9-]{0,62})\.(jsonl|parquet)")
AUDIT = "audit.jsonl"
DAY = timedelta(days=1)
FREE = 1_000  # tokens of each list that may be new whatever the share: a small list changes as a whole


@dataclass(frozen=True, slots=True)
class Caps:
    """What a partner may send: rows in a list, lists in a day, and the share of a list's tokens that may be new."""

    rows: int
    lists_a_day: int
    new_share: float


@dataclass(slots=True)
class Inbox:
    """Lists by partner, in a folder; `clock` gives aware times."""

    folder: Path
    caps: Caps
    clock: Callable[[], datetime]
    tell: Callable[[str], None]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, path: str, body: bytes) -> Reply:
        """As `wire.Answer`: a list that is taken is on disk before it is answered."""
        found = PATH.fullmatch(path)
        if method != "PUT" or found is None:
            return Reply.refusal(404, f"there is nothing to {method} at {path}.", "use `tandem blind send`")
        with self._lock:
            return self._taken(found[1], found[2], body)

    def _taken(self, partner: str, ending: str, body: bytes) -> Reply:
        beside = self.folder / f".{partner}.part.{ending}"
        try:
            beside.write_bytes(body)
            try:
                listed = read_tokens(beside, self.caps.rows)
            except ConnectorError as error:
                return self._refused(partner, 400, error.reason.replace(str(beside), "the list"), error.remedy, {})
            new, whole = self._new(partner, listed)
            sizes = {"rows": listed.header.rows, "tokens": whole, "new": new, "key": str(listed.header.key)}
            over = self._over(partner, new, whole)
            if over is not None:
                return self._refused(partner, 403, *over, sizes)
            for old in self._lists(partner):
                if old.suffix != f".{ending}":
                    old.unlink()
            beside.replace(self.folder / f"{partner}.{ending}")
        finally:
            beside.unlink(missing_ok=True)
        self._audit(partner, "taken", sizes)
        return Reply(200, json.dumps(sizes).encode())

    def _over(self, partner: str, new: int, whole: int) -> tuple[str, str] | None:
        since = self.clock() - DAY
        lists = [each for each in self._audited() if each["partner"] == partner and each["outcome"] == "taken"]
        today = sum(datetime.fromisoformat(each["at"]) > since for each in lists)
        if today >= self.caps.lists_a_day:
            reason = f"{today} lists were taken from {partner} within a day."
            return reason, "send the next one tomorrow, or agree on more with the hub (--lists-a-day)"
        if lists and new > max(FREE, self.caps.new_share * whole):
            reason = f"{new:,} of the list's {whole:,} tokens were not in the last list."
            remedy = (
                f"if that is right, as after a new key, the hub's operator deletes {partner}.* in its folder, "
                "and you send again"
            )
            return None if not self._lists(partner) else (reason, remedy)
        return None

    def _new(self, partner: str, listed: Tokened) -> tuple[int, int]:
        """How many tokens the last list did not have, and how many there are."""
        whole = sum(len(rows) for rows, _ in listed.types.values())
        lists = self._lists(partner)
        if not lists:
            return whole, whole
        before = read_tokens(lists[0], self.caps.rows)
        if before.header.key != listed.header.key:
            return whole, whole
        known = 0
        for kind, (_, tokens) in listed.types.items():
            if kind in before.types:
                known += int(np.isin(tokens[:, 0], before.types[kind][1][:, 0]).sum())
        return whole - known, whole

    def _lists(self, partner: str) -> list[Path]:
        return [path for end in ("jsonl", "parquet") if (path := self.folder / f"{partner}.{end}").exists()]

    def _refused(self, partner: str, status: int, reason: str, remedy: str, sizes: Mapping[str, object]) -> Reply:
        self._audit(partner, "refused", {**sizes, "reason": reason})
        return Reply.refusal(status, reason, remedy)

    def _audit(self, partner: str, outcome: str, more: Mapping[str, object]) -> None:
        line = {"at": self.clock().isoformat(), "partner": partner, "outcome": outcome, **more}
        with (self.folder / AUDIT).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self.tell(json.dumps(line))

    def _audited(self) -> list[dict[str, str]]:
        path = self.folder / AUDIT
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
