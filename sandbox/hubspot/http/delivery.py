"""Sends the webhooks that are due to the target URL, when asked to; it never sends on its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
import orjson

from ..portal import Portal
from ..push import Delivery, signatures

TIMEOUT = aiohttp.ClientTimeout(total=5)  # "longer than five seconds" is a failure


async def deliver(portal: Portal, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options: `shuffle`, `duplicates`, `everything` (also what waits for a retry), `timestamp_offset` in seconds.

    The answer lists each request: how many notifications, which attempt, the status (None without an answer).
    """
    push = portal.push
    due = push.due(everything=options.get("everything") is True)
    batches = push.batches(due, shuffle=options.get("shuffle") is True, duplicates=options.get("duplicates") is True)
    made = []
    async with aiohttp.ClientSession(timeout=TIMEOUT) as client:
        for batch in batches:
            status = await _send(client, portal, batch, float(options.get("timestamp_offset", 0)))
            if status is None or status >= 400:
                push.failed(batch)
            else:
                push.sent += [one.body for one in batch]
            made.append({"events": len(batch), "attempt": batch[0].attempt, "status": status})
    return {"requests": made, "queued": len(push.queue), "given_up": len(push.given_up)}


async def _send(client: aiohttp.ClientSession, portal: Portal, batch: list[Delivery], offset: float) -> int | None:
    body = orjson.dumps([{**one.body, "attemptNumber": one.attempt} for one in batch])
    moment = portal.clock() + timedelta(seconds=offset)
    headers = signatures(portal.settings.app.client_secret, portal.push.target_url, body, moment)
    headers |= {"Content-Type": "application/json", "User-Agent": "HubSpot Connect 2.0"}
    try:
        async with client.post(portal.push.target_url, data=body, headers=headers) as response:
            return response.status
    except (aiohttp.ClientError, TimeoutError):
        return None
