import { AuditController } from './audit.controller.js';
import { AuditKeys } from './audit-keys.js';
import { AuditReader } from './audit.reader.js';
import { RefusedReader } from './refused.reader.js';
import { Sealer } from './sealer.js';

/** What `api` has for the audit. ADR 0047. */
export const AUDIT_CONTROLLERS = [AuditController];
export const AUDIT_PROVIDERS = [AuditKeys, AuditReader, RefusedReader, Sealer];
