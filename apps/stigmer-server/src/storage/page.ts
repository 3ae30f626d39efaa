/** Which part of a list is asked for. */
export interface PageRequest {
  /** Entries a page, at least 1. A page of large entries ends earlier. */
  readonly size: number;
  /** The id of the last entry of the page before; absent for the first page. */
  readonly after?: string;
}

/** A part of a list. */
export interface Page<T> {
  readonly entries: readonly T[];
  /** How many pages of this size the whole list has, more when entries are large; 0 when it is empty. */
  readonly totalPages: number;
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

/** A page ends before this many bytes, so that it stays well below the 4 MiB that gRPC clients usually take. */
const MAX_PAGE_BYTES = 2 * 1024 * 1024;
/** Rows that are read at a time: each may be large. */
const ROWS_A_READ = 32;

/** How {@link readPage} gets its entries. */
export interface PageSource<Row, T> {
  /** Entries of the whole list. */
  readonly total: number;
  /** Gives rows in the list's order, from behind the one with the id `after`. */
  read(after: string | undefined, limit: number): Promise<readonly Row[]>;
  id(row: Row): string;
  entry(row: Row): T;
  bytes(entry: T): number;
}

/** Reads a page: as many entries as asked for or as its bytes allow, and at least one where there is one. */
export async function readPage<Row, T>(
  { size, after }: PageRequest,
  source: PageSource<Row, T>,
): Promise<Page<T>> {
  const totalPages = Math.ceil(source.total / size);
  const entries: T[] = [];
  let bytes = 0;
  let last = after;
  for (;;) {
    const limit = Math.min(ROWS_A_READ, size + 1 - entries.length);
    const rows = await source.read(last, limit);
    for (const row of rows) {
      const entry = source.entry(row);
      bytes += source.bytes(entry);
      const full = entries.length === size || (entries.length > 0 && bytes > MAX_PAGE_BYTES);
      if (full && last !== undefined) return { entries, totalPages, next: last };
      entries.push(entry);
      last = source.id(row);
    }
    if (rows.length < limit) return { entries, totalPages };
  }
}
