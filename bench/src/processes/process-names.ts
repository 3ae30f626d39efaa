/** The processes whose cost is measured, in the order in which a call meets them. The measuring one is none. */
export const processNames = ['temporal', 'zigflow', 'stigmer', 'caller', 'callee', 'agent'] as const;

/** One of {@link processNames}. */
export type ProcessName = (typeof processNames)[number];

/** The processes that are the bench's own. */
export type OwnProcessName = Extract<ProcessName, 'caller' | 'callee' | 'agent'>;
