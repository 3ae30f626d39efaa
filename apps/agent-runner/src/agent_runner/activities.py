"""The runner's contract: the two activities that a Stigmer server asks for."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Sequence
from typing import Any

import grpc.aio
from langchain_core.messages import AnyMessage
from temporalio import activity
from temporalio.exceptions import ApplicationError

from agent_runner.failures import STOPPED, AgentFailure, as_application_error
from agent_runner.graph_run import RunContext, answer_of, run_graph
from agent_runner.graphs import GraphLibrary
from agent_runner.reporter import Heartbeats, Progress, alongside
from agent_runner.status import StatusView, now
from agent_runner.stigmer import StigmerClient
from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent
from ai.stigmer.agentic.agentexecution.v1.agent_execution_pb2 import AgentExecution
from ai.stigmer.agentic.agentexecution.v1.enum_pb2 import EXECUTION_COMPLETED
from ai.stigmer.agentic.agentexecution.v1.status_pb2 import AgentExecutionStatus

log = logging.getLogger(__name__)


class RunnerActivities:
    """``EnsureThread`` and ``ExecuteGraphton``."""

    def __init__(self, stigmer: StigmerClient, graphs: GraphLibrary, report_interval_seconds: float) -> None:
        self._stigmer = stigmer
        self._graphs = graphs
        self._report_interval = report_interval_seconds

    @activity.defn(name="EnsureThread")
    async def ensure_thread(self, session_id: str, agent_id: str) -> str:
        """The thread of an agent in a session: the same each time, and the one that the server derives."""
        names = json.dumps([session_id, agent_id], separators=(",", ":"), ensure_ascii=False)
        return f"thr_{hashlib.sha256(names.encode()).hexdigest()[:26]}"

    @activity.defn(name="ExecuteGraphton")
    async def execute_graphton(
        self,
        execution: AgentExecution,
        thread_id: str,
        run_token: str | None = None,
        resumed_from: Any = None,
    ) -> AgentExecutionStatus:
        """Runs the agent's graph.

        Args:
            execution: The runner's copy.
            thread_id: The thread that the run belongs to.
            run_token: Proves to the server that this is the run: to end it by ``updateStatus``, or to get secrets.
            resumed_from: Details of the last heartbeat of the attempt before.

        Returns:
            The whole status with the phase COMPLETED; only the phase where the server has the rest already.
        """
        run_id = execution.metadata.id
        heartbeats = Heartbeats()
        try:
            async with alongside(heartbeats.keep_beating()):
                agent = await self._stigmer.agent(execution.spec.agent_id)
                context = RunContext(await self._environment(execution, agent, run_token), resumed_from)
                status = await self._run(execution, thread_id, agent, context, heartbeats)
                return await self._concluded(run_id, status, run_token if _may_end_runs(agent) else None)
        except asyncio.CancelledError as error:
            details = activity.cancellation_details()
            if details is not None and details.worker_shutdown:
                message = "the runner was stopped while the agent ran"
                raise ApplicationError(message, *heartbeats.details, type=STOPPED) from error
            raise
        except AgentFailure as error:
            log.warning("run failed", extra={"execution_id": run_id, "type": error.type, "error": error.message})
            raise as_application_error(error) from error
        except Exception as error:
            log.exception("run failed", extra={"execution_id": run_id})
            raise as_application_error(error) from error

    async def _environment(self, execution: AgentExecution, agent: Agent, run_token: str | None) -> dict[str, str]:
        """The execution's variables. Secret ones that the server kept to itself are asked for."""
        given = execution.spec.runtime_env
        values = {name: each.value for name, each in given.items()}
        if not any(each.is_secret and not each.value for each in given.values()):
            return values
        if not run_token:
            if agent.spec.runtime.runner.secrets_by_reference:
                message = "the run began before its agent was defined to fetch secrets: start another one"
                raise AgentFailure("SecretsMissing", message)
            return values
        return values | await self._stigmer.secrets(execution.metadata.id, run_token)

    async def _run(
        self,
        execution: AgentExecution,
        thread_id: str,
        agent: Agent,
        context: RunContext,
        heartbeats: Heartbeats,
    ) -> AgentExecutionStatus:
        run_id = execution.metadata.id
        graph = self._graphs.graph_of(agent)
        view = StatusView(run_id)
        progress = Progress(lambda status: self._stigmer.report(run_id, status), self._report_interval)
        steps = run_graph(
            graph,
            thread_id=thread_id,
            run_id=run_id,
            message=execution.spec.message,
            context=context,
            on_written=heartbeats.write if agent.spec.runtime.runner.resumes_from_details else _left_out,
        )
        messages: Sequence[AnyMessage] = []
        async with alongside(progress.keep_sending()):
            async for messages in steps:
                progress.show(view.of(messages))
        if answer_of(messages, run_id) is None:
            raise AgentFailure("NoAnswer", "expected the graph to end with an AI message, and there is none")
        status = view.of(messages, EXECUTION_COMPLETED)
        status.completed_at = now()
        return status

    async def _concluded(
        self, run_id: str, status: AgentExecutionStatus, run_token: str | None
    ) -> AgentExecutionStatus:
        if not run_token:
            return status
        try:
            if await self._stigmer.end(run_id, status, run_token):
                return AgentExecutionStatus(phase=EXECUTION_COMPLETED)
        except grpc.aio.AioRpcError as error:
            # Whether it was stored is not known; the first final stays, so returning the whole is right in both cases.
            log.warning(
                "the end was not taken, and is returned",
                extra={"execution_id": run_id, "code": error.code().name},
            )
        return status


def _may_end_runs(agent: Agent) -> bool:
    """Whether the run token may be meant for it; what the server's settings say of the shared queue is not known."""
    runtime = agent.spec.runtime
    return runtime.WhichOneof("kind") != "runner" or runtime.runner.final_by_update


def _left_out(_written: Any) -> None:
    """What a graph writes for others than this runner."""
