"""Runs on one runner, with real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from servers import Servers, eventually, start_runner, start_servers
from steps import let_go, reached, steps_of

from ai.stigmer.agentic.agentexecution.v1.enum_pb2 import (
    EXECUTION_CANCELLED,
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    EXECUTION_IN_PROGRESS,
    MESSAGE_AI,
    MESSAGE_HUMAN,
    MESSAGE_TOOL,
    TOOL_CALL_COMPLETED,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers() -> AsyncIterator[Servers]:
    async with start_servers() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def checkpoints(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The database of the runner, which no test ends."""
    file = tmp_path_factory.mktemp("runner") / "checkpoints.db"
    async with start_runner(servers, file, GRAPH_RECURSION_LIMIT="30"):
        yield file


async def test_a_run_with_a_tool(servers: Servers) -> None:
    first = await servers.end_of(await servers.create("tools", "one two three"))
    assert first.status.phase == EXECUTION_COMPLETED, first.status.error
    assert first.status.output == "words so far: 3"
    assert [each.type for each in first.status.messages] == [MESSAGE_HUMAN, MESSAGE_AI, MESSAGE_TOOL, MESSAGE_AI]
    (call,) = first.status.tool_calls
    assert (call.name, call.status, call.result) == ("count_words", TOOL_CALL_COMPLETED, "3")
    assert call.args["text"] == "one two three"

    second = await servers.end_of(await servers.create("tools", "four five", session_id=first.spec.session_id))
    assert second.status.output == "words so far: 3 2"
    assert len(second.status.messages) == 4


@pytest.mark.parametrize(
    ("message", "type", "words", "details"),
    [
        ("QuotaExceeded", "QuotaExceeded", "no quota is left", 1),
        ("crash", "ValueError", "the graph has a bug", 0),
        ("loop", "GraphRecursionError", "Recursion limit", 0),
    ],
)
async def test_a_graph_that_raises(servers: Servers, message: str, type: str, words: str, details: int) -> None:
    ended = await servers.end_of(await servers.create("fails", message))
    assert ended.status.phase == EXECUTION_FAILED
    assert ended.status.failure.type == type
    assert words in ended.status.failure.message
    assert len(ended.status.failure.details) == details


async def test_an_agent_without_a_graph(servers: Servers) -> None:
    ended = await servers.end_of(await servers.create("without-graph", "x"))
    assert ended.status.failure.type == "GraphNotFound"
    assert "there are: environment, fails, steps, tools" in ended.status.failure.message


async def test_a_graph_sees_the_environment_and_the_definition(servers: Servers, checkpoints: Path) -> None:
    secrets = {"SECRET": "Zürich 🌍"}
    ended = await servers.end_of(await servers.create("environment", "SECRET", env={"REGION": "eu"}, secrets=secrets))
    assert ended.status.output == "You are the agent environment. 8"
    stored = b"".join(each.read_bytes() for each in checkpoints.parent.iterdir())
    assert b"SECRET" in stored
    assert "Zürich".encode() not in stored


async def test_progress_is_seen_while_it_goes_on(servers: Servers, tmp_path: Path) -> None:
    file = tmp_path / "steps"
    execution_id = await servers.create("steps", str(file))
    await reached(file, "2")

    async def shown() -> bool:
        status = (await servers.get(execution_id)).status
        return status.phase == EXECUTION_IN_PROGRESS and [each.content for each in status.messages][1:] == ["one"]

    await eventually(shown, "the first step to be shown")
    let_go(file)
    ended = await servers.end_of(execution_id)
    assert ended.status.output == "three"


async def test_a_cancelled_run_stops(servers: Servers, tmp_path: Path) -> None:
    file = tmp_path / "steps"
    execution_id = await servers.create("steps", str(file))
    await reached(file, "2")
    await servers.cancel(execution_id)
    ended = await servers.end_of(execution_id)
    assert ended.status.phase == EXECUTION_CANCELLED
    let_go(file)
    await asyncio.sleep(1)
    assert [each[0] for each in steps_of(file)] == ["1", "2"]
