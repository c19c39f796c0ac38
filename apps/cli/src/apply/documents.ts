import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CodedError, fillVariables } from '@signalbox/contracts';
import type { Site } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Failure, toFailure } from '../failure.js';
import type { Terminal } from '../terminal.js';

const STDIN = '-';

/** What the context of a site says about `${variables}`. */
export function variablesOf({ pluginDir, secretDir }: Site): Readonly<Record<string, string>> {
  return { ...(pluginDir && { pluginDir }), ...(secretDir && { secretDir }) };
}

/** How people know a file that was given as an argument. */
export function fileName(file: string): string {
  return file === STDIN ? 'stdin' : file;
}

/** The files as one text of YAML documents, variables filled. A failure names its file. */
export async function readDocuments(
  files: readonly string[],
  variables: Readonly<Record<string, string>>,
  terminal: Pick<Terminal, 'cwd' | 'readStdin'>,
): Promise<string> {
  const texts: string[] = [];
  for (const file of files) texts.push(fill(file, await read(file, terminal), variables));
  return joinDocuments(texts);
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

async function read(file: string, terminal: Pick<Terminal, 'cwd' | 'readStdin'>): Promise<string> {
  if (file === STDIN) return terminal.readStdin();
  try {
    return await readFile(resolve(terminal.cwd, file), 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new Failure('file-unreadable', `${file} cannot be read (${reason})`, EXIT.failure, {
      cause,
      next: 'check the path of the file',
    });
  }
}

function fill(file: string, text: string, variables: Readonly<Record<string, string>>): string {
  try {
    return fillVariables(text, variables);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const { code, message, errors, exitCode } = toFailure(error);
    throw new Failure(code, `${fileName(file)}: ${message}`, exitCode, {
      errors,
      cause: error,
    });
  }
}
