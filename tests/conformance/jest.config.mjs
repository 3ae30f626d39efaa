import preset from '../../jest.preset.mjs';

// Each test starts real processes: on a busy machine that alone takes tens of seconds.
export default { ...preset, displayName: 'conformance', testTimeout: 180_000 };
