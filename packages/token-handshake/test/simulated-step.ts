/** Something in one call's world that may happen next. */
export interface Step {
  readonly name: string;
  /** A fault, or somebody's wish; otherwise what happens by itself. */
  readonly fault: boolean;
  run(): Promise<void>;
}

/** What happens by itself. */
export function own(name: string, run: () => void | Promise<void>): Step {
  return { name, fault: false, run: async () => run() };
}

/** What need not happen. */
export function fault(name: string, run: () => void | Promise<void>): Step {
  return { name, fault: true, run: async () => run() };
}
