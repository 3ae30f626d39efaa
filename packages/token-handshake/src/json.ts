/** A value that JSON can carry. What crosses the handshake is JSON, so that any language can take part. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { [key: string]: JsonValue };
