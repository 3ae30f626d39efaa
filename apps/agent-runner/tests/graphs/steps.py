"""Three steps that each leave a line in the file that the message names; the second waits for `<file>.go`."""

import asyncio
import os
from pathlib import Path

from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph


def note(state: MessagesState, step: int) -> Path:
    file = Path(state["messages"][0].text)
    with file.open("a") as lines:
        lines.write(f"{step} {os.getpid()}\n")
    return file


async def first(state: MessagesState) -> dict[str, list[AIMessage]]:
    note(state, 1)
    return {"messages": [AIMessage("one")]}


async def second(state: MessagesState) -> dict[str, list[AIMessage]]:
    go = note(state, 2).with_suffix(".go")
    while not go.exists():  # noqa: ASYNC110 (another process makes it)
        await asyncio.sleep(0.02)
    return {"messages": [AIMessage("two")]}


async def third(state: MessagesState) -> dict[str, list[AIMessage]]:
    note(state, 3)
    return {"messages": [AIMessage("three")]}


graph = StateGraph(MessagesState).add_sequence([first, second, third]).add_edge(START, "first").add_edge("third", END)
