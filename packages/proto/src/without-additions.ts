import { clone, type DescMessage, type Message, type MessageShape } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { registry } from './registry.ts';

/** The first number that fields of ours may have in messages of the existing system. */
export const FIRST_ADDITION = 100;

/**
 * A copy of a message without the fields that the existing system does not have: those numbered
 * {@link FIRST_ADDITION} and up, and those that nobody here knows, at every depth.
 *
 * Runners of the existing system refuse a message with any field that they do not know. Only messages of
 * this contract have additions: Google's well-known types are copied as they are.
 */
export function withoutAdditions<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
): MessageShape<Desc> {
  const copy = clone(schema, message);
  strip(reflect(schema, copy));
  return copy;
}

function strip(message: ReflectMessage): void {
  if (registry.getMessage(message.desc.typeName) === undefined) {
    return;
  }
  dropUnknown(message.message);
  for (const field of message.fields) {
    if (!message.isSet(field)) {
      continue;
    }
    if (field.number >= FIRST_ADDITION) {
      message.clear(field);
    } else if (field.fieldKind === 'message') {
      strip(message.get(field));
    } else if (field.fieldKind === 'list' && field.listKind === 'message') {
      for (const item of message.get(field)) {
        strip(item as ReflectMessage);
      }
    } else if (field.fieldKind === 'map' && field.mapKind === 'message') {
      for (const item of message.get(field).values()) {
        strip(item as ReflectMessage);
      }
    }
  }
}

function dropUnknown(message: Message): void {
  delete message.$unknown;
}
