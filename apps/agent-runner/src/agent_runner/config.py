"""Settings, all of them environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails


class ConfigError(Exception):
    """Says of every wrong setting what was expected."""


def _line_of(error: ErrorDetails) -> str:
    name = ".".join(map(str, error["loc"])).upper()
    # What was given is no help where nothing was, and not shown where it may be a secret.
    got = "" if error["type"] == "missing" or name.endswith("_KEY") else f", got {error['input']!r}"
    return f"{name}: {error['msg']}{got}"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Config(BaseModel):
    """What the runner can be told. An empty variable counts as unset."""

    model_config = ConfigDict(frozen=True)

    temporal_address: str = Field(default="127.0.0.1:7233", pattern=r"^.+:\d+$")
    """``host:port`` of Temporal's frontend."""
    temporal_namespace: str = Field(default="default", min_length=1)
    temporal_tls: bool = False
    """Whether Temporal is spoken to over TLS; implied by ``temporal_api_key``."""
    temporal_api_key: str | None = None
    runner_task_queue: str = Field(default="agent_execution_runner", min_length=1)
    """The queue whose runs are taken: what the agents' definitions name."""
    graphs_dir: Path
    """A folder with one module a graph: ``<slug of the agent>.py``."""
    checkpoints_db: Path = Path("checkpoints.db")
    """SQLite file with the state of every thread: what makes a conversation go on and a crashed run resume."""
    stigmer_endpoint: str = Field(default="http://127.0.0.1:50051", pattern=r"^https?://[^/\s]+$")
    """Where agents are looked up and progress is reported. ``https`` for TLS."""
    stigmer_api_key: str | None = None
    """A key with the scope ``runner``."""
    runner_concurrency: int = Field(default=20, ge=1, le=10_000)
    """How many runs at once."""
    graph_recursion_limit: int = Field(default=1_000, ge=1, le=1_000_000)
    """How many steps a run may take: one that goes round in circles ends with ``GraphRecursionError``."""
    report_interval_seconds: float = Field(default=0.5, ge=0.05, le=60)
    """The least time between two reports of progress of one run."""
    shutdown_grace_seconds: float = Field(default=8, ge=0, le=3600)
    """How long running agents may go on after a stop signal, before they are given back."""
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"
    log_format: Literal["json", "text"] = "text"

    @staticmethod
    def from_environment(environment: Mapping[str, str] | None = None) -> Config:
        """Reads the settings; relative paths are relative to the working directory.

        Raises:
            ConfigError: with a line for each setting that is missing or wrong.
        """
        source = os.environ if environment is None else environment
        known = {name: source[name.upper()] for name in Config.model_fields if source.get(name.upper())}
        try:
            config = Config.model_validate(known)
        except ValidationError as error:
            lines = [_line_of(each) for each in error.errors()]
            raise ConfigError("\n".join(["The settings are not usable:", *lines])) from error
        if not config.graphs_dir.is_dir():
            raise ConfigError(
                "The settings are not usable:\n"
                f"GRAPHS_DIR: expected a folder with one module a graph, got {str(config.graphs_dir)!r}"
            )
        return config
