import { type TextPlaces, textPlaces } from '@signalbox/contracts';
import { Failure, type WrongField } from '../failure.js';
import type { FileDocuments } from './documents.js';

/** A pointer into the documents of an apply, as messages about repeated resources quote it. */
const QUOTED = /(?<=\bat )\/\d+(?:\/\S*)?/g;

/** The same failure, told by file, line and column instead of by the index of a document among those of all files. */
export function locatedFailure(failure: Failure, files: readonly FileDocuments[]): Failure {
  const { code, exitCode, message, errors, next, retryable, cause } = failure;
  const located = locatedErrors(errors, files);
  const [first, told] = [errors[0], located[0]];
  // a message that begins with the first pointer begins with its place instead
  const headline =
    first && message.startsWith(`${first.pointer}: `) ? `${told?.pointer}: ${told?.message}` : message;
  return new Failure(code, headline, exitCode, {
    errors: located,
    ...(next !== undefined && { next }),
    retryable,
    cause,
  });
}

/** `/2/spec/a` becomes `peers.yaml:12:5 /spec/a`; what has no place in the files stays as it is. */
export function locatedErrors(
  errors: readonly WrongField[],
  files: readonly FileDocuments[],
): readonly WrongField[] {
  const placeOf = placesIn(files);
  return errors.map(({ pointer, message }) => {
    const place = placeOf(pointer);
    return {
      pointer: place === undefined ? pointer : `${place} ${inDocument(pointer)}`.trimEnd(),
      message: message.replaceAll(QUOTED, (quoted) => placeOf(quoted) ?? quoted),
    };
  });
}

/** `peers.yaml:12:5` of a pointer, undefined when it leads into none of the files; each is read once, when needed. */
function placesIn(files: readonly FileDocuments[]): (pointer: string) => string | undefined {
  const read = new Map<FileDocuments, TextPlaces>();
  const placesOf = (file: FileDocuments): TextPlaces => {
    const places = read.get(file) ?? textPlaces(file.text);
    read.set(file, places);
    return places;
  };
  return (pointer) => {
    const [, index = '', rest = ''] = /^\/(\d+)(\/.*)?$/.exec(pointer) ?? LONE.exec(pointer) ?? [];
    if (index + rest === '') return undefined;
    let at = Number(index);
    for (const file of files) {
      if (at < file.count) {
        const place = placesOf(file).placeOf(`/${at}${rest}`);
        return place && `${file.name}:${place.line}:${place.column}`;
      }
      at -= file.count;
    }
    return undefined;
  };
}

/** Into a maglev.yaml that is checked alone. */
const LONE = /^()(\/maglev(?:\/.*)?)$/;

/** The pointer inside its document. */
function inDocument(pointer: string): string {
  return pointer.replace(/^\/\d+/, '');
}
