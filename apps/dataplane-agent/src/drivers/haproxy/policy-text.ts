import type { NodePolicy, NodeRule, RuleCompare } from '@signalbox/contracts';
import { quoted } from './quoted.js';

const MATCH: Readonly<Record<RuleCompare, string>> = {
  'equal-to': 'str',
  'starts-with': 'beg',
  'ends-with': 'end',
  contains: 'sub',
  regex: 'reg',
};

/** Variable of a request: the section of the pool that a policy sends it to. */
const CHOSEN = 'txn.pool';

/**
 * The lines of policies, in the order in which HAProxy asks them: it ends at the first one that answers itself, and after the first one
 * that chooses a pool no other does. Each rule is an ACL of its own line, because a line has at most 64 words.
 */
export function policyLines(policies: readonly NodePolicy[], sectionOf: (pool: string) => string): string[] {
  const rules = policies.flatMap((policy, at) =>
    policy.rules.map((rule, number) => ruleLine(rule, nameOf(at, number))),
  );
  const actions = policies.map((policy, at) => {
    const condition = policy.rules.map(({ invert }, number) => `${invert ? '!' : ''}${nameOf(at, number)}`);
    if (policy.action === 'redirect-to-pool') condition.unshift(`!{ var(${CHOSEN}) -m found }`);
    return `http-request ${actionWords(policy, sectionOf)} if ${condition.join(' ')}`;
  });
  return [...rules, ...actions];
}

/**
 * The lines that send requests to the sections that policies chose. They are asked after all other rules, when our own headers are
 * added: that is why the choice is made before.
 */
export function choiceLines(sections: readonly string[]): string[] {
  return sections.map((section) => `use_backend ${section} if { var(${CHOSEN}) -m str ${section} }`);
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

function actionWords(policy: NodePolicy, sectionOf: (pool: string) => string): string {
  switch (policy.action) {
    case 'reject':
      return 'deny deny_status 403';
    case 'redirect-to-url':
      return `redirect location ${formatWord(policy.url)} code ${policy.code}`;
    case 'redirect-prefix':
      return `redirect prefix ${formatWord(policy.prefix.replace(/\/+$/, ''))} code ${policy.code}`;
    case 'redirect-to-pool':
      return `set-var(${CHOSEN}) str(${sectionOf(policy.pool)})`;
  }
}

/** A word of which HAProxy would evaluate what stands behind `%`. */
function formatWord(word: string): string {
  return quoted(word.replaceAll('%', '%%'));
}
