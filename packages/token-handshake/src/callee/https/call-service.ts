import { type DescMessage, fromJson, type JsonValue, type MessageShape } from '@bufbuild/protobuf';
import type { PostAnswer } from './post-json.ts';

/**
 * What a call of the caller's service came to. `failed` is an error that the service meant, by its RPC code and its
 * `error-code`; it acted on nothing then.
 */
export type ServiceAnswer<T> =
  | { readonly kind: 'ok'; readonly message: T }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly errorCode: string | undefined;
      readonly detail: string;
    }
  | Exclude<PostAnswer, { readonly kind: 'answered' }>;

/** Words of the other side are kept with the call, so they are bounded. */
const MAX_DETAIL_CHARACTERS = 500;

/** Reads an answer of Connect's unary protocol. https://connectrpc.com/docs/protocol#unary-request-response-rpcs */
export function readServiceAnswer<Desc extends DescMessage>(
  schema: Desc,
  answer: PostAnswer,
): ServiceAnswer<MessageShape<Desc>> {
  if (answer.kind !== 'answered') return { ...answer, detail: bounded(answer.detail) };
  const { status, body, errorCode } = answer;
  if (status !== 200) {
    const { code, message } = (body ?? {}) as { readonly code?: unknown; readonly message?: unknown };
    if (typeof code !== 'string') return { kind: 'silent', detail: `its answer (${status}) is no RPC error` };
    const detail = bounded(typeof message === 'string' && message !== '' ? message : code);
    return { kind: 'failed', code, errorCode, detail };
  }
  try {
    // Names of enums that are newer than this callee read as UNSPECIFIED.
    return { kind: 'ok', message: fromJson(schema, body as JsonValue, { ignoreUnknownFields: true }) };
  } catch {
    return { kind: 'silent', detail: `its answer is no ${schema.typeName}` };
  }
}

/** Bounds what the other side said. */
export function bounded(text: string): string {
  return text.slice(0, MAX_DETAIL_CHARACTERS);
}
