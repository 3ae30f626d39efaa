import preset from '../../jest.preset.mjs';

// One test builds what is not built and then runs hundreds of calls under faults, on a busy machine.
export default { ...preset, displayName: 'chaos', testTimeout: 900_000 };
