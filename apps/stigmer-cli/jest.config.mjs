import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'stigmer-cli', testTimeout: 60_000 };
