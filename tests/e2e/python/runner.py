"""A runner as the existing system has it: its own messages, the default data converter, its two activities.

Everything that it is given it decodes strictly: a field that its messages do not have is refused. What an execution
is to do is said by its message, `<verb> <text>`:

    answer TEXT   reports that it works, and returns COMPLETED with TEXT as the answer
    raise TEXT    raises ModelUnavailable(TEXT)
    fail TEXT     returns FAILED without `error`; TEXT is in a system message only
    report FILE   reports a message, a tool call and a to-do, waits until FILE has content, returns that

Events go to standard output, one JSON object a line. It ends when its standard input does.
"""

import argparse
import asyncio
import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

import grpc
from ai.stigmer.agentic.agentexecution.v1 import agent_execution_pb2 as pb
from ai.stigmer.agentic.agentexecution.v1 import command_pb2, command_pb2_grpc
from google.protobuf.json_format import MessageToDict
from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.worker import Worker

TASK_QUEUE = "agent_execution_runner"
# The existing runner sends its key with every call.
CREDENTIALS = (("authorization", f"Bearer {os.environ['STIGMER_API_KEY']}"),)


class ModelUnavailable(Exception):
    """What a runner may raise: a class of its own, which Temporal knows by its name only."""


def emit(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


class Runner:
    def __init__(self, commands: command_pb2_grpc.AgentExecutionCommandControllerStub) -> None:
        self._commands = commands

    @activity.defn(name="EnsureThread")
    async def ensure_thread(self, session_id: str, agent_id: str) -> str:
        emit("ensure-thread", session_id=session_id, agent_id=agent_id)
        return f"thread-{session_id}"

    @activity.defn(name="ExecuteGraphton")
    async def execute_graphton(self, execution: pb.AgentExecution, thread_id: str) -> pb.AgentExecutionStatus:
        emit("execute", execution=MessageToDict(execution), thread_id=thread_id, attempt=activity.info().attempt)
        verb, _, text = execution.spec.message.partition(" ")
        verbs = {"answer": self._answer, "raise": self._raise, "fail": self._fail, "report": self._report}
        return await verbs[verb](execution, text)

    async def _tell(self, execution: pb.AgentExecution, status: pb.AgentExecutionStatus) -> None:
        request = command_pb2.AgentExecutionUpdateStatusInput(execution_id=execution.metadata.id, status=status)
        answer = await self._commands.updateStatus(request, metadata=CREDENTIALS, timeout=10)
        emit("told", id=answer.metadata.id)

    async def _answer(self, execution: pb.AgentExecution, text: str) -> pb.AgentExecutionStatus:
        await self._tell(execution, pb.AgentExecutionStatus(phase=pb.EXECUTION_IN_PROGRESS, started_at=now()))
        return completed(text)

    async def _raise(self, execution: pb.AgentExecution, text: str) -> pb.AgentExecutionStatus:
        raise ModelUnavailable(text)

    async def _fail(self, execution: pb.AgentExecution, text: str) -> pb.AgentExecutionStatus:
        return pb.AgentExecutionStatus(
            phase=pb.EXECUTION_FAILED,
            completed_at=now(),
            messages=[
                pb.AgentMessage(type=pb.MESSAGE_AI, content="I will try.", timestamp=now()),
                pb.AgentMessage(type=pb.MESSAGE_SYSTEM, content=text, timestamp=now()),
            ],
        )

    async def _report(self, execution: pb.AgentExecution, text: str) -> pb.AgentExecutionStatus:
        tool_call = pb.ToolCall(id="call-1", name="search", status=pb.TOOL_CALL_RUNNING, started_at=now())
        tool_call.args.update({"query": "token handshake", "limit": 3})
        status = pb.AgentExecutionStatus(
            phase=pb.EXECUTION_IN_PROGRESS,
            started_at=now(),
            messages=[pb.AgentMessage(type=pb.MESSAGE_AI, content="Looking it up.", timestamp=now())],
            tool_calls=[tool_call],
            todos={"1": pb.TodoItem(id="1", content="search", status=pb.TODO_IN_PROGRESS)},
        )
        await self._tell(execution, status)
        file = Path(text)
        while not file.exists() or file.stat().st_size == 0:
            activity.heartbeat({"waiting_for": file.name})
            await asyncio.sleep(0.02)
        return completed(file.read_text())


def completed(answer: str) -> pb.AgentExecutionStatus:
    message = pb.AgentMessage(type=pb.MESSAGE_AI, content=answer, timestamp=now())
    return pb.AgentExecutionStatus(phase=pb.EXECUTION_COMPLETED, messages=[message], completed_at=now())


async def accepts(execution: dict) -> bool:
    """Whether the converter of this runner takes an execution with these fields."""
    payload = Payload(
        metadata={"encoding": b"json/protobuf", "messageType": pb.AgentExecution.DESCRIPTOR.full_name.encode()},
        data=json.dumps(execution).encode(),
    )
    try:
        await DataConverter.default.decode([payload], [pb.AgentExecution])
        return True
    except RuntimeError:
        return False


async def until_input_ends() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--temporal", required=True)
    parser.add_argument("--stigmer", required=True)
    parser.add_argument("--probe", action="append", default=[], help="an execution, to say whether it is accepted")
    options = parser.parse_args()

    client = await Client.connect(options.temporal)
    async with grpc.aio.insecure_channel(options.stigmer) as channel:
        runner = Runner(command_pb2_grpc.AgentExecutionCommandControllerStub(channel))
        activities = [runner.ensure_thread, runner.execute_graphton]
        async with Worker(client, task_queue=TASK_QUEUE, activities=activities):
            emit("ready", accepted=[await accepts(json.loads(probe)) for probe in options.probe])
            await until_input_ends()


asyncio.run(main())
# Threads of Temporal's core outlive the loop, and one that wakes up while the interpreter is taken down aborts it.
os._exit(0)
