"""Sends the webhooks that wait, when asked to; it never sends on its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from ..account import Account
from ..push import Delivery

TIMEOUT = aiohttp.ClientTimeout(total=10)


async def deliver(account: Account, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options: `shuffle`, `duplicates`, `lose` (throws away what waits). What is not answered 2xx waits on.

    Whether PartnerStack tries again is not documented; here the next delivery does.
    """
    push = account.push
    waiting, push.queue = list(push.queue), []
    if options.get("lose") is True:
        return {"requests": [], "queued": 0, "lost": len(waiting)}
    if options.get("duplicates") is True:
        waiting = [each for one in waiting for each in (one, one)]
    if options.get("shuffle") is True:
        account.random.shuffle(waiting)
    statuses = []
    async with aiohttp.ClientSession(timeout=TIMEOUT) as client:
        for each in waiting:
            status = await _send(client, each)
            statuses.append(status)
            if status is None or status >= 300:
                push.queue.append(each)
            else:
                push.sent += 1
    return {"requests": statuses, "queued": len(push.queue)}


async def _send(client: aiohttp.ClientSession, delivery: Delivery) -> int | None:
    headers = {"Content-Type": "application/json"}
    try:
        async with client.post(delivery.target, data=orjson.dumps(delivery.body), headers=headers) as response:
            return response.status
    except (aiohttp.ClientError, TimeoutError):
        return None
