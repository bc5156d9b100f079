"""Says how a connection's process is, when that has changed; it never decides anything."""

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.base import Budget
from connectors.errors import ConnectorError
from schemas import topics
from schemas.codec import encode
from schemas.log import Output
from schemas.messages import ConnectionReported, ConnectionState, identity

AT_MOST_EVERY = timedelta(seconds=60)  # a quota that only counts on is told so often


class Reporter:
    """What one role of one connection has last said of itself. `now` is the clock."""

    def __init__(self, connection: str, role: str, now: Callable[[], datetime]) -> None:
        self._connection, self._role, self._now = connection, role, now
        self._last: ConnectionReported | None = None

    def running(self, budget: Budget | None, note: str = "") -> list[Output]:
        """All is well; said when it was not before, when the note changes, and now and then for the quota."""
        return self._said(self._report(ConnectionState.RUNNING, budget, reason=note))

    def failed(self, error: ConnectorError, wait_s: float | None, budget: Budget | None) -> list[Output]:
        """It waits for so many seconds, or (None) stops until a person acts."""
        state = ConnectionState.STOPPED if wait_s is None else ConnectionState.PAUSED
        until = None if wait_s is None else self._now() + timedelta(seconds=wait_s)
        return self._said(self._report(state, budget, error.reason, error.remedy, until))

    def _report(
        self,
        state: ConnectionState,
        budget: Budget | None,
        reason: str = "",
        remedy: str = "",
        until: datetime | None = None,
    ) -> ConnectionReported:
        return ConnectionReported(
            connection=self._connection,
            role=self._role,
            state=state,
            reason=reason,
            remedy=remedy,
            until=until,
            used=budget.used if budget else None,
            quota=budget.quota if budget else None,
            reserve=budget.reserve if budget else None,
            at=self._now(),
        )

    def _said(self, report: ConnectionReported) -> list[Output]:
        last = self._last
        if last is not None and (last.state, last.reason) == (report.state, report.reason):
            same = (last.used, last.quota) == (report.used, report.quota)
            if same or report.at - last.at < AT_MOST_EVERY:
                return []
        self._last = report
        key = f"{self._connection}/{self._role}"
        event_id = identity(key, report.at.isoformat())
        return [
            encode(
                topics.CONNECTIONS,
                key,
                report,
                source=f"{self._role}:{self._connection}",
                event_id=event_id,
                trace=None,
            )
        ]
