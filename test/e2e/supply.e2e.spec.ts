import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { CHECKOUT, runCommand, tellNotRun } from '@signalbox/testing';
import { otherLicences } from '../../scripts/package/licences.mjs';
import { productionPackages } from '../../scripts/package/manifest.mjs';
import { softwareBill } from '../../scripts/package/sbom.mjs';

jest.setTimeout(180_000);

/** Asking a registry that does not answer shall not take minutes. */
const ASK_ONCE = ['--fetch-retries=0', '--fetch-timeout=30000'];

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly license?: string }>>;
}

describe('what Signalbox is made of', () => {
  it('is told as CycloneDX: every package that runs, once, with its version, address and licence', async () => {
    const lock = JSON.parse(await readFile(join(CHECKOUT, 'package-lock.json'), 'utf8')) as Lock;
    const bill = softwareBill();
    expect(bill).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      serialNumber: expect.stringMatching(
        /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      metadata: { component: { name: 'signalbox', type: 'application' } },
    });
    // without a git the time of the sources is now
    expect({ ...softwareBill(), metadata: bill.metadata }).toEqual(bill);
    const listed = bill.components.map(({ name, version }) => `${name}@${version}`);
    expect(new Set(listed).size).toBe(listed.length);
    const wanted = productionPackages(lock).map(
      (place) => `${place.replace(/^.*node_modules\//, '')}@${lock.packages[place]!.version}`,
    );
    expect(listed.sort()).toEqual([...new Set(wanted)].sort());
    for (const { name, purl, licenses } of bill.components) {
      expect([name, purl]).toEqual([name, expect.stringMatching(/^pkg:npm\/.+@\d/)]);
      expect([name, licenses?.length]).toEqual([name, expect.any(Number)]);
    }
    const refs = new Set([...bill.components, bill.metadata.component].map((one) => one['bom-ref']));
    for (const { ref, dependsOn = [] } of bill.dependencies)
      for (const one of [ref, ...dependsOn]) expect([one, refs.has(one)]).toEqual([one, true]);
    expect(otherLicences(lock)).toEqual([]);
  });

  it('has no known vulnerability that is high, as far as the registry answers', async () => {
    const { code, stdout, stderr } = await runCommand(
      'npm',
      ['audit', '--omit=dev', '--audit-level=high', '--json', ...ASK_ONCE],
      { cwd: CHECKOUT },
    );
    const report = readReport(stdout);
    if (report?.metadata === undefined) {
      const why = /npm (?:error|warn) (?:audit )?(.*\S)/.exec(stderr)?.[1] ?? 'it does not answer';
      return tellNotRun(
        'UNPROVED: known vulnerabilities (npm audit)',
        `the registry has no audit here: ${why}`,
      );
    }
    const { high, critical } = report.metadata.vulnerabilities;
    expect({ code, high, critical, found: Object.keys(report.vulnerabilities) }).toMatchObject({
      code: 0,
      high: 0,
      critical: 0,
    });
  });
});

interface AuditReport {
  readonly metadata?: { readonly vulnerabilities: { readonly high: number; readonly critical: number } };
  readonly vulnerabilities: Readonly<Record<string, unknown>>;
}

function readReport(text: string): AuditReport | undefined {
  try {
    return JSON.parse(text) as AuditReport;
  } catch {
    return undefined;
  }
}
