"""What is told while a run goes on: that it is alive, and how far it is."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
from temporalio import activity

from ai.stigmer.agentic.agentexecution.v1.status_pb2 import AgentExecutionStatus

log = logging.getLogger(__name__)

_BEATS_PER_TIMEOUT = 5
"""Well below the time-out, so that a busy moment is not taken for death."""
_LONGEST_BEAT_SECONDS = 2.0
"""A cancel comes with the answer to a beat."""
_MAX_DETAILS_CHARACTERS = 64 * 1024
"""Temporal sends them with each heartbeat, and keeps the last ones."""


class Progress:
    """Sends the latest status, at most once in an interval; what comes meanwhile replaces what waits."""

    def __init__(self, send: Callable[[AgentExecutionStatus], Awaitable[None]], interval_seconds: float) -> None:
        self._send = send
        self._interval = interval_seconds
        self._waiting: AgentExecutionStatus | None = None
        self._changed = asyncio.Event()

    def show(self, status: AgentExecutionStatus) -> None:
        """Takes a status to send. Never waits."""
        self._waiting = status
        self._changed.set()

    async def keep_sending(self) -> None:
        """Sends until it is cancelled. Progress that the server does not take is logged, and the run goes on."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            status, self._waiting = self._waiting, None
            if status is None:
                continue
            try:
                await self._send(status)
            except grpc.aio.AioRpcError as error:
                log.warning("progress was not taken", extra={"code": error.code().name, "error": error.details()})
            await asyncio.sleep(self._interval)


@asynccontextmanager
async def alongside(*jobs: Awaitable[None]) -> AsyncIterator[None]:
    """Runs jobs that have no end of their own beside a block, and ends them with it."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Heartbeats:
    """Says that the activity is alive, with what the graph wrote last."""

    def __init__(self) -> None:
        self._details: tuple[Any, ...] = ()

    @property
    def details(self) -> tuple[Any, ...]:
        """Of the last heartbeat."""
        return self._details

    def write(self, value: Any) -> None:
        """Sends a heartbeat with a JSON value, which those that follow have too.

        What is no JSON value, or too large, is logged and left out.
        """
        try:
            encoded = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            log.warning("what the graph wrote is no JSON value", extra={"error": str(error)})
            return
        if len(encoded) > _MAX_DETAILS_CHARACTERS:
            log.warning(
                "what the graph wrote is too large",
                extra={"size": len(encoded), "most": _MAX_DETAILS_CHARACTERS},
            )
            return
        # A copy: they are sent again later, when the graph may have changed what it wrote.
        self._details = (json.loads(encoded),)
        activity.heartbeat(*self._details)

    async def keep_beating(self) -> None:
        """Beats until it is cancelled."""
        timeout = activity.info().heartbeat_timeout
        every = _LONGEST_BEAT_SECONDS
        if timeout is not None:
            every = min(every, timeout.total_seconds() / _BEATS_PER_TIMEOUT)
        while True:
            activity.heartbeat(*self._details)
            await asyncio.sleep(every)
