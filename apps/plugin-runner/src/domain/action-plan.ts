import type { ActionPlan } from '@signalbox/contracts';
import {
  isAbsent,
  optionalList,
  optionalText,
  requiredObject,
  requiredText,
  requiredWord,
  textMap,
} from './fields.js';
import type { Problems } from './problems.js';

const PROVIDERS = ['aws', 'azure', 'oci', 'gcp'] as const;
const RISK_LEVELS = ['low', 'medium', 'high'] as const;

/** The canonical verbs. Reference 8.1. */
export const PLAN_ACTIONS = [
  'assign-secondary-ip',
  'unassign-secondary-ip',
  'assign-route-table-route',
  'unassign-route-table-route',
  'ensure-forwarding-enabled',
  'ensure-forwarding-disabled',
] as const;
type PlanAction = (typeof PLAN_ACTIONS)[number];

/**
 * One action plan of a result: the proposal of a provider operation, inert until policy and approval let an
 * executor run it. Rules of reference 8.1; preconditions are shown to people and never evaluated.
 * Wrong fields are reported under `pointer` (for example `/status/actionPlans/0/target/nicRef`).
 */
export function readActionPlan(input: unknown, pointer: string, problems: Problems): ActionPlan | undefined {
  const plan = requiredObject(input, pointer, problems);
  if (plan === undefined) return undefined;

  const name = requiredText(plan['name'], `${pointer}/name`, problems);
  const provider = requiredWord(plan['provider'], PROVIDERS, `${pointer}/provider`, problems);
  const action = requiredWord(plan['action'], PLAN_ACTIONS, `${pointer}/action`, problems);
  const target = textMap(plan['target'], `${pointer}/target`, problems);
  const parameters = textMap(plan['parameters'], `${pointer}/parameters`, problems);
  const mode = readMode(plan['mode'], `${pointer}/mode`, problems);
  const riskLevel =
    isAbsent(plan['riskLevel']) || plan['riskLevel'] === ''
      ? undefined
      : requiredWord(plan['riskLevel'], RISK_LEVELS, `${pointer}/riskLevel`, problems);
  const providerRef = optionalText(plan['providerRef'], `${pointer}/providerRef`, problems);
  const description = optionalText(plan['description'], `${pointer}/description`, problems);
  const idempotencyKey = optionalText(plan['idempotencyKey'], `${pointer}/idempotencyKey`, problems);
  const preconditions = readPreconditions(plan['preconditions'], `${pointer}/preconditions`, problems);
  const expectedEffects = optionalList(
    plan['expectedEffects'],
    `${pointer}/expectedEffects`,
    problems,
  ).flatMap((effect, at) => requiredText(effect, `${pointer}/expectedEffects/${at}`, problems) ?? []);
  const undo = readUndo(plan['undo'], `${pointer}/undo`, problems);
  if (action !== undefined) checkTarget(action, target, parameters, `${pointer}/target`, problems);

  if (name === undefined || provider === undefined || action === undefined) return undefined;
  return {
    name,
    provider,
    action,
    target,
    ...(providerRef !== undefined && { providerRef }),
    ...(mode !== undefined && { mode }),
    ...(description !== undefined && { description }),
    ...(riskLevel !== undefined && { riskLevel }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
    ...(preconditions.length > 0 && { preconditions }),
    ...(expectedEffects.length > 0 && { expectedEffects }),
    ...(undo !== undefined && { undo }),
  };
}

function readMode(input: unknown, pointer: string, problems: Problems): ActionPlan['mode'] {
  if (isAbsent(input)) return undefined;
  if (input === '' || input === 'dry-run') return input;
  problems.add(
    pointer,
    input === 'execute'
      ? 'must be dry-run: a plugin only proposes; an approved action is executed by the actions service'
      : 'must be dry-run or left out',
  );
  return undefined;
}

function readPreconditions(
  input: unknown,
  pointer: string,
  problems: Problems,
): readonly Readonly<Record<string, unknown>>[] {
  return optionalList(input, pointer, problems).flatMap((item, at) => {
    const precondition = requiredObject(item, `${pointer}/${at}`, problems);
    if (precondition === undefined) return [];
    requiredText(precondition['name'], `${pointer}/${at}/name`, problems);
    return [precondition];
  });
}

function readUndo(input: unknown, pointer: string, problems: Problems): ActionPlan['undo'] {
  if (isAbsent(input)) return undefined;
  const undo = requiredObject(input, pointer, problems);
  if (undo === undefined) return undefined;
  const action = requiredWord(undo['action'], PLAN_ACTIONS, `${pointer}/action`, problems);
  const parameters = textMap(undo['parameters'], `${pointer}/parameters`, problems);
  if (action === undefined) return undefined;
  return { action, ...(Object.keys(parameters).length > 0 && { parameters }) };
}

function checkTarget(
  action: PlanAction,
  target: Readonly<Record<string, string>>,
  parameters: Readonly<Record<string, string>>,
  pointer: string,
  problems: Problems,
): void {
  for (const field of neededOfTarget(action, target['captureStrategy'] ?? parameters['captureStrategy'])) {
    if ((target[field] ?? '').trim() === '') problems.add(`${pointer}/${field}`, `is required for ${action}`);
  }
}

function neededOfTarget(action: PlanAction, captureStrategy: string | undefined): readonly string[] {
  switch (action) {
    case 'assign-secondary-ip':
    case 'unassign-secondary-ip':
      return captureStrategy === 'route-table'
        ? ['address', 'nicRef', 'routeTableRef']
        : ['address', 'nicRef'];
    case 'assign-route-table-route':
    case 'unassign-route-table-route':
      return ['address', 'routeTableRef', 'nicRef'];
    case 'ensure-forwarding-enabled':
    case 'ensure-forwarding-disabled':
      return [];
  }
}
