"""One run of a graph: begun, or gone on with where a runner died."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig

from agent_runner.graphs import Graph
from agent_runner.status import since


@dataclass(frozen=True)
class RunContext:
    """What nodes find in ``config["configurable"]``, beside the id of the thread. It is not part of the state."""

    environment: dict[str, str] = field(default_factory=dict)
    """The execution's environment, secrets included."""
    resumed_from: Any = None
    """What the graph wrote last in the attempt before; nothing in a first one."""


async def run_graph(
    graph: Graph,
    *,
    thread_id: str,
    run_id: str,
    message: str,
    context: RunContext,
    on_written: Callable[[Any], None],
) -> AsyncGenerator[Sequence[AnyMessage]]:
    """Runs a graph to its end on the state of its thread, and yields the thread's messages as they come.

    The run's own message has ``run_id`` as its id. Where the thread's state has it already, the run was begun before:
    it goes on after the last step that was finished. Every step is in the checkpointer before the next one begins.

    Args:
        on_written: Gets what nodes write by LangGraph's ``get_stream_writer``.
    """
    config: RunnableConfig = {
        "configurable": {
            "thread_id": thread_id,
            "environment": context.environment,
            "resumed_from": context.resumed_from,
        },
        "metadata": {"run_id": run_id},
    }
    snapshot = await graph.aget_state(config)
    known: Sequence[AnyMessage] = snapshot.values.get("messages", [])
    begun = len(since(known, run_id)) > 0
    if begun and not snapshot.next:
        yield known
        return
    given = None if begun else {"messages": [*_closed(known), HumanMessage(content=message, id=run_id)]}
    messages = list(known)
    stream = graph.astream(given, config, stream_mode=["values", "messages", "custom"], durability="sync")
    async for part in stream:
        mode, chunk = cast(tuple[str, Any], part)
        if mode == "custom":
            on_written(chunk)
            continue
        if mode == "values":
            messages = list(_messages_of(chunk))
        elif isinstance(chunk[0], AIMessageChunk):
            messages = _with_piece(messages, chunk[0])
        else:
            continue
        yield messages


def answer_of(messages: Sequence[AnyMessage], run_id: str) -> AIMessage | None:
    """The last thing that the agent said in this run."""
    said = [each for each in since(messages, run_id) if isinstance(each, AIMessage)]
    return said[-1] if said else None


def _closed(known: Sequence[AnyMessage]) -> list[ToolMessage]:
    """Answers to tool calls that a cancelled run left open: models refuse a conversation that has such."""
    answered = {each.tool_call_id for each in known if isinstance(each, ToolMessage)}
    return [
        ToolMessage(content="not finished: the run was ended", tool_call_id=call["id"], status="error")
        for each in known
        if isinstance(each, AIMessage)
        for call in each.tool_calls
        if call["id"] not in answered
    ]


def _messages_of(state: Any) -> Sequence[AnyMessage]:
    return state["messages"] if isinstance(state, dict) else state.messages  # type: ignore[no-any-return]


def _with_piece(messages: list[AnyMessage], piece: AIMessageChunk) -> list[AnyMessage]:
    """What a model says comes in pieces, before the step that it is part of has ended."""
    last = messages[-1] if messages else None
    if isinstance(last, AIMessageChunk) and last.id == piece.id:
        return [*messages[:-1], last + piece]
    if any(each.id == piece.id for each in messages):
        return messages
    return [*messages, piece]
