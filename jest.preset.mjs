import { fileURLToPath } from 'node:url';

// One Jest configuration for every package: native ESM, TypeScript sources as they are.
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'import', 'default'] },
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
