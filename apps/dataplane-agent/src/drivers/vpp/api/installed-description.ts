import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '@signalbox/contracts';
import { systemCode } from '../../haproxy/system-code.js';
import { type ApiDescription, type ApiFile, describeApi } from './api-description.js';
import { NEEDED_MESSAGES } from './needed-messages.js';
import { SHIPPED_FILES } from './shipped-description.js';

/** Where packages of VPP put the description of its API. */
export const INSTALLED_API_DIR = '/usr/share/vpp/api';

/** The files that have the messages needed, below the directory. */
const FILES = ['core/memclnt.api.json', 'core/vpe.api.json', 'core/vlib.api.json', 'plugins/lb.api.json'];

/** There is no such file. */
const ABSENT: readonly unknown[] = ['ENOENT', 'ENOTDIR'];

/** Longest file: that of the lb plugin has 30 kB. Bytes. */
const MOST_FILE_BYTES = 4 * 1024 * 1024;

/** A description, and which of its files are those of the VPP that is installed. */
export interface NodeDescription {
  readonly description: ApiDescription;
  readonly installed: readonly string[];
}

/**
 * The messages needed, as the VPP that is installed on the node describes them; a file that is not there is the one that comes with this
 * program. Rejects with `data-plane-refused` for a file that is there and cannot be read.
 */
export async function nodeDescription(dir: string): Promise<NodeDescription> {
  const files = await Promise.all(FILES.map(async (file) => readApiFile(join(dir, file))));
  const present = files.filter((file) => file !== undefined);
  return {
    description: describeApi([...SHIPPED_FILES, ...present], NEEDED_MESSAGES),
    installed: FILES.filter((_, at) => files[at] !== undefined).map((file) => join(dir, file)),
  };
}

async function readApiFile(path: string): Promise<ApiFile | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MOST_FILE_BYTES) throw new Error(`it has more than ${MOST_FILE_BYTES} bytes`);
    const file: unknown = JSON.parse(text);
    if (typeof file !== 'object' || file === null) throw new Error('it is no object');
    return file;
  } catch (error) {
    if (ABSENT.includes(systemCode(error))) return undefined;
    throw new CodedError(
      'data-plane-refused',
      `${path} cannot be read as a description of VPP's API: ${error instanceof Error ? error.message : String(error)}`,
      [],
      { cause: error },
    );
  }
}
