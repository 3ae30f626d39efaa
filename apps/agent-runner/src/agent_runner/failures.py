"""How a run fails, as its caller will see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langgraph.errors import GraphRecursionError
from temporalio.exceptions import ApplicationError

STOPPED = "RunnerStopped"
"""The type by which a runner says that it is being stopped: the run begins again elsewhere."""


class AgentFailure(Exception):
    """Raised by a graph to fail its run with a type of its own.

    Args:
        type: What callers tell failures apart by, for instance ``QuotaExceeded``.
        message: For people.
        details: JSON values for programs.
        retryable: Whether the server may execute the agent again, within its ``RUNNER_MAX_ATTEMPTS``.
    """

    def __init__(self, type: str, message: str, *, details: Sequence[Any] = (), retryable: bool = False) -> None:
        super().__init__(message)
        self.type = type
        self.message = message
        self.details = tuple(details)
        self.retryable = retryable


def as_application_error(error: Exception) -> ApplicationError:
    """What the runner's activity raises for what a graph raised. Unforeseen errors count as retryable."""
    if isinstance(error, ApplicationError):
        return error
    if isinstance(error, AgentFailure):
        return ApplicationError(error.message, *error.details, type=error.type, non_retryable=not error.retryable)
    name = type(error).__name__
    # A graph that goes round in circles does so again.
    return ApplicationError(str(error) or name, type=name, non_retryable=isinstance(error, GraphRecursionError))
