from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from agent_runner.status import StatusView
from ai.stigmer.agentic.agentexecution.v1.enum_pb2 import (
    EXECUTION_COMPLETED,
    EXECUTION_IN_PROGRESS,
    MESSAGE_AI,
    MESSAGE_HUMAN,
    MESSAGE_TOOL,
    TOOL_CALL_COMPLETED,
    TOOL_CALL_FAILED,
    TOOL_CALL_RUNNING,
)

CALLS: list[AnyMessage] = [
    HumanMessage("before", id="h0"),
    AIMessage("old", id="a0"),
    HumanMessage("now", id="run"),
    AIMessage(
        "looking",
        id="a1",
        tool_calls=[{"name": "find", "args": {"q": "x", "n": 2}, "id": "c1"}, {"name": "read", "args": {}, "id": "c2"}],
    ),
]


def test_what_came_before_the_run_is_left_out() -> None:
    status = StatusView("run").of(CALLS)
    assert [(each.type, each.content) for each in status.messages] == [
        (MESSAGE_HUMAN, "now"),
        (MESSAGE_AI, "looking"),
    ]
    assert status.phase == EXECUTION_IN_PROGRESS


def test_tool_calls_run_until_their_message_comes() -> None:
    view = StatusView("run")
    status = view.of(CALLS)
    assert [(each.name, each.status) for each in status.tool_calls] == [
        ("find", TOOL_CALL_RUNNING),
        ("read", TOOL_CALL_RUNNING),
    ]
    assert dict(status.tool_calls[0].args.items()) == {"q": "x", "n": 2}
    status = view.of(
        [
            *CALLS,
            ToolMessage("found", id="t1", tool_call_id="c1"),
            ToolMessage("no such file", id="t2", tool_call_id="c2", status="error"),
            AIMessage("done", id="a2"),
        ],
        EXECUTION_COMPLETED,
    )
    find, read = status.tool_calls
    assert (find.status, find.result, find.error) == (TOOL_CALL_COMPLETED, "found", "")
    assert (read.status, read.result, read.error) == (TOOL_CALL_FAILED, "", "no such file")
    assert find.completed_at != ""
    assert [each.type for each in status.messages] == [
        MESSAGE_HUMAN,
        MESSAGE_AI,
        MESSAGE_TOOL,
        MESSAGE_TOOL,
        MESSAGE_AI,
    ]
    assert list(status.messages[1].tool_calls) == [find, read]


def test_a_message_keeps_the_time_at_which_it_was_seen_first() -> None:
    view = StatusView("run")
    times = [each.timestamp for each in view.of(CALLS).messages]
    assert [each.timestamp for each in view.of(CALLS).messages] == times
