import { constants } from 'node:fs';
import { access, type FileHandle } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

/** Bytes of a file that a kernel looks at for the name of the interpreter. */
const LOOKED_AT = 256;

/**
 * Why a program file cannot be started although it is there and executable: its first line names an interpreter that
 * does not exist, most often because the file was saved with the line ends or the byte order mark of another system.
 * Undefined when nothing is wrong that can be seen.
 */
export async function interpreterFault(file: FileHandle): Promise<string | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOKED_AT), 0, LOOKED_AT, 0);
  const head = buffer.subarray(0, bytesRead).toString('latin1');
  if (head.startsWith('\u00EF\u00BB\u00BF#!'))
    return 'it begins with a byte order mark, so its first line names no interpreter: save it as UTF-8 without one';
  if (!head.startsWith('#!')) return undefined;
  const line = head
    .slice(2)
    .split('\n', 1)[0]!
    .replace(/^[ \t]+/, '');
  const [interpreter = '', ...words] = line.split(/[ \t]+/).filter((word) => word !== '');
  if (line.endsWith('\r')) return carriageReturn(interpreter, words.join(' '));
  if (isAbsolute(interpreter) && (await isExecutable(interpreter))) return undefined;
  return interpreter === ''
    ? 'its first line names no interpreter: write its path behind #!'
    : `the interpreter ${interpreter} does not exist or cannot be executed: install it, or correct the first line`;
}

function carriageReturn(interpreter: string, argument: string): string {
  const fault =
    argument === '' || argument === '\r'
      ? `the interpreter \`${shown(interpreter)}\` does not exist`
      : `\`${shown(interpreter)}\` finds no \`${shown(argument)}\``;
  return `${fault}: the first line ends in a carriage return; save the file with Unix line ends`;
}

function shown(word: string): string {
  return word.replace('\r', '\\r');
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
