import { type Session, SessionSchema, SessionTurnSchema } from '@token-handshake/proto/session';
import type { Clients } from '../clients.ts';
import { type Output, showList } from '../output/output.ts';
import { age, cut, phaseWord } from '../output/words.ts';
import { pages } from '../pages.ts';

/** `sessions list`: the newest first. */
export async function listSessions(
  { sessions }: Clients,
  output: Output,
  { tag = [], limit }: { readonly tag?: readonly string[]; readonly limit: number },
): Promise<void> {
  const found = await pages(({ pageToken }) => sessions.list({ pageToken, tags: [...tag] }), limit);
  const now = Date.now();
  showList(output, SessionSchema, found, {
    id: ({ metadata }: Session) => metadata?.id ?? '',
    subject: ({ spec }) => cut(spec?.subject ?? '', 40),
    agent: ({ spec }) => spec?.agentInstanceId ?? '',
    age: ({ status }) => age(status?.audit?.specAudit?.createdAt, now),
  });
}

/** `sessions get`: what was said in it, the oldest first. */
export async function getSession({ sessions }: Clients, output: Output, id: string): Promise<void> {
  const turns = await pages(({ pageToken }) => sessions.listTurns({ sessionId: id, pageToken }));
  showList(output, SessionTurnSchema, turns, {
    execution: ({ executionId }) => executionId,
    phase: ({ phase }) => phaseWord(phase),
    asked: ({ messages }) => cut(messages[0]?.content ?? '', 40),
    answered: ({ messages }) => cut(messages.length > 1 ? (messages.at(-1)?.content ?? '') : '', 60),
  });
}
