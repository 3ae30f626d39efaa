import { StigmerError } from '../stigmer-error.ts';
import type { Page, PageRequest } from '../storage/page.ts';

/** What a request without a page size gets. */
const DEFAULT_PAGE_SIZE = 50;
const PREFIX = 'after:';

/**
 * Reads paging fields of a request.
 *
 * @throws StigmerError `PAGE_TOKEN_INVALID`
 */
export function pageRequest({ pageSize, pageToken }: { pageSize: number; pageToken: string }): PageRequest {
  const size = pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize;
  return pageToken === '' ? { size } : { size, after: afterOf(pageToken) };
}

/** The paging fields of an answer. */
export function pageFields({ totalPages, next }: Page<unknown>): {
  totalPages: number;
  nextPageToken: string;
} {
  return { totalPages, nextPageToken: pageToken(next) };
}

/** The token for the page behind this entry; empty when there is none. */
export function pageToken(next: string | undefined): string {
  return next === undefined ? '' : Buffer.from(PREFIX + next).toString('base64url');
}

function afterOf(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (text.startsWith(PREFIX)) return text.slice(PREFIX.length);
  throw new StigmerError(
    'PAGE_TOKEN_INVALID',
    'expected page_token to be empty, or the next_page_token of the page before',
  );
}
