/** Passes a stream through and calls `ended` once: at its end, when it fails, or when its reader leaves. */
export async function* observeEnd<Item>(
  stream: AsyncIterable<Item>,
  ended: (error?: unknown) => void,
): AsyncGenerator<Item> {
  let failure: unknown;
  try {
    yield* stream;
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    ended(failure);
  }
}
