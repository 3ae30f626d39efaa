export * from './clock.ts';
export * from './error-codes.ts';
export * from './handshake-error.ts';
export * from './ids.ts';
export * from './json.ts';
export * from './outcome.ts';
export * from './verdict.ts';
