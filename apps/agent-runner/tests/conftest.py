"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

GRAPHS = Path(__file__).parent / "graphs"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Appends "passed failed" to the file named by TEST_COUNTS_FILE, so that a run over many packages can be summed."""
    file = os.environ.get("TEST_COUNTS_FILE")
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not file or reporter is None:
        return
    stats = reporter.stats
    failed = len(stats.get("failed", [])) + len(stats.get("error", []))
    with Path(file).open("a") as counts:
        counts.write(f"{len(stats.get('passed', []))} {failed}\n")


@pytest.fixture
async def checkpointer(tmp_path: Path) -> AsyncIterator[AsyncSqliteSaver]:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
        yield saver
