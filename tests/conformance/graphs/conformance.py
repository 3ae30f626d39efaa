"""The agent that obeys the scenarios of the conformance test, as a graph."""

import asyncio
import hashlib
import json
import os
from pathlib import Path

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, MessagesState, StateGraph

from agent_runner.failures import AgentFailure

Said = dict[str, list[AIMessage]]


def asked(state: MessagesState) -> tuple[str, str]:
    verb, _, rest = state["messages"][-1].text.partition(" ")
    return verb, rest


def path_of(state: MessagesState) -> Path:
    last = next(each for each in reversed(state["messages"]) if each.type == "human")
    return Path(last.text.partition(" ")[2])


def note(state: MessagesState, step: int) -> Path:
    path = path_of(state)
    with path.open("a") as lines:
        lines.write(f"{step} {os.getpid()}\n")
    return path


async def marked(path: Path, config: RunnableConfig) -> Said:
    resumed_from = config["configurable"]["resumed_from"]
    if resumed_from is None:
        get_stream_writer()({"done": "half"})
        while not path.with_name(f"{path.name}.go").exists():
            await asyncio.sleep(0.02)
    return {"messages": [AIMessage(json.dumps(resumed_from))]}


async def obey(state: MessagesState, config: RunnableConfig) -> Said:
    verb, rest = asked(state)
    match verb:
        case "mark":
            return await marked(Path(rest), config)
        case "digest":
            value = config["configurable"]["environment"][rest]
            return {"messages": [AIMessage(hashlib.sha256(value.encode()).hexdigest())]}
        case "answer":
            return {"messages": [AIMessage(rest)]}
        case "large":
            return {"messages": [AIMessage("x" * int(rest))]}
        case "raise":
            type, _, words = rest.partition(" ")
            raise AgentFailure(type, words, details=[{"left": 0}])
        case "fail":
            raise RuntimeError(rest)
        case "quiet":
            await asyncio.sleep(int(rest))
            return {"messages": [AIMessage("awake")]}
    raise AgentFailure("UnknownVerb", verb)


def one(state: MessagesState) -> Said:
    note(state, 1)
    return {"messages": [AIMessage("one")]}


async def two(state: MessagesState) -> Said:
    path = note(state, 2)
    while not path.with_name(f"{path.name}.go").exists():
        await asyncio.sleep(0.02)
    return {"messages": [AIMessage("two")]}


def three(state: MessagesState) -> Said:
    note(state, 3)
    return {"messages": [AIMessage("three")]}


def where(state: MessagesState) -> str:
    return "one" if asked(state)[0] == "steps" else "obey"


graph = (
    StateGraph(MessagesState)
    .add_node("obey", obey)
    .add_sequence([one, two, three])
    .add_conditional_edges(START, where, ["one", "obey"])
    .add_edge("obey", END)
    .add_edge("three", END)
)
