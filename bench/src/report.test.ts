import { describe, expect, test } from '@jest/globals';
import { exampleResults } from './example-results.suite.ts';
import { renderReport } from './report.ts';

describe('the report', () => {
  test('names both configurations of the server, every shape, the ratios, and the plots', () => {
    const report = renderReport(exampleResults());
    expect(report).toContain('history.transferProcessorMaxPollRPS=5000');
    expect(report).toMatch(/\| handshake \/ nexus +\| +0\.80 \| +0\.80 \| +0\.80 \| +1\.25 \| +0\.90 \|/);
    expect(report).toContain('![cpu.svg](cpu.svg)');
    expect(report).not.toContain('What failed');
  });

  test('says that a server has its defaults, and which calls failed', () => {
    const results = exampleResults();
    results.servers.default.temporalServer.dynamicConfig = [];
    Object.assign(results.servers.default.shapes.nexus.single, { failed: 1, failures: ['no answer'] });
    const report = renderReport(results);
    expect(report).toContain("dynamic configuration: Temporal's defaults");
    expect(report).toContain('- nexus on default: 1 failed: no answer');
  });

  test('says so where a platform does not tell what processes use', () => {
    const results = exampleResults();
    const { cpuMsPerCall } = results.servers.tuned.shapes.limit.loaded;
    Object.assign(cpuMsPerCall, { zigflow: null });
    expect(renderReport(results)).toMatch(/\| limit .* 10\.0 \| +- \| +10\.0 /);
    Object.assign(cpuMsPerCall, { total: null });
    expect(renderReport(results)).toMatch(/\| limit .*(\| +unknown ){7}\|/);
  });

  test('has a dash for what is not known', () => {
    const results = exampleResults();
    Object.assign(results.servers.tuned.shapes.child.single, { wallMs: null });
    expect(renderReport(results)).toMatch(/\| child +\| +2 \| +0 \| +- \| +- \| +- \|/);
  });
});
