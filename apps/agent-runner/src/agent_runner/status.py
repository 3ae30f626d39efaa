"""From a graph's messages to what an execution shows of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage

from ai.stigmer.agentic.agentexecution.v1.enum_pb2 import (
    EXECUTION_IN_PROGRESS,
    MESSAGE_AI,
    MESSAGE_HUMAN,
    MESSAGE_SYSTEM,
    MESSAGE_TOOL,
    TOOL_CALL_COMPLETED,
    TOOL_CALL_FAILED,
    TOOL_CALL_RUNNING,
    ExecutionPhase,
    MessageType,
)
from ai.stigmer.agentic.agentexecution.v1.status_pb2 import (
    AgentExecutionStatus,
    AgentMessage,
    ToolCall,
)


def now() -> str:
    """The time in the form that statuses have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class StatusView:
    """Shows the messages of one run as a status; remembers when it saw each of them first."""

    def __init__(self, run_message_id: str) -> None:
        self._run_message_id = run_message_id
        self._started_at = now()
        self._seen_at: dict[str, str] = {}

    def of(
        self, messages: Sequence[AnyMessage], phase: ExecutionPhase.ValueType = EXECUTION_IN_PROGRESS
    ) -> AgentExecutionStatus:
        """The status after these messages of the thread; what came before this run's own message is left out."""
        own = since(messages, self._run_message_id)
        status = AgentExecutionStatus(phase=phase, started_at=self._started_at)
        calls: dict[str, ToolCall] = {}
        for message in own:
            shown = AgentMessage(type=_type_of(message), content=text_of(message), timestamp=self._time_of(message))
            if isinstance(message, AIMessage):
                for call in message.tool_calls:
                    started = ToolCall(
                        id=call["id"] or "",
                        name=call["name"],
                        args=_struct(call["args"]),
                        status=TOOL_CALL_RUNNING,
                        started_at=shown.timestamp,
                    )
                    calls[started.id] = started
            elif isinstance(message, ToolMessage) and message.tool_call_id in calls:
                call_ended(calls[message.tool_call_id], message, shown.timestamp)
            status.messages.append(shown)
        for message, shown in zip(own, status.messages, strict=True):
            if isinstance(message, AIMessage):
                shown.tool_calls.extend(calls[call["id"] or ""] for call in message.tool_calls)
        status.tool_calls.extend(calls.values())
        return status

    def _time_of(self, message: AnyMessage) -> str:
        return self._seen_at.setdefault(message.id or str(id(message)), now())


def call_ended(call: ToolCall, message: ToolMessage, at: str) -> None:
    call.completed_at = at
    if message.status == "error":
        call.status = TOOL_CALL_FAILED
        call.error = text_of(message)
    else:
        call.status = TOOL_CALL_COMPLETED
        call.result = text_of(message)


def since(messages: Sequence[AnyMessage], message_id: str) -> Sequence[AnyMessage]:
    """The messages from the one with that id on; none where it is not among them."""
    for i, message in enumerate(messages):
        if message.id == message_id:
            return messages[i:]
    return []


def text_of(message: AnyMessage) -> str:
    """The text of a message, whatever else is in it."""
    return str(message.text)


def _type_of(message: AnyMessage) -> MessageType.ValueType:
    match message:
        case HumanMessage():
            return MESSAGE_HUMAN
        case AIMessage():
            return MESSAGE_AI
        case ToolMessage():
            return MESSAGE_TOOL
        case SystemMessage() | _:
            return MESSAGE_SYSTEM


def _struct(value: dict[str, object]) -> Struct:
    return json_format.ParseDict(value, Struct())
