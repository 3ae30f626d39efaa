"""Fails as the message says: `<type>` for good, `crash` with an error of Python's, `loop` by going round in circles."""

from langchain_core.messages import AIMessage
from langgraph.graph import START, MessagesState, StateGraph

from agent_runner.failures import AgentFailure


def fail(state: MessagesState) -> dict[str, list[AIMessage]]:
    kind = state["messages"][-1].text
    if kind == "crash":
        raise ValueError("the graph has a bug")
    if kind == "loop":
        return {"messages": []}
    raise AgentFailure(kind, "no quota is left", details=[{"left": 0}])


graph = StateGraph(MessagesState).add_node("fail", fail).add_edge(START, "fail").add_edge("fail", "fail")
