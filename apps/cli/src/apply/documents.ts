import { fillVariables, readYaml } from '@signalbox/contracts';
import type { Site } from '../context.js';
import { Failure, toFailure } from '../failure.js';
import type { Terminal } from '../terminal.js';
import { fileName, readText } from './read-text.js';

/** The text of one file, with its variables filled, and how many documents it holds. */
export interface FileDocuments {
  readonly name: string;
  readonly text: string;
  readonly count: number;
}

/** What the context of a site says about `${variables}`. */
export function variablesOf({ pluginDir, secretDir }: Site): Readonly<Record<string, string>> {
  return { ...(pluginDir && { pluginDir }), ...(secretDir && { secretDir }) };
}

/** The files, each on its own, variables filled. A failure names its file, and the line where there is one. */
export async function readDocuments(
  files: readonly string[],
  variables: Readonly<Record<string, string>>,
  terminal: Pick<Terminal, 'cwd' | 'readStdin'>,
): Promise<readonly FileDocuments[]> {
  const read: FileDocuments[] = [];
  for (const file of files) {
    const given = await readText(file, terminal);
    read.push(
      naming(fileName(file), () => {
        const text = fillVariables(given, variables);
        return { name: fileName(file), text, count: readYaml(text).length };
      }),
    );
  }
  return read;
}

/** Texts one after the other, each beginning a document of its own. */
export function joinDocuments(texts: readonly string[]): string {
  return texts
    .map((text, index) =>
      index === 0 || /^(?:\s*#.*\n|\s*\n)*---(?:\s|$)/.test(text) ? text : `---\n${text}`,
    )
    .map((text, index) => (index < texts.length - 1 && !text.endsWith('\n') ? `${text}\n` : text))
    .join('');
}

function naming<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    const { code, message, errors, exitCode } = toFailure(error);
    if (code === 'internal') throw error;
    throw new Failure(code, `${name}: ${message}`, exitCode, { errors, cause: error });
  }
}
