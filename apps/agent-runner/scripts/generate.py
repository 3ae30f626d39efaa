"""Writes the stubs of the contract into ``gen/`` (run by ``pnpm generate``), or compares them (``--check``)."""

from __future__ import annotations

import filecmp
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

APP = Path(__file__).resolve().parent.parent
PROTO = APP.parent.parent / "proto"
GEN = APP / "gen"
BIN = Path(sys.executable).parent
VALIDATE = PROTO / "third_party" / "protovalidate"


def write_stubs(out: Path) -> None:
    """Generates messages, services and their types.

    Raises:
        SystemExit: when the compiler refuses the contract; it says why.
    """
    # Relative to where they are looked for: one file found by two names would be two.
    sources = sorted(
        each.relative_to(root).as_posix()
        for root, folder in ((PROTO, "ai"), (PROTO, "tokenhandshake"), (VALIDATE, "buf"))
        for each in (root / folder).rglob("*.proto")
    )
    code = protoc.main(
        [
            "protoc",
            *(f"--plugin={plugin}={BIN / plugin}" for plugin in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")),
            f"-I{PROTO}",
            f"-I{VALIDATE}",
            f"-I{resources.files('grpc_tools') / '_proto'}",
            f"--python_out={out}",
            f"--grpc_python_out={out}",
            f"--mypy_out=quiet:{out}",
            f"--mypy_grpc_out=quiet:{out}",
            *sources,
        ]
    )
    if code != 0:
        raise SystemExit(code)
    # Files without a service get an empty module for one.
    for each in out.rglob("*_pb2_grpc.py*"):
        proto = each.relative_to(out).as_posix().split("_pb2_grpc")[0] + ".proto"
        source = VALIDATE / proto if proto.startswith("buf/") else PROTO / proto
        if "\nservice " not in source.read_text():
            each.unlink()


def differences(made: Path, committed: Path) -> Iterator[str]:
    """Names of files that are not the same in both folders."""
    names = {
        each.relative_to(root)
        for root in (made, committed)
        for each in root.rglob("*.py*")
        if "__pycache__" not in each.parts
    }
    for name in sorted(names):
        a, b = made / name, committed / name
        if not (a.is_file() and b.is_file() and filecmp.cmp(a, b, shallow=False)):
            yield str(name)


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        write_stubs(made)
        if "--check" not in arguments:
            shutil.rmtree(GEN, ignore_errors=True)
            shutil.copytree(made, GEN)
            return 0
        changed = list(differences(made, GEN))
    for name in changed:
        print(f"gen/{name} is not what the contract gives: run `pnpm generate`", file=sys.stderr)
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
