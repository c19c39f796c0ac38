import { INSTALLED_API_DIR } from '../../../dataplane-agent/src/drivers/vpp/api/installed-description.js';
import type { CheckStep } from '../../../dataplane-agent/src/drivers/vpp/check/check-step.js';
import { checkVpp } from '../../../dataplane-agent/src/drivers/vpp/check/check-vpp.js';
import { EXIT } from '../exit-codes.js';
import type { Format } from '../output/format.js';
import type { Column } from '../output/table.js';
import type { Session } from '../session.js';

interface CheckPlace {
  readonly output: Format;
  readonly socket?: string;
  readonly apiDir?: string;
  /** Seconds. */
  readonly wait: number;
}

const DEFAULT_SOCKET = '/run/vpp/api.sock';

const COLUMNS: readonly Column<CheckStep>[] = [
  { title: 'STEP', value: ({ step }) => step },
  { title: 'RESULT', value: ({ result }) => result },
  { title: 'FOUND', value: ({ found }) => found },
  { title: 'NEXT', value: ({ todo }) => todo },
];

/** Prints each step. Ends with 1 when one is not ok, and with 6 when VPP cannot be reached at all. */
export async function checkDataplane(
  session: Session,
  { output, socket, apiDir, wait }: CheckPlace,
): Promise<void> {
  const { env } = session.terminal;
  const steps: CheckStep[] = [];
  for await (const step of checkVpp({
    socket: socket ?? (env['SIGNALBOX_VPP_API_SOCKET'] || DEFAULT_SOCKET),
    apiDir: apiDir ?? (env['SIGNALBOX_VPP_API_DIR'] || INSTALLED_API_DIR),
    deadline: { deadlineMs: wait * 1000 },
  }))
    steps.push(step);
  await session.printRows(steps, COLUMNS, output);
  const wrong = steps.filter(({ result }) => result !== 'ok');
  if (wrong.length === 0) return session.note('the driver vpp can use this VPP; nothing was changed');
  session.exitCode = steps.some(({ step, result }) => step === 'socket' && result === 'missing')
    ? EXIT.unreachable
    : EXIT.failure;
  session.note(`${wrong.length} of ${steps.length} steps are not ok; nothing was changed`);
}
