import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '@signalbox/contracts';
import { SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { type AuditKey, auditKey } from './seal-chain.js';

/**
 * `<stateDir>/audit.key`, readable by its owner only: one key in hex on each line, of 32 bytes. The first seals; the others stay for what they
 * sealed. A site without the file gets one. ADR 0047.
 */
@Injectable()
export class AuditKeys {
  private known: readonly AuditKey[] | undefined;

  constructor(@Inject(SITE_CONFIG) private readonly config: SiteConfig) {}

  /** Newest first, at least one. Throws `secret-missing` for a file that holds no keys. */
  get all(): readonly AuditKey[] {
    return (this.known ??= this.read());
  }

  private read(): AuditKey[] {
    const path = join(this.config.stateDir, 'audit.key');
    mkdirSync(this.config.stateDir, { recursive: true });
    try {
      // whoever makes the file first has the key: another process of the site reads it
      writeFileSync(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    if (lines.length > 0 && lines.every((line) => /^[0-9a-f]{64}$/.test(line)))
      return lines.map((line) => auditKey(Buffer.from(line, 'hex')));
    throw new CodedError(
      'secret-missing',
      `${path} must hold keys of 64 hex digits, one on each line: put back the one that was there`,
    );
  }
}
