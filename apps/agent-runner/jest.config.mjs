import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'agent-runner', testTimeout: 60_000 };
