import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { toJsonValue } from '@token-handshake/proto';
import Table from 'cli-table3';

/** Where a command writes: results on one side, what it tells meanwhile on the other. */
export interface Output {
  /** Whether results are for programs. */
  readonly json: boolean;
  /** A line of the result. */
  readonly result: (text: string) => void;
  /** A line for people only. */
  readonly note: (text: string) => void;
}

const noBorders = {
  ...Object.fromEntries(
    [
      'top',
      'top-mid',
      'top-left',
      'top-right',
      'bottom',
      'bottom-mid',
      'bottom-left',
      'bottom-right',
      'left',
      'left-mid',
      'mid',
      'mid-mid',
      'right',
      'right-mid',
    ].map((part) => [part, '']),
  ),
  middle: '  ',
};

/** Shows messages: as a table for people, one line of JSON each for programs. */
export function showList<Desc extends DescMessage>(
  { json, result, note }: Output,
  schema: Desc,
  messages: readonly MessageShape<Desc>[],
  columns: Readonly<Record<string, (message: MessageShape<Desc>) => string>>,
): void {
  if (json) {
    for (const message of messages) result(JSON.stringify(toJsonValue(schema, message)));
    return;
  }
  if (messages.length === 0) {
    note('none');
    return;
  }
  const table = new Table({
    head: Object.keys(columns).map((name) => name.toUpperCase()),
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const message of messages) table.push(Object.values(columns).map((cell) => cell(message)));
  for (const line of table.toString().split('\n')) result(line.trimEnd());
}

/** Shows one message as JSON: indented for people, on one line for programs. */
export function showOne<Desc extends DescMessage>(
  { json, result }: Output,
  schema: Desc,
  message: MessageShape<Desc>,
): void {
  result(JSON.stringify(toJsonValue(schema, message), undefined, json ? undefined : 2));
}
