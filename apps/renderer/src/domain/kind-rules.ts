import { kindOf, SET_RULES } from '@signalbox/contracts';
import type { MergeRules } from './part-content.js';
import { validateProposed } from './proposable.js';

/** What this version knows about kinds, as the merge asks it. */
export const KIND_RULES: MergeRules = {
  validate: validateProposed,
  checkReferences: (resource, lookup) =>
    kindOf(resource.apiVersion, resource.kind)?.checkReferences?.(resource, lookup) ?? [],
  setRules: SET_RULES,
};
