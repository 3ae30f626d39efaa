import {
  create,
  createFileRegistry,
  type DescFile,
  type FileRegistry,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { files } from '../src/registry.ts';
import { FIRST_ADDITION } from '../src/without-additions.ts';

/**
 * The contract as the existing system has it: the same files, their messages without the fields that are
 * additions of ours. A strict reader of JSON or of bytes with these descriptors refuses what its runners do.
 */
export function originalRegistry(): FileRegistry {
  const all = new Map<string, FileDescriptorProto>();
  for (const file of files) {
    collect(file, all);
  }
  const ours = new Set(files.map(({ proto }) => proto.name));
  for (const file of all.values()) {
    if (ours.has(file.name)) {
      file.messageType.forEach(dropAdditions);
    }
  }
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [...all.values()] }));
}

/** Files in the order of their imports, as a descriptor set has to be. */
function collect({ proto, dependencies }: DescFile, all: Map<string, FileDescriptorProto>): void {
  for (const dependency of dependencies) {
    collect(dependency, all);
  }
  if (!all.has(proto.name)) {
    all.set(proto.name, fromBinary(FileDescriptorProtoSchema, toBinary(FileDescriptorProtoSchema, proto)));
  }
}

function dropAdditions(message: DescriptorProto): void {
  message.field = message.field.filter(({ number }) => number < FIRST_ADDITION);
  message.nestedType.forEach(dropAdditions);
}
