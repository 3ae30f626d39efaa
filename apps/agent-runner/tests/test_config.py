from pathlib import Path

import pytest

from agent_runner.config import Config, ConfigError


def test_defaults(tmp_path: Path) -> None:
    config = Config.from_environment({"GRAPHS_DIR": str(tmp_path), "LOG_LEVEL": ""})
    assert config.temporal_address == "127.0.0.1:7233"
    assert config.runner_task_queue == "agent_execution_runner"
    assert config.log_level == "INFO"


def test_every_wrong_setting_is_named_and_no_key_is_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_environment(
            {
                "TEMPORAL_ADDRESS": "nowhere",
                "RUNNER_CONCURRENCY": "0",
                "STIGMER_ENDPOINT": "localhost",
                "LOG_LEVEL": "loud",
            }
        )
    lines = str(caught.value).splitlines()
    names = [line.split(":")[0] for line in lines[1:]]
    assert sorted(names) == ["GRAPHS_DIR", "LOG_LEVEL", "RUNNER_CONCURRENCY", "STIGMER_ENDPOINT", "TEMPORAL_ADDRESS"]
    assert "'nowhere'" in str(caught.value)


def test_graphs_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="GRAPHS_DIR: expected a folder"):
        Config.from_environment({"GRAPHS_DIR": str(tmp_path / "missing")})
