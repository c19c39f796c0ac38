import { plain } from './output/cell.js';
import type { ChangeRequest } from './rest-client.js';

/** Thrown in place of sending what would change the site: the end of a dry run, and no failure. */
export class HeldRequest extends Error {
  constructor(readonly request: ChangeRequest) {
    super('a dry run sends nothing');
    this.name = 'HeldRequest';
  }
}

/** The line that a dry run ends with. */
export function heldText({ method, path, body }: ChangeRequest): string {
  const sent = body === undefined || body === '{}' ? '' : ` ${plain(body)}`;
  return `dry run, nothing was sent: ${method} ${plain(path)}${sent}\n`;
}
