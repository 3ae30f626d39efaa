import preset from '../../jest.preset.mjs';

// Some tests start real processes: on a busy machine that alone takes tens of seconds.
export default { ...preset, displayName: 'local', testTimeout: 240_000 };
