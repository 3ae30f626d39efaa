from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from agent_runner.reporter import Heartbeats, alongside


def test_a_heartbeat_has_what_was_written_last_and_can_be_sent() -> None:
    sent: list[tuple[Any, ...]] = []

    def activity() -> tuple[Any, ...]:
        heartbeats = Heartbeats()
        assert heartbeats.details == ()
        last = {"page": 2}
        for value in ({"page": 1}, object(), float("nan"), "x" * 70_000, last):
            heartbeats.write(value)
        last["page"] = 3
        return heartbeats.details

    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *details: sent.append(details)
    assert environment.run(activity) == ({"page": 2},)
    assert sent == [({"page": 1},), ({"page": 2},)]


async def test_beats_that_follow_have_the_same_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_runner.reporter._LONGEST_BEAT_SECONDS", 0.01)
    sent: list[tuple[Any, ...]] = []
    enough = asyncio.Event()

    def on_heartbeat(*details: Any) -> None:
        sent.append(details)
        if len(sent) > 2:
            enough.set()

    async def activity() -> None:
        heartbeats = Heartbeats()
        heartbeats.write("half")
        async with alongside(heartbeats.keep_beating()):
            await asyncio.wait_for(enough.wait(), 10)

    environment = ActivityEnvironment()
    environment.on_heartbeat = on_heartbeat
    await environment.run(activity)
    assert set(sent) == {("half",)}
