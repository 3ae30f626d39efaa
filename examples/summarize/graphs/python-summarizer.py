"""The agent ``python-summarizer``: a graph with a tool, the same each time, so that it needs no model and no key.

A model would decide what to call and with what; here the node ``plan`` does. Everything else is as with a model: the
tool call and its result are messages, and each step is kept before the next one begins.
"""

import re
from collections import Counter

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

SENTENCES = 3
SHORTEST_WORD = 4


@tool
def pick_sentences(text: str, count: int) -> str:
    """Picks the sentences whose words are the most frequent ones of the text, in their order."""
    sentences = [each.strip() for each in re.split(r"(?<=[.!?])\s+|\n{2,}", text) if each.strip()]
    frequency = Counter(words_of(text))

    def weight(i: int) -> float:
        words = words_of(sentences[i])
        return sum(frequency[word] for word in words) / (len(words) or 1)

    best = sorted(range(len(sentences)), key=weight, reverse=True)[:count]
    return " ".join(sentences[i] for i in sorted(best))


def words_of(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.lower()) if len(word) >= SHORTEST_WORD]


def plan(state: MessagesState) -> dict[str, list[AIMessage]]:
    """Decides which tool is called."""
    asked = state["messages"][-1]
    call = {
        "name": pick_sentences.name,
        "args": {"text": asked.text, "count": SENTENCES},
        "id": f"pick-{asked.id}",
    }
    return {"messages": [AIMessage("Reading the text.", tool_calls=[call])]}


def answer(state: MessagesState) -> dict[str, list[AIMessage]]:
    """Says what the tool found."""
    found = state["messages"][-1]
    assert isinstance(found, ToolMessage)
    return {"messages": [AIMessage(found.text)]}


graph = (
    StateGraph(MessagesState)
    .add_node("plan", plan)
    .add_node("tools", ToolNode([pick_sentences]))
    .add_node("answer", answer)
    .add_edge(START, "plan")
    .add_edge("plan", "tools")
    .add_edge("tools", "answer")
    .add_edge("answer", END)
)
