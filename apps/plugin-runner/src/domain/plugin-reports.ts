import { CodedError, type FieldError } from '@signalbox/contracts';
import { optionalList, optionalText, requiredObject, requiredWord } from './fields.js';
import type { Problems } from './problems.js';
import type { Redaction } from './redaction.js';
import { RESULT_LIMITS } from './result-limits.js';
import { shorten } from './short-text.js';

const SEVERITIES = ['fatal', 'warning', 'normal'] as const;

/** One entry of `results`: what the plugin says about the run as a whole. Spec "Plugins". */
export interface Report {
  readonly pointer: string;
  readonly severity: (typeof SEVERITIES)[number];
  readonly reason: string;
  readonly message: string;
}

/** The entries of a list of reports, without secrets; wrong ones are reported under `pointer` and left out. */
export function readReports(
  input: unknown,
  pointer: string,
  redaction: Redaction,
  problems: Problems,
): Report[] {
  return optionalList(input, pointer, problems).flatMap((item, at) => {
    const here = `${pointer}/${at}`;
    const report = requiredObject(item, here, problems);
    if (report === undefined) return [];
    const severity = requiredWord(report['severity'], SEVERITIES, `${here}/severity`, problems);
    const reason = optionalText(report['reason'], `${here}/reason`, problems) ?? '';
    const message = optionalText(report['message'], `${here}/message`, problems) ?? '';
    optionalText(report['eventId'], `${here}/eventId`, problems);
    if (severity === undefined) return [];
    return [{ pointer: here, severity, reason: redaction.text(reason), message: redaction.text(message) }];
  });
}

/** Throws `plugin-exit` with the message of the first fatal report when there is one; all of them are its errors. */
export function throwIfFatal(reports: readonly Report[]): void {
  const fatal = reports.filter((report) => report.severity === 'fatal').slice(0, RESULT_LIMITS.errors);
  if (fatal.length === 0) return;
  const errors: FieldError[] = fatal.map(({ pointer, reason, message }) => ({
    pointer,
    message: shorten([reason, message].filter((text) => text !== '').join(': ')) || 'is fatal',
  }));
  const said =
    fatal[0]?.message || fatal[0]?.reason || 'the plugin reported a fatal result without a message';
  throw new CodedError('plugin-exit', shorten(said), errors);
}
