"""The process: connects, works, and ends in order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from temporalio.client import Client
from temporalio.worker import Worker

from agent_runner.activities import RunnerActivities
from agent_runner.config import Config
from agent_runner.graphs import GraphLibrary
from agent_runner.stigmer import StigmerClient

log = logging.getLogger(__name__)

_RETRY_SECONDS = 1.0
_SECOND_SIGNAL_SECONDS = 1.0
"""Launchers send signals twice: what comes within this time of the first is the same one."""
_EX_FORCED = 130


async def run_worker(config: Config) -> int:
    """Works until a signal comes, then gives running agents their grace.

    Returns:
        The exit code.
    """
    stop = _stop_signal()
    client = await _unless(stop, _connect(config))
    if client is None:
        return 0
    config.checkpoints_db.parent.mkdir(parents=True, exist_ok=True)
    async with (
        AsyncSqliteSaver.from_conn_string(str(config.checkpoints_db)) as checkpointer,
        StigmerClient(config.stigmer_endpoint, config.stigmer_api_key) as stigmer,
    ):
        graphs = GraphLibrary(config.graphs_dir, checkpointer, recursion_limit=config.graph_recursion_limit)
        activities = RunnerActivities(stigmer, graphs, config.report_interval_seconds)
        worker = Worker(
            client,
            task_queue=config.runner_task_queue,
            activities=[activities.ensure_thread, activities.execute_graphton],
            max_concurrent_activities=config.runner_concurrency,
            graceful_shutdown_timeout=timedelta(seconds=config.shutdown_grace_seconds),
        )
        async with worker:
            log.info("runner ready", extra={"queue": config.runner_task_queue, "graphs": ",".join(graphs.slugs())})
            await stop.wait()
            log.info("runner stops", extra={"grace_seconds": config.shutdown_grace_seconds})
    log.info("runner ended")
    return 0


async def _connect(config: Config) -> Client:
    """Tries until Temporal answers."""
    while True:
        try:
            return await Client.connect(
                config.temporal_address,
                namespace=config.temporal_namespace,
                tls=config.temporal_tls or config.temporal_api_key is not None,
                api_key=config.temporal_api_key,
            )
        except RuntimeError as error:
            log.warning("cannot reach Temporal", extra={"address": config.temporal_address, "error": str(error)})
            await asyncio.sleep(_RETRY_SECONDS)


async def _unless(stop: asyncio.Event, job: Coroutine[Any, Any, Client]) -> Client | None:
    """What the job gives; nothing where the signal comes first, and then the job is cancelled."""
    task = asyncio.create_task(job)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if task.done():
        return task.result()
    task.cancel()
    return None


def _stop_signal() -> asyncio.Event:
    """Set by SIGTERM, SIGINT, or the end of the launcher; a second signal ends the process at once."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    first_at: float | None = None

    def on_signal() -> None:
        nonlocal first_at
        if first_at is not None and loop.time() - first_at > _SECOND_SIGNAL_SECONDS:
            os._exit(_EX_FORCED)
        first_at = first_at or loop.time()
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, on_signal)
    if os.environ.get("TOKEN_HANDSHAKE_PARENT_PIPE") == "1":
        _on_end_of(sys.stdin.fileno(), stop.set)
    return stop


def _on_end_of(pipe: int, ended: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()

    def on_readable() -> None:
        if os.read(pipe, 4096) == b"":
            loop.remove_reader(pipe)
            ended()

    loop.add_reader(pipe, on_readable)
