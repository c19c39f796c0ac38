import type { Directive } from '@signalbox/contracts';
import { optionalText, requiredObject, requiredText } from './fields.js';
import type { Problems } from './problems.js';
import { shorten } from './short-text.js';

/** One directive of a result: a mask with its whole target (reference 6.5). Whether it is allowed is the renderer's to say. */
export function readDirective(input: unknown, pointer: string, problems: Problems): Directive | undefined {
  const directive = requiredObject(input, pointer, problems);
  if (directive === undefined) return undefined;
  if (directive['op'] !== 'mask') problems.add(`${pointer}/op`, 'must be mask');
  const reason = optionalText(directive['reason'], `${pointer}/reason`, problems);
  const target = requiredObject(directive['target'], `${pointer}/target`, problems);
  if (target === undefined) return undefined;
  const apiVersion = requiredText(target['apiVersion'], `${pointer}/target/apiVersion`, problems);
  const kind = requiredText(target['kind'], `${pointer}/target/kind`, problems);
  const name = requiredText(target['name'], `${pointer}/target/name`, problems);
  const project = optionalText(target['project'], `${pointer}/target/project`, problems);
  if (apiVersion === undefined || kind === undefined || name === undefined) return undefined;
  return {
    op: 'mask',
    target: { apiVersion, kind, ...(project !== undefined && { project }), name },
    ...(reason !== undefined && { reason: shorten(reason) }),
  };
}
