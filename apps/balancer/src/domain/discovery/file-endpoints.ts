import {
  BadYaml,
  CodedError,
  endpointText,
  parseStrictJson,
  readYaml,
  SOURCE_FILE_BOUNDS,
  type SourceFileEntry,
  sourceFileErrors,
  textPlaces,
  utf8Text,
} from '@signalbox/contracts';
import { MAX_REFUSED, type Observation, type SourceEndpoint } from './endpoint.js';

/** Longer texts are not read a second time to find the line of what is wrong. Characters. */
const SEARCHED_FOR_LINES = 256 * 1024;

/**
 * What the bytes of a source's file say, JSON or YAML. A file that is wrong anywhere says nothing: half of a list would take away
 * backends that work. A reason goes behind the name of the file and quotes nothing of it, see {@link sourceFileErrors}.
 */
export function fileObservation(bytes: Uint8Array, pool: string): Observation {
  try {
    const text = utf8Text(bytes, 'the file');
    const values = bytes.length > SOURCE_FILE_BOUNDS.yamlBytes ? [parseStrictJson(text)] : readYaml(text);
    if (values.length !== 1) return unavailable(countText(values.length));
    return entriesOf(values[0], pool, text);
  } catch (error) {
    if (error instanceof CodedError) return unavailable(faultText(error));
    if (!(error instanceof SyntaxError)) throw error;
    return unavailable(
      `is no JSON, and larger than the ${SOURCE_FILE_BOUNDS.yamlBytes} bytes that YAML may have`,
    );
  }
}

function entriesOf(value: unknown, pool: string, text: string): Observation {
  const [first, ...others] = sourceFileErrors(value);
  if (first) {
    const more = others.length > 0 ? ` (and ${others.length} more)` : '';
    const what = [first.pointer === '' ? [] : first.pointer, first.message].flat().join(' ');
    return unavailable(`is wrong: ${what}${lineOf(text, first.pointer)}${more}`);
  }
  const places = new Map<string, number>();
  const refused: string[] = [];
  const endpoints = (value as readonly SourceFileEntry[]).flatMap((entry, at) => {
    const place = endpointText(entry);
    const before = places.get(place);
    if (before === undefined) places.set(place, at);
    else refused.push(`/${at} is the place of /${before} again: the first one counts`);
    return before === undefined ? [endpointOf(entry, pool)] : [];
  });
  return { type: 'content', content: { frame: [], endpoints, refused: refused.slice(0, MAX_REFUSED) } };
}

function endpointOf(
  { address, port, weight, draining, tags }: SourceFileEntry,
  pool: string,
): SourceEndpoint {
  return {
    pool,
    address,
    port,
    ...(weight !== undefined && { weight }),
    ...(draining === true && { isDraining: true }),
    ...(tags && tags.length > 0 && { tags }),
  };
}

/** A file without a value is more often cut off than meant. */
function countText(values: number): string {
  return values === 0
    ? 'has nothing in it: write [] when there are no backends'
    : `has ${values} documents: write one list`;
}

function faultText(error: CodedError): string {
  if (error instanceof BadYaml) {
    const at = error.place ? ` (line ${error.place.line}, column ${error.place.column})` : '';
    return `is neither JSON nor YAML: ${error.rule}${at}`;
  }
  return error.code === 'bad-text' ? 'is not UTF-8 text' : tooLargeText();
}

/** What is told of a file over {@link SOURCE_FILE_BOUNDS}. */
export function tooLargeText(): string {
  return `is larger than ${SOURCE_FILE_BOUNDS.bytes} bytes`;
}

function lineOf(text: string, pointer: string): string {
  if (text.length > SEARCHED_FOR_LINES) return '';
  const place = textPlaces(text).placeOf(`/0${pointer}`);
  return place ? ` (line ${place.line}, column ${place.column})` : '';
}

function unavailable(reason: string): Observation {
  return { type: 'unavailable', reason };
}
