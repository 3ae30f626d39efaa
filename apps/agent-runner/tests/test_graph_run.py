from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conftest import GRAPHS
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, MessagesState, StateGraph

from agent_runner.graph_run import RunContext, answer_of, run_graph
from agent_runner.graphs import Graph, GraphLibrary
from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent
from ai.stigmer.commons.apiresource.metadata_pb2 import ApiResourceMetadata


def ignore(_written: Any) -> None:
    pass


def graph_of(slug: str, checkpointer: AsyncSqliteSaver) -> Graph:
    return GraphLibrary(GRAPHS, checkpointer).graph_of(Agent(metadata=ApiResourceMetadata(slug=slug)))


async def last_of(graph: Graph, run_id: str, message: str, thread_id: str = "thread") -> Sequence[AnyMessage]:
    steps = run_graph(
        graph, thread_id=thread_id, run_id=run_id, message=message, context=RunContext(), on_written=ignore
    )
    return [messages async for messages in steps][-1]


async def test_a_run_is_told_step_by_step(checkpointer: AsyncSqliteSaver) -> None:
    seen = [
        [type(each).__name__ for each in messages]
        async for messages in run_graph(
            graph_of("tools", checkpointer),
            thread_id="t",
            run_id="r",
            message="one two three",
            context=RunContext(),
            on_written=ignore,
        )
    ]
    assert seen[0] == ["HumanMessage"]
    assert seen[-1] == ["HumanMessage", "AIMessage", "ToolMessage", "AIMessage"]
    assert ["HumanMessage", "AIMessage"] in seen


async def test_the_next_run_of_a_thread_continues_the_conversation(checkpointer: AsyncSqliteSaver) -> None:
    graph = graph_of("tools", checkpointer)
    first = await last_of(graph, "run-1", "one two three")
    second = await last_of(graph, "run-2", "four five")
    assert len(second) == len(first) + 4
    answer = answer_of(second, "run-2")
    assert answer is not None and answer.text == "words so far: 3 2"
    other = await last_of(graph, "run-3", "six", thread_id="another")
    assert len(other) == 4


async def test_a_run_that_has_ended_answers_from_its_thread(checkpointer: AsyncSqliteSaver) -> None:
    graph = graph_of("tools", checkpointer)
    first = await last_of(graph, "run-1", "one two three")
    again = await last_of(graph, "run-1", "one two three")
    assert [each.id for each in again] == [each.id for each in first]


async def test_a_run_goes_on_after_its_last_finished_step(checkpointer: AsyncSqliteSaver, tmp_path: Path) -> None:
    graph = graph_of("steps", checkpointer)
    file = tmp_path / "steps"
    steps = run_graph(graph, thread_id="t", run_id="r", message=str(file), context=RunContext(), on_written=ignore)
    async for messages in steps:
        if answer_of(messages, "r") is not None:
            break
    await steps.aclose()
    file.with_suffix(".go").touch()
    messages = await last_of(graph, "r", str(file), thread_id="t")
    assert [each.text for each in messages if isinstance(each, AIMessage)] == ["one", "two", "three"]
    assert [line.split()[0] for line in file.read_text().splitlines()].count("1") == 1


async def test_tool_calls_that_an_ended_run_left_open_are_closed(checkpointer: AsyncSqliteSaver) -> None:
    call = {"name": "ask", "args": {}, "id": "call-1"}

    def plan(state: MessagesState) -> dict[str, list[AIMessage]]:
        asked = any(isinstance(each, AIMessage) for each in state["messages"])
        return {"messages": [AIMessage("done") if asked else AIMessage("", tool_calls=[call])]}

    def tools(state: MessagesState) -> dict[str, list[AIMessage]]:
        last = state["messages"][-1]
        if isinstance(last, AIMessage) and last.tool_calls:
            raise RuntimeError("the run ends here")
        return {}

    builder = StateGraph(MessagesState).add_sequence([plan, tools]).add_edge(START, "plan").add_edge("tools", END)
    graph = builder.compile(checkpointer=checkpointer)
    try:
        await last_of(graph, "run-1", "go")
        raise AssertionError("expected the first run to end early")
    except RuntimeError:
        pass
    messages = await last_of(graph, "run-2", "again")
    kinds = [type(each) for each in messages]
    assert kinds == [HumanMessage, AIMessage, ToolMessage, HumanMessage, AIMessage]


async def test_nodes_tell_how_far_they_are_and_are_told_where_a_lost_attempt_was(
    checkpointer: AsyncSqliteSaver, tmp_path: Path
) -> None:
    def answer(state: MessagesState, config: RunnableConfig) -> dict[str, list[AIMessage]]:
        get_stream_writer()({"page": 4})
        return {"messages": [AIMessage(str(config["configurable"]["resumed_from"]))]}

    graph = StateGraph(MessagesState).add_node("answer", answer).add_edge(START, "answer").add_edge("answer", END)
    written: list[Any] = []
    steps = run_graph(
        graph.compile(checkpointer=checkpointer),
        thread_id="t",
        run_id="r",
        message="go",
        context=RunContext(resumed_from={"page": 3, "of": 9}),
        on_written=written.append,
    )
    messages = [each async for each in steps][-1]
    assert messages[-1].text == "{'page': 3, 'of': 9}"
    assert written == [{"page": 4}]
