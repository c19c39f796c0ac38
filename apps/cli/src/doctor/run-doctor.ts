import { type Area, AREAS } from '../../../api/src/domain/doctor/check.js';
import type { DoctorReport } from '../../../api/src/domain/doctor/report.js';
import type { DoctorFlags } from '../commands/doctor.js';
import { EXIT } from '../exit-codes.js';
import { usageFailure } from '../failure.js';
import { isForPeople } from '../output/format.js';
import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { doctorText } from '../views/doctor.view.js';

/** Prints how everything is. The exit code says whether something fails; the report is printed first. */
export async function runDoctor(
  session: Session,
  areas: readonly string[],
  flags: DoctorFlags,
): Promise<void> {
  const wanted = areas.map(areaOf);
  const report = flags.file
    ? await ofFiles(session, flags.file, wanted, flags)
    : await session.client.call<DoctorReport>(pathOf('doctor'), {
        has: ['summary', 'checks'],
        query: { area: wanted.join(','), ...(flags.plan && { plan: true }) },
      });
  const { output } = flags;
  if (isForPeople(output)) session.printText(doctorText(report, output, session.paint()));
  else await session.printOne(report, output, () => '');
  if (report.summary.overall === 'fail') session.exitCode = EXIT.failure;
}

async function ofFiles(
  session: Session,
  files: readonly string[],
  areas: readonly Area[],
  { plan = false, var: variables = {} }: DoctorFlags,
): Promise<DoctorReport> {
  const { fileReport } = await import('./file-report.js');
  return fileReport(session, files, variables, {
    ...(areas.length > 0 && { areas }),
    ...(plan && { planAt: new Date(session.terminal.nowMs()).toISOString() }),
  });
}

function areaOf(text: string): Area {
  const area = AREAS.find((one) => one === text);
  if (area === undefined)
    throw usageFailure(`doctor knows no area "${text}": ${AREAS.join(', ')}`, 'signalbox doctor --help');
  return area;
}
