import type { Check, CheckStatus } from '../../../api/src/domain/doctor/check.js';
import type { RemediationAction } from '../../../api/src/domain/doctor/remediation.js';
import type { DoctorReport } from '../../../api/src/domain/doctor/report.js';
import { padTo, plain } from '../output/cell.js';
import type { Paint } from '../output/colour.js';

const COLOURS = { pass: 'green', warn: 'yellow', fail: 'red', skip: 'bold' } as const;

/** How everything is: what is not well line by line with what to do, what is well as a count, unless all is wanted. */
export function doctorText(report: DoctorReport, format: 'table' | 'wide', paint: Paint): string {
  const { checks, summary, remediationPlan } = report;
  const lines: string[] = [];
  for (const area of new Set(checks.map((check) => check.area))) {
    const ofArea = checks.filter((check) => check.area === area);
    const shown = format === 'wide' ? ofArea : ofArea.filter(isBad);
    const quiet = ofArea.length - shown.length;
    if (shown.length === 0) lines.push(`${statusText(best(ofArea), paint)} ${area}: ${countText(ofArea)}`);
    else lines.push(...shown.flatMap((check) => checkLines(check, paint)));
    if (shown.length > 0 && quiet > 0) lines.push(`${padTo('', 4)} ${area}: ${quiet} more are well`);
  }
  const { overall, pass, warn, fail, skip } = summary;
  lines.push('', `${statusText(overall, paint)} ${fail} fail, ${warn} warn, ${pass} pass, ${skip} skipped`);
  if (remediationPlan) lines.push('', ...planLines(remediationPlan.actions));
  return `${lines.join('\n')}\n`;
}

function checkLines({ status, area, name, detail, remedy }: Check, paint: Paint): string[] {
  const line = `${statusText(status, paint)} ${area}: ${plain(name)}: ${plain(detail)}`;
  return remedy === undefined ? [line] : [line, `${padTo('', 4)} next: ${plain(remedy)}`];
}

function planLines(actions: readonly RemediationAction[]): string[] {
  if (actions.length === 0) return ['Nothing is to be done.'];
  return [
    'What to do:',
    ...actions.flatMap(({ action, reason, safe, targetPeer, targetGroup, targetResource, command }) => {
      const target = [targetGroup, targetPeer, targetResource].filter((one) => one !== undefined).join(' ');
      const how = safe ? 'safe' : 'needs approval';
      return [
        `- ${action} ${plain(target)} (${how})`,
        `    ${plain(reason)}`,
        ...(command === undefined ? [] : [`    ${plain(command)}`]),
      ];
    }),
  ];
}

function isBad({ status }: Check): boolean {
  return status === 'warn' || status === 'fail';
}

function best(checks: readonly Check[]): CheckStatus {
  return checks.some(({ status }) => status === 'pass') ? 'pass' : 'skip';
}

function countText(checks: readonly Check[]): string {
  const skipped = checks.filter(({ status }) => status === 'skip').length;
  const well = checks.length - skipped;
  return skipped === 0 ? `${well} well` : `${well} well, ${skipped} skipped`;
}

function statusText(status: CheckStatus, paint: Paint): string {
  return paint(COLOURS[status], padTo(status, 4));
}
