/** An answer of a list. */
interface Listed<T> {
  readonly entries?: readonly T[];
  readonly nextPageToken: string;
}

/** Reads a list to its end, or until there are `most` entries. */
export async function pages<T>(
  read: (page: { readonly pageToken: string }) => Promise<Listed<T>>,
  most = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const all: T[] = [];
  let pageToken = '';
  do {
    const { entries = [], nextPageToken } = await read({ pageToken });
    all.push(...entries);
    pageToken = nextPageToken;
  } while (pageToken !== '' && all.length < most);
  return all.slice(0, most);
}
