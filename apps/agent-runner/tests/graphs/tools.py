"""Calls a tool, then answers with what it said: no model, so the same each time."""

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode


@tool
def count_words(text: str) -> str:
    """Counts the words of a text."""
    return str(len(text.split()))


def plan(state: MessagesState) -> dict[str, list[AIMessage]]:
    text = state["messages"][-1].text
    call = {"name": "count_words", "args": {"text": text}, "id": f"call-{len(state['messages'])}"}
    return {"messages": [AIMessage("", tool_calls=[call])]}


def answer(state: MessagesState) -> dict[str, list[AIMessage]]:
    counts = [each.text for each in state["messages"] if isinstance(each, ToolMessage)]
    return {"messages": [AIMessage(f"words so far: {' '.join(counts)}")]}


graph = (
    StateGraph(MessagesState)
    .add_node("plan", plan)
    .add_node("tools", ToolNode([count_words]))
    .add_node("answer", answer)
    .add_edge(START, "plan")
    .add_edge("plan", "tools")
    .add_edge("tools", "answer")
    .add_edge("answer", END)
)
