import type { NodePolicy, NodeRule, RuleCompare } from '@signalbox/contracts';
import { quoted } from './quoted.js';

const MATCH: Readonly<Record<RuleCompare, string>> = {
  'equal-to': 'str',
  'starts-with': 'beg',
  'ends-with': 'end',
  contains: 'sub',
  regex: 'reg',
};

/**
 * The lines of policies, in the order in which HAProxy asks them: it ends at the first one that matches. Each rule is an ACL of its own
 * line, because a line has at most 64 words.
 */
export function policyLines(policies: readonly NodePolicy[]): string[] {
  const rules = policies.flatMap((policy, at) =>
    policy.rules.map((rule, number) => ruleLine(rule, nameOf(at, number))),
  );
  const actions = policies.map((policy, at) => {
    const condition = policy.rules.map(({ invert }, number) => `${invert ? '!' : ''}${nameOf(at, number)}`);
    return `http-request ${actionWords(policy)} if ${condition.join(' ')}`;
  });
  return [...rules, ...actions];
}

function nameOf(policy: number, rule: number): string {
  return `p${policy}r${rule}`;
}

function ruleLine(rule: NodeRule, name: string): string {
  return `acl ${name} ${sampleOf(rule)} -m ${MATCH[rule.compare]} -- ${quoted(rule.value)}`;
}

/** What is compared. Of a header and a cookie that come several times each is, a header as a whole. */
function sampleOf({ type, key = '' }: NodeRule): string {
  switch (type) {
    case 'host-name':
      return 'req.hdr(host),host_only -i';
    case 'path':
      return 'path';
    case 'header':
      return `req.fhdr(${key})`;
    case 'cookie':
      return `req.cook(${key})`;
    case 'file-type':
      return 'path,word(-1,.) -i';
  }
}

function actionWords(policy: NodePolicy): string {
  switch (policy.action) {
    case 'reject':
      return 'deny deny_status 403';
    case 'redirect-to-url':
      return `redirect location ${formatWord(policy.url)} code ${policy.code}`;
    case 'redirect-prefix':
      return `redirect prefix ${formatWord(policy.prefix.replace(/\/+$/, ''))} code ${policy.code}`;
  }
}

/** A word of which HAProxy would evaluate what stands behind `%`. */
function formatWord(word: string): string {
  return quoted(word.replaceAll('%', '%%'));
}
