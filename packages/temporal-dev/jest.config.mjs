import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'temporal-dev',
  // Jest itself adds `import` or `require`, as each module is asked for. With `import` for all, the Temporal
  // client's `require('long')` gets an ES module, and describing a workflow fails.
  testEnvironmentOptions: { customExportConditions: ['source', 'node'] },
};
