"""Answers with the length of what the execution's environment has, and with what the agent's definition says."""

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, MessagesState, StateGraph

from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent


def build(agent: Agent) -> StateGraph[MessagesState]:
    def answer(state: MessagesState, config: RunnableConfig) -> dict[str, list[AIMessage]]:
        name = state["messages"][-1].text
        value = config["configurable"]["environment"].get(name, "nothing")
        return {"messages": [AIMessage(f"{agent.spec.instructions} {len(value)}")]}

    return StateGraph(MessagesState).add_node("answer", answer).add_edge(START, "answer").add_edge("answer", END)
