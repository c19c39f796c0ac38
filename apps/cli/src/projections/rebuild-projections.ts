import { dataText, type Format, isForPeople } from '../output/format.js';
import { ProgressBar } from '../output/progress-bar.js';
import type { RebuildProgressLine, RebuiltProjection } from '../rest/answers.js';
import type { Session } from '../session.js';
import { rebuiltText } from '../views/projection.view.js';
import { foldLines } from './fold-lines.js';

/** Shows how far it is and prints what was mended; `ndjson` line by line as it comes. */
export async function rebuildProjections(
  session: Session,
  names: readonly string[],
  format: Format,
): Promise<void> {
  const rebuilt: RebuiltProjection[] = [];
  const bar = new ProgressBar(session.terminal);
  try {
    for await (const line of foldLines(session, { verb: 'rebuild', undone: 'rebuilt', names })) {
      if (isProgress(line)) {
        const { from, position, to, records } = line.progress;
        bar.show({ label: line.name, done: position - from, total: to - from, count: records });
        continue;
      }
      bar.clear();
      const projection = line as RebuiltProjection;
      rebuilt.push(projection);
      if (format === 'ndjson') session.print(await dataText(projection, format));
      else if (session.terminal.err.isTty) session.note(`${projection.name} is what its stream says`);
    }
  } finally {
    bar.clear();
  }
  if (isForPeople(format)) session.print(rebuiltText(rebuilt, session.tableStyle(format)));
  else if (format !== 'ndjson') session.print(await dataText(rebuilt, format));
  if (
    rebuilt.some(({ tables }) => tables.some(({ added, changed, removed }) => added + changed + removed > 0))
  )
    session.note(
      'rows were mended: a service that was started while they were wrong knows them as they were',
    );
}

function isProgress(line: object): line is RebuildProgressLine {
  return 'progress' in line;
}
