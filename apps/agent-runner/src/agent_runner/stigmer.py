"""What the runner asks of the Stigmer server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

import grpc
import grpc.aio

from agent_runner.failures import AgentFailure
from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent
from ai.stigmer.agentic.agent.v1.io_pb2 import AgentId
from ai.stigmer.agentic.agent.v1.query_pb2_grpc import AgentQueryControllerStub
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecution
from ai.stigmer.agentic.agentexecution.v1.command_pb2_grpc import AgentExecutionCommandControllerStub
from ai.stigmer.agentic.agentexecution.v1.enum_pb2 import EXECUTION_COMPLETED
from ai.stigmer.agentic.agentexecution.v1.io_pb2 import AgentExecutionUpdateStatusInput
from ai.stigmer.agentic.agentexecution.v1.status_pb2 import AgentExecutionStatus
from tokenhandshake.v1.runner_service_pb2 import GetRunSecretsRequest
from tokenhandshake.v1.runner_service_pb2_grpc import RunnerServiceStub

_TIMEOUT_SECONDS = 10
_RETRY_SECONDS = 0.2
_MAX_MESSAGE_BYTES = 4 * 1024 * 1024 + 64 * 1024

T = TypeVar("T")


class StigmerClient:
    """The server's API, as a runner uses it."""

    def __init__(self, endpoint: str, api_key: str | None) -> None:
        url = urlsplit(endpoint)
        secure = url.scheme == "https"
        address = f"{url.hostname}:{url.port or (443 if secure else 80)}"
        options = [
            ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
        ]
        self._channel = (
            grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(), options)
            if secure
            else grpc.aio.insecure_channel(address, options)
        )
        self._metadata = [("authorization", f"Bearer {api_key}")] if api_key else []
        self._agents = AgentQueryControllerStub(self._channel)
        self._executions = AgentExecutionCommandControllerStub(self._channel)
        self._runners = RunnerServiceStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._channel.close()

    async def agent(self, agent_id: str) -> Agent:
        """The agent's definition.

        Raises:
            AgentFailure: ``AgentNotFound``; trying again does not help.
            grpc.aio.AioRpcError: when the server cannot be asked.
        """
        try:
            return await _patiently(
                lambda: self._agents.get(
                    AgentId(value=agent_id),
                    metadata=self._metadata,
                    timeout=_TIMEOUT_SECONDS,
                    wait_for_ready=True,
                )
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            raise AgentFailure("AgentNotFound", f'no agent has the id "{agent_id}"') from error

    async def secrets(self, execution_id: str, run_token: str) -> dict[str, str]:
        """Secret values of an execution's environment, by name.

        Raises:
            grpc.aio.AioRpcError: when the server cannot be asked, or does not give them.
        """
        answer = await _patiently(
            lambda: self._runners.GetRunSecrets(
                GetRunSecretsRequest(execution_id=execution_id, run_token=run_token),
                metadata=self._metadata,
                timeout=_TIMEOUT_SECONDS,
                wait_for_ready=True,
            )
        )
        return dict(answer.values)

    async def report(self, execution_id: str, status: AgentExecutionStatus) -> None:
        """Reports progress.

        Raises:
            grpc.aio.AioRpcError: when the server does not take it.
        """
        await self._update(AgentExecutionUpdateStatusInput(execution_id=execution_id, status=status))

    async def end(self, execution_id: str, status: AgentExecutionStatus, run_token: str) -> bool:
        """Ends the run with its whole status, before the activity returns.

        Returns:
            Whether the server has it; otherwise the activity has to return the whole status.

        Raises:
            grpc.aio.AioRpcError: when that is not known.
        """
        answer = await self._update(
            AgentExecutionUpdateStatusInput(execution_id=execution_id, status=status, run_token=run_token)
        )
        return answer.status.phase == EXECUTION_COMPLETED

    async def _update(self, request: AgentExecutionUpdateStatusInput) -> AgentExecution:
        return await self._executions.updateStatus(request, metadata=self._metadata, timeout=_TIMEOUT_SECONDS)


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Asks again where the server goes away while it is asked, within the time that one question may take."""
    deadline = asyncio.get_running_loop().time() + _TIMEOUT_SECONDS
    while True:
        try:
            return await ask()
        except grpc.aio.AioRpcError as error:
            late = asyncio.get_running_loop().time() > deadline
            if error.code() is not grpc.StatusCode.UNAVAILABLE or late:
                raise
        await asyncio.sleep(_RETRY_SECONDS)
