import type { NodePolicy, NodeRule } from '@signalbox/contracts';
import { cellText } from '../output/cell.js';
import { indented } from '../output/details.js';

/** The policies of a listener in the order in which they are asked, each with its rules; nothing when there are none. */
export function policiesText(policies: readonly NodePolicy[] = []): string {
  if (policies.length === 0) return '';
  const lines = policies.flatMap((policy) => [
    `${cellText(policy.name)}  ${cellText(actionText(policy))}`,
    ...policy.rules.map((rule, at) => `  ${at === 0 ? 'if' : 'and'} ${cellText(ruleText(rule))}`),
  ]);
  return `policies\n${indented(lines.join('\n'), '  ')}`;
}

function actionText(policy: NodePolicy): string {
  switch (policy.action) {
    case 'reject':
      return policy.action;
    case 'redirect-to-url':
      return `${policy.action} ${policy.url} (${policy.code})`;
    case 'redirect-prefix':
      return `${policy.action} ${policy.prefix} (${policy.code})`;
    case 'redirect-to-pool':
      return `${policy.action} ${policy.pool}`;
  }
}

function ruleText({ type, key, compare, value, invert }: NodeRule): string {
  const what = key === undefined ? type : `${type} ${key}`;
  return `${invert ? 'not ' : ''}${what} ${compare} ${JSON.stringify(value)}`;
}
