import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'service-kit', setupFiles: ['<rootDir>/jest.node-errors.mjs'] };
