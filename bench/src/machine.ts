import { cpus, type as platform, release, totalmem } from 'node:os';
import type { Results } from './results.ts';

/** What the figures were made on. */
export function describeMachine(): Omit<Results['machine'], 'loadAverage'> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: `${platform()} ${release()}`,
    node: process.versions.node,
  };
}
