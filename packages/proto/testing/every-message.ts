import type { DescMessage } from '@bufbuild/protobuf';
import { registry } from '../src/registry.ts';

/** Every message of the contract, as rows for `test.each`: its full name and its descriptor. */
export const everyMessage: [name: string, schema: DescMessage][] = [...registry]
  .filter((type) => type.kind === 'message')
  .map((schema): [string, DescMessage] => [schema.typeName, schema])
  .sort(([a], [b]) => a.localeCompare(b));
