from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agent_runner.failures import AgentFailure
from agent_runner.graphs import GraphLibrary
from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent
from ai.stigmer.commons.apiresource.metadata_pb2 import ApiResourceMetadata


def agent(slug: str) -> Agent:
    return Agent(metadata=ApiResourceMetadata(slug=slug))


def library(folder: Path, saver: AsyncSqliteSaver, **modules: str) -> GraphLibrary:
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    return GraphLibrary(folder, saver)


PLAIN = """
from langgraph.graph import START, MessagesState, StateGraph
graph = StateGraph(MessagesState).add_node("a", lambda state: {}).add_edge(START, "a")
"""


async def test_a_module_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, checkpointer: AsyncSqliteSaver
) -> None:
    graphs = library(tmp_path, checkpointer, one=PLAIN, two=PLAIN)
    assert graphs.slugs() == ["one", "two"]
    with pytest.raises(AgentFailure, match=r'expected a module "three\.py" in .*; there are: one, two') as caught:
        graphs.graph_of(agent("three"))
    assert (caught.value.type, caught.value.retryable) == ("GraphNotFound", False)


@pytest.mark.parametrize("slug", ["../one", "one/../one", "", ".", "One"])
async def test_a_slug_does_not_lead_out_of_the_folder(
    tmp_path: Path, checkpointer: AsyncSqliteSaver, slug: str
) -> None:
    folder = tmp_path / "graphs"
    folder.mkdir()
    library(tmp_path, checkpointer, one=PLAIN)
    with pytest.raises(AgentFailure) as caught:
        GraphLibrary(folder, checkpointer).graph_of(agent(slug))
    assert caught.value.type == "GraphNotFound"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise KeyError('x')", "cannot be loaded: KeyError"),
        ("def :", "cannot be loaded: SyntaxError"),
        ("x = 1", 'expected .* to have "graph" or "build'),
        (PLAIN + "graph = graph.compile()", "got CompiledStateGraph: leave compiling it to the runner"),
        (PLAIN.replace("StateGraph(MessagesState)", "StateGraph(dict)"), 'to have "messages"'),
    ],
)
async def test_what_is_wrong_with_a_module_is_said(
    tmp_path: Path, checkpointer: AsyncSqliteSaver, source: str, words: str
) -> None:
    graphs = library(tmp_path, checkpointer, broken=source)
    with pytest.raises(AgentFailure, match=words) as caught:
        graphs.graph_of(agent("broken"))
    assert caught.value.type == "GraphInvalid"
