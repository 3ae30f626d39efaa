"""The graphs that this runner has, one module each."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph, StateGraph

from agent_runner.failures import AgentFailure
from ai.stigmer.agentic.agent.v1.agent_pb2 import Agent

Graph: TypeAlias = CompiledStateGraph[Any, Any, Any, Any]
Builder: TypeAlias = StateGraph[Any, Any, Any, Any]

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


class GraphLibrary:
    """Loads ``<slug>.py`` of a folder when its agent runs for the first time.

    A module has either ``graph``, a ``StateGraph`` whose state has ``messages``, or ``build(agent)``, which makes one
    from the agent's definition. Compiling is left to the runner, which adds the checkpointer.
    """

    def __init__(self, folder: Path, checkpointer: BaseCheckpointSaver[Any], *, recursion_limit: int = 1_000) -> None:
        self._folder = folder
        self._recursion_limit = recursion_limit
        self._checkpointer = checkpointer
        self._builders: dict[str, Callable[[Agent], Builder]] = {}

    def slugs(self) -> list[str]:
        """Of every module in the folder, loaded or not."""
        return sorted(each.stem for each in self._folder.glob("*.py") if _SLUG.fullmatch(each.stem))

    def graph_of(self, agent: Agent) -> Graph:
        """The agent's graph, with the checkpointer.

        Raises:
            AgentFailure: ``GraphNotFound`` or ``GraphInvalid``; trying again does not help.
        """
        slug = agent.metadata.slug
        build = self._builders.get(slug) or self._load(slug)
        self._builders[slug] = build
        builder = build(agent)
        if not isinstance(builder, StateGraph):
            raise AgentFailure(
                "GraphInvalid",
                f'expected the graph of agent "{slug}" to be a StateGraph, got {type(builder).__name__}: '
                "leave compiling it to the runner",
            )
        if "messages" not in builder.channels:
            raise AgentFailure(
                "GraphInvalid",
                f'expected the state of agent "{slug}" to have "messages": use MessagesState or a class made from it',
            )
        compiled = builder.compile(checkpointer=self._checkpointer)
        return compiled.with_config({"recursion_limit": self._recursion_limit})

    def _load(self, slug: str) -> Callable[[Agent], Builder]:
        path = self._folder / f"{slug}.py"
        # The name comes from a definition: it must not lead out of the folder.
        if not _SLUG.fullmatch(slug) or not path.is_file():
            known = ", ".join(self.slugs()) or "none"
            raise AgentFailure(
                "GraphNotFound",
                f'expected a module "{slug}.py" in {self._folder} for the agent "{slug}"; there are: {known}',
            )
        name = f"agent_runner_graphs.{slug.replace('-', '_')}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise AgentFailure("GraphInvalid", f"expected {path} to be a Python module")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            del sys.modules[name]
            raise AgentFailure("GraphInvalid", f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
        if hasattr(module, "build"):
            return module.build  # type: ignore[no-any-return]
        if hasattr(module, "graph"):
            return lambda _: module.graph
        raise AgentFailure("GraphInvalid", f'expected {path} to have "graph" or "build(agent)", found neither')
