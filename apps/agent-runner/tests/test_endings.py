"""Runners that end, with real servers."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from servers import Servers, start_runner, start_servers
from steps import let_go, reached, steps_of

from ai.stigmer.agentic.agentexecution.v1.enum_pb2 import EXECUTION_COMPLETED

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers() -> AsyncIterator[Servers]:
    async with start_servers() as started:
        yield started


async def test_a_killed_runner_repeats_no_finished_step(servers: Servers, tmp_path: Path) -> None:
    file = tmp_path / "steps"
    checkpoints = tmp_path / "checkpoints.db"
    async with start_runner(servers, checkpoints) as first:
        execution_id = await servers.create("steps", str(file))
        await reached(file, "2")
        await first.kill()
    assert [each[0] for each in steps_of(file)] == ["1", "2"]
    async with start_runner(servers, checkpoints) as second:
        let_go(file)
        ended = await servers.end_of(execution_id)
        assert ended.status.phase == EXECUTION_COMPLETED
        assert [each.content for each in ended.status.messages[1:]] == ["one", "two", "three"]
        assert steps_of(file) == [
            ["1", str(first.pid)],
            ["2", str(first.pid)],
            ["2", str(second.pid)],
            ["3", str(second.pid)],
        ]


async def test_a_stopped_runner_gives_its_run_back(servers: Servers, tmp_path: Path) -> None:
    file = tmp_path / "steps"
    checkpoints = tmp_path / "checkpoints.db"
    async with start_runner(servers, checkpoints, SHUTDOWN_GRACE_SECONDS="0.5") as first:
        execution_id = await servers.create("steps", str(file))
        await reached(file, "2")
        assert await first.kill(signal.SIGTERM) == 0
        assert first.lines[-1]["msg"] == "runner ended"
    async with start_runner(servers, checkpoints):
        let_go(file)
        ended = await servers.end_of(execution_id)
        assert ended.status.phase == EXECUTION_COMPLETED
        assert [each[0] for each in steps_of(file)] == ["1", "2", "2", "3"]


async def test_temporal_that_is_not_there_is_waited_for(servers: Servers, tmp_path: Path) -> None:
    nowhere = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}
    async with start_runner(servers, tmp_path / "c.db", until="cannot reach Temporal", **nowhere) as runner:
        assert await runner.kill(signal.SIGTERM) == 0
