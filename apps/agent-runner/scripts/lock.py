"""Pins every package by version and hash: for the runner, and with what its checks need (``-dev``)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

UV = Path(sys.executable).parent / "uv"
APP = Path(__file__).resolve().parent.parent


def main() -> None:
    for output, extras in (("requirements.txt", []), ("requirements-dev.txt", ["--extra", "dev"])):
        command = [str(UV), "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes"]
        header = ["--custom-compile-command", "pnpm --filter @token-handshake/agent-runner lock", "--quiet"]
        subprocess.run([*command, *header, *extras, "--output-file", output, "pyproject.toml"], cwd=APP, check=True)


if __name__ == "__main__":
    main()
