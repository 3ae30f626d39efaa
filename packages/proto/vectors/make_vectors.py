"""Makes the test vectors of this folder: messages of the contract as Temporal's Python SDK encodes them.

    python3 packages/proto/vectors/make_vectors.py

It needs Python 3.10 or newer and a package index, and keeps its virtual environment in the user's cache
folder. The vectors are committed; tests only read them. Make them again after every change of the contract.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PACKAGES = ["temporalio==1.35.0", "protobuf==6.33.6", "grpcio-tools==1.78.0"]

here = Path(__file__).resolve().parent
proto = here.parents[2] / "proto"
third_party = proto / "third_party" / "protovalidate"
environment = (
    Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    / "token-handshake"
    / f"proto-vectors-{'-'.join(PACKAGES).replace('==', '-')}"
)


def main() -> None:
    if Path(sys.prefix) != environment:
        python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not (environment / "complete").exists():
            venv.create(environment, clear=True, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
            (environment / "complete").touch()
        sys.exit(subprocess.run([python, __file__]).returncode)

    with tempfile.TemporaryDirectory() as folder:
        classes = compile_messages(folder)
        for package, messages in sorted(classes.items()):
            vectors = [vector for message in messages for vector in vectors_of(message)]
            path = here / f"{package}.json"
            path.write_text(json.dumps(vectors, indent=2, ensure_ascii=True) + "\n")
            print(f"{path.name}: {len(vectors)} vectors")


def compile_messages(folder: str) -> dict[str, list[type]]:
    """Every message class of the contract, by package, in the order of the files."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    from grpc_tools import protoc

    # Imported for their descriptors.
    from google.protobuf import duration_pb2, field_mask_pb2, struct_pb2, timestamp_pb2  # noqa: F401

    files = sorted(p.relative_to(proto).as_posix() for p in proto.rglob("*.proto") if third_party not in p.parents)
    descriptors = Path(folder) / "descriptors.binpb"
    includes = [f"-I{proto}", f"-I{third_party}", f"-I{well_known()}"]
    if protoc.main(["protoc", *includes, "--include_imports", f"--descriptor_set_out={descriptors}", *files]) != 0:
        raise SystemExit("expected protoc to compile the contract")

    pool = descriptor_pool.Default()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file:
        if not file.name.startswith("google/protobuf/"):
            pool.AddSerializedFile(file.SerializeToString())

    classes: dict[str, list[type]] = {}
    for file in map(pool.FindFileByName, files):
        for message in file.message_types_by_name.values():
            classes.setdefault(file.package, []).append(message_factory.GetMessageClass(message))
    return classes


def well_known() -> str:
    import grpc_tools

    return str(Path(grpc_tools.__file__).parent / "_proto")


def vectors_of(message: type) -> list[dict]:
    """An empty message, one with every field set, and one for each value that a field is hard to encode with."""
    name = message.DESCRIPTOR.full_name
    full = message()
    fill(full, 0)
    vectors = [vector(f"{name}, empty", message()), vector(f"{name}, full", full)]
    for field in message.DESCRIPTOR.fields:
        for label, value in edges(field):
            edge = message()
            put(edge, field, value)
            vectors.append(vector(f"{name}.{field.name}, {label}", edge))
    return vectors


def vector(name: str, message) -> dict:
    from temporalio.converter import default

    payload = default().payload_converter.to_payload(message)
    return {
        "name": name,
        "metadata": {key: value.decode() for key, value in sorted(payload.metadata.items())},
        "data": payload.data.decode(),
        "binary": base64.b64encode(message.SerializeToString(deterministic=True)).decode(),
    }


