import { fileURLToPath } from 'node:url';

const besideThis = (file) => fileURLToPath(new URL(file, import.meta.url));

// One Jest configuration for every package: native ESM, TypeScript sources as they are.
export default {
  testEnvironment: 'node',
  // Jest adds 'import' or 'require' itself; to name them here would give CommonJS callers ES modules.
  testEnvironmentOptions: { customExportConditions: ['@token-handshake/source', 'node'] },
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
  setupFiles: [besideThis('jest.node-errors.mjs')],
  reporters: ['default', besideThis('jest.counts-reporter.mjs')],
  maxWorkers: 2,
  testTimeout: 30_000,
};
