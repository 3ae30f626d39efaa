import preset from '../jest.preset.mjs';

// One test builds what is not built, and starts real processes: on a busy machine that alone takes minutes.
export default { ...preset, displayName: 'bench', testTimeout: 240_000 };