def fill(message, depth: int) -> None:
    """Sets every field, of a oneof its last."""
    if special(message, depth):
        return
    for field in message.DESCRIPTOR.fields:
        if is_map(field):
            entries, value = getattr(message, field.name), field.message_type.fields_by_name["value"]
            for key in ("first", "zweiter Schl\u00fcssel"):
                if value.message_type is None:
                    entries[key] = scalar(value, depth)
                else:
                    fill(entries[key], depth + 1)
        elif field.message_type is not None:
            target = getattr(message, field.name)
            fill(target.add() if field.is_repeated else target, depth + 1)
            if not field.is_repeated:
                target.SetInParent()
        elif field.is_repeated:
            getattr(message, field.name).extend([scalar(field, depth), scalar(field, depth + 1)])
        else:
            setattr(message, field.name, scalar(field, depth))


def special(message, depth: int) -> bool:
    """Fills a message of Google's whose JSON form is its own."""
    from google.protobuf import struct_pb2, timestamp_pb2

    tree = {"text": "t", "number": 1.5 + depth, "none": None, "list": [True, {"deep": []}]}
    if isinstance(message, struct_pb2.Struct):
        message.update(tree)
    elif isinstance(message, struct_pb2.Value):
        message.struct_value.update(tree)
    elif isinstance(message, timestamp_pb2.Timestamp):
        message.seconds, message.nanos = 1_767_225_600 + depth, 120_000_000
    else:
        return False
    return True


def scalar(field, depth: int):
    from google.protobuf.descriptor import FieldDescriptor as F

    if field.type == F.TYPE_STRING:
        return f"{field.name} {depth}"
    if field.type == F.TYPE_BYTES:
        return f"{field.name} {depth}".encode()
    if field.type == F.TYPE_BOOL:
        return True
    if field.type == F.TYPE_ENUM:
        return field.enum_type.values[-1].number
    if field.type in (F.TYPE_DOUBLE, F.TYPE_FLOAT):
        return 0.25 + depth
    return field.number + depth


def edges(field) -> list[tuple[str, object]]:
    from google.protobuf import struct_pb2, timestamp_pb2
    from google.protobuf.descriptor import FieldDescriptor as F

    if is_map(field) or field.is_repeated:
        return []
    if field.type == F.TYPE_STRING:
        return [("any text", 'quote " slash / back \\ \u0000 \u2028 \U0001f324 e\u0301 </script>')]
    if field.type == F.TYPE_BYTES:
        return [("every byte", bytes(range(256))), ("padded", b"\xfb\xff")]
    if field.type == F.TYPE_ENUM:
        return [(value.name, value.number) for value in field.enum_type.values]
    if field.type == F.TYPE_DOUBLE:
        return [("zero", 0.0), ("shortest digits", 0.1), ("tiny", 5e-324), ("huge", 1.7976931348623157e308)]
    if field.type == F.TYPE_INT32:
        return [("smallest", -(2**31)), ("greatest", 2**31 - 1)]
    if field.type == F.TYPE_UINT32:
        return [("greatest", 2**32 - 1)]
    if field.message_type is timestamp_pb2.Timestamp.DESCRIPTOR:
        times = {"whole second": (0, 0), "microseconds": (1, 1_000), "nanoseconds": (1, 1), "before 1970": (-1, 999_000_000)}
        return [(label, timestamp_pb2.Timestamp(seconds=s, nanos=n)) for label, (s, n) in times.items()]
    if field.message_type is struct_pb2.Struct.DESCRIPTOR:
        hard = struct_pb2.Struct()
        hard.update({"": "", "whole": 3, "fraction": 0.1, "large": 1e21, "nested": {"list": [[], {}, None]}})
        return [("empty", struct_pb2.Struct()), ("hard", hard)]
    if field.message_type is struct_pb2.Value.DESCRIPTOR:
        # One that is set but empty has no JSON form.
        values = {"null": struct_pb2.Value(null_value=0), "text": struct_pb2.Value(string_value=""), "whole": struct_pb2.Value(number_value=3)}
        return list(values.items())
    if field.message_type is not None:
        return [("set but empty", None)]
    return []


def put(message, field, value) -> None:
    if field.message_type is None:
        setattr(message, field.name, value)
        return
    target = getattr(message, field.name)
    target.SetInParent()
    if value is not None:
        target.CopyFrom(value)


def is_map(field) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


main()
