"""Real servers and real runners for tests."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import grpc.aio
from conftest import GRAPHS

from ai.stigmer.agentic.agent.v1.query_pb2_grpc import AgentQueryControllerStub
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecution, AgentExecutionSpec
from ai.stigmer.agentic.agentexecution.v1.command_pb2_grpc import AgentExecutionCommandControllerStub
from ai.stigmer.agentic.agentexecution.v1.enum_pb2 import EXECUTION_CANCELLED, EXECUTION_COMPLETED, EXECUTION_FAILED
from ai.stigmer.agentic.agentexecution.v1.io_pb2 import AgentExecutionId, CancelAgentExecutionRequest
from ai.stigmer.agentic.agentexecution.v1.query_pb2_grpc import AgentExecutionQueryControllerStub
from ai.stigmer.agentic.executioncontext.v1.execution_value_pb2 import ExecutionValue
from ai.stigmer.commons.apiresource.apiresourcekind.api_resource_kind_pb2 import agent as KIND_AGENT
from ai.stigmer.commons.apiresource.metadata_pb2 import ApiResourceMetadata, platform
from ai.stigmer.commons.apiresource.reference_pb2 import ApiResourceReference

APP = Path(__file__).parent.parent
ENDED = {EXECUTION_COMPLETED, EXECUTION_FAILED, EXECUTION_CANCELLED}
PATIENCE_SECONDS = 60

T = TypeVar("T")


async def eventually(check: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Waits until the check gives something."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            value = await check()
            if value:
                return value
            await asyncio.sleep(0.05)
    raise AssertionError(what)


@dataclass(frozen=True)
class Servers:
    """Temporal and Stigmer, as processes."""

    temporal_address: str
    stigmer_address: str
    runner_key: str
    channel: grpc.aio.Channel
    metadata: list[tuple[str, str]]

    async def create(
        self,
        slug: str,
        message: str,
        *,
        session_id: str = "",
        env: dict[str, str] | None = None,
        secrets: dict[str, str] | None = None,
    ) -> str:
        """Starts an execution of an agent; gives its id."""
        reference = ApiResourceReference(scope=platform, kind=KIND_AGENT, slug=slug)
        agent = await AgentQueryControllerStub(self.channel).getByReference(reference, metadata=self.metadata)
        execution = AgentExecution(
            metadata=ApiResourceMetadata(name="test"),
            spec=AgentExecutionSpec(
                agent_id=agent.metadata.id,
                message=message,
                session_id=session_id,
                runtime_env={
                    **{name: ExecutionValue(value=value) for name, value in (env or {}).items()},
                    **{name: ExecutionValue(value=value, is_secret=True) for name, value in (secrets or {}).items()},
                },
            ),
        )
        commands = AgentExecutionCommandControllerStub(self.channel)
        return str((await commands.create(execution, metadata=self.metadata)).metadata.id)

    async def get(self, execution_id: str) -> AgentExecution:
        queries = AgentExecutionQueryControllerStub(self.channel)
        return await queries.get(AgentExecutionId(value=execution_id), metadata=self.metadata)

    async def cancel(self, execution_id: str) -> None:
        commands = AgentExecutionCommandControllerStub(self.channel)
        await commands.cancel(CancelAgentExecutionRequest(execution_id=execution_id), metadata=self.metadata)

    async def end_of(self, execution_id: str) -> AgentExecution:
        """Waits until an execution has ended."""

        async def ended() -> AgentExecution | None:
            execution = await self.get(execution_id)
            return execution if execution.status.phase in ENDED else None

        return await eventually(ended, f"{execution_id} to end")


@asynccontextmanager
async def start_servers() -> AsyncIterator[Servers]:
    """Starts both, with an agent for each graph of the tests and one that has none."""
    slugs = [*(each.stem for each in GRAPHS.glob("*.py")), "without-graph"]
    process = await asyncio.create_subprocess_exec(
        "node",
        "--conditions=@token-handshake/source",
        "--disable-warning=ExperimentalWarning",
        str(APP / "testing" / "servers.ts"),
        *slugs,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None and process.stdin is not None
    line = await asyncio.wait_for(process.stdout.readline(), 180)
    where = json.loads(line)
    async with grpc.aio.insecure_channel(where["stigmerAddress"]) as channel:
        yield Servers(
            temporal_address=where["temporalAddress"],
            stigmer_address=where["stigmerAddress"],
            runner_key=where["runnerKey"],
            channel=channel,
            metadata=[("authorization", f"Bearer {where['operatorKey']}")],
        )
    process.stdin.close()
    assert await process.wait() == 0


class Runner:
    """A runner as a process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid
        self.lines: list[dict[str, object]] = []
        self._reading = asyncio.create_task(self._read())

    async def kill(self, with_signal: signal.Signals = signal.SIGKILL) -> int:
        """Sends a signal and waits until the process is proven gone; gives its exit code."""
        self._process.send_signal(with_signal)
        code = await asyncio.wait_for(self._process.wait(), PATIENCE_SECONDS)
        await self._reading
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return code
        raise AssertionError(f"expected the runner to be gone after {with_signal.name}")

    async def _read(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.lines.append(json.loads(line))


@asynccontextmanager
async def start_runner(
    servers: Servers, checkpoints: Path, *, until: str = "runner ready", **settings: str
) -> AsyncIterator[Runner]:
    """Starts a runner and waits until it says so; ends it by force where it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agent_runner",
        env={
            **os.environ,
            "TEMPORAL_ADDRESS": servers.temporal_address,
            "STIGMER_ENDPOINT": f"http://{servers.stigmer_address}",
            "STIGMER_API_KEY": servers.runner_key,
            "GRAPHS_DIR": str(GRAPHS),
            "CHECKPOINTS_DB": str(checkpoints),
            "LOG_FORMAT": "json",
            "PYTHONPATH": os.pathsep.join([str(APP / "src"), str(APP / "gen")]),
            **settings,
        },
        stderr=asyncio.subprocess.PIPE,
    )
    runner = Runner(process)
    try:

        async def said() -> bool:
            assert process.returncode is None, runner.lines
            return any(line["msg"] == until for line in runner.lines)

        await eventually(said, f"the runner to say: {until}")
        yield runner
    finally:
        if process.returncode is None:
            await runner.kill()
