import { Code } from '@connectrpc/connect';
import { ERROR_CODES, HANDSHAKE_FAILURE_TYPES } from '@token-handshake/core';
import { ACCESS_ERROR_CODES, renderConfigDocs, renderMetricsDocs } from '@token-handshake/service-kit';
import * as stigmer from '@token-handshake/stigmer-server/reference';
import * as zigflow from '@token-handshake/zigflow-worker/reference';

/** The pages that are made from the code, by file name; a test holds the files equal to them. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'configuration.md': () =>
    page(
      'Configuration',
      'Both services read their settings from the environment, once, at the start. An empty variable counts as unset. ' +
        'A setting that cannot be used ends the process with a message that names it.',
      renderConfigDocs('stigmer-server', stigmer.configDefinition),
      renderConfigDocs('zigflow-worker', zigflow.configDefinition),
    ),
  'metrics.md': () =>
    page(
      'Metrics',
      'Both services show these at `/metrics`, in the format of Prometheus, with the usual figures of the process ' +
        '(`process_*`, `nodejs_*`).',
      renderMetricsDocs('stigmer-server', stigmer.metricsTable),
      renderMetricsDocs('zigflow-worker', zigflow.metricsTable),
    ),
  'errors.md': () =>
    page(
      'Errors',
      'Every error has a code that never changes its meaning. What to do is in the message; no message holds a secret.',
      table(
        'Handshake',
        'Errors of the core package. Over RPC the code stands at the head of the message; a workflow sees it as the ' +
          'type of its `ApplicationFailure`.',
        ['code', 'may succeed unchanged', 'meaning'],
        Object.entries(ERROR_CODES).map(([code, { retryable, meaning }]) => [
          `\`${code}\``,
          retryable ? 'yes' : 'no',
          meaning,
        ]),
      ),
      table(
        'Handshake: failure types',
        'Failures of calls and completions that are no errors of the package: the type of an `ApplicationFailure`.',
        ['type', 'meaning'],
        Object.entries(HANDSHAKE_FAILURE_TYPES).map(([type, meaning]) => [`\`${type}\``, meaning]),
      ),
      table(
        'stigmer-server',
        'What the server answers with, beside those of the handshake.',
        ['code', 'RPC code', 'meaning'],
        Object.entries(stigmer.STIGMER_ERROR_CODES).map(([code, { rpc, meaning }]) => [
          `\`${code}\``,
          `\`${Code[rpc]}\``,
          meaning,
        ]),
      ),
      table(
        'stigmer-server: access and limits',
        'What a call is refused with before anything else looks at it. See [access](access.md).',
        ['code', 'RPC code', 'meaning'],
        Object.entries(ACCESS_ERROR_CODES).map(([code, { rpc, meaning }]) => [
          `\`${code}\``,
          `\`${Code[rpc]}\``,
          meaning,
        ]),
      ),
      table(
        'Runs of agents',
        'Failure types that the server gives to a run, in `status.failure.type` and in the caller’s ' +
          '`ApplicationFailure`. A program, or a runner of your own, may name a type of its own.',
        ['type', 'meaning'],
        Object.entries(stigmer.FAILURE_TYPES).map(([type, meaning]) => [`\`${type}\``, meaning]),
      ),
      table(
        'zigflow-worker',
        'Failure types that the worker itself gives to workflows.',
        ['type', 'meaning'],
        Object.entries(zigflow.FAILURE_TYPES).map(([type, meaning]) => [`\`${type}\``, meaning]),
      ),
    ),
};

function page(title: string, introduction: string, ...sections: readonly string[]): string {
  const head = `<!-- Made by \`pnpm generate\` from the code. Change the code, not this page. -->\n\n# ${title}\n\n${introduction}\n`;
  return `${[head, ...sections].join('\n').trimEnd()}\n`;
}

function table(
  title: string,
  introduction: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    `## ${title}`,
    '',
    introduction,
    '',
    line(head),
    `|${'---|'.repeat(head.length)}`,
    ...rows.map(line),
    '',
  ].join('\n');
}
