"""The program: ``python -m agent_runner``."""

import asyncio
import sys

from agent_runner.config import Config, ConfigError
from agent_runner.log import set_up_logging
from agent_runner.worker import run_worker

EX_CONFIG = 78


def main() -> int:
    try:
        config = Config.from_environment()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    set_up_logging(config.log_level, config.log_format)
    return asyncio.run(run_worker(config))


if __name__ == "__main__":
    sys.exit(main())
