/** Which part of a list is asked for. */
export interface PageRequest {
  /** Entries a page, at least 1. */
  readonly size: number;
  /** The id of the last entry of the page before; absent for the first page. */
  readonly after?: string;
}

/** A part of a list. */
export interface Page<T> {
  readonly entries: readonly T[];
  /** How many pages of this size the whole list has; 0 when it is empty. */
  readonly totalPages: number;
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

/** Makes a page of rows that were asked for with a limit of `size + 1`. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  size: number,
  total: number,
  { entry, id }: { entry: (row: Row) => T; id: (row: Row) => string },
): Page<T> {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  return {
    entries: shown.map(entry),
    totalPages: Math.ceil(total / size),
    ...(rows.length > size && last !== undefined && { next: id(last) }),
  };
}
