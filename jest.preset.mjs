import { fileURLToPath } from 'node:url';

// One Jest configuration for every package: native ESM, TypeScript sources as they are.
export default {
  testEnvironment: 'node',
  // Jest adds 'import' or 'require' itself; to name them here would give CommonJS callers ES modules.
  testEnvironmentOptions: { customExportConditions: ['source', 'node'] },
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: false } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  reporters: ['default', fileURLToPath(new URL('jest.counts-reporter.mjs', import.meta.url))],
  maxWorkers: 2,
  testTimeout: 30_000,
};
