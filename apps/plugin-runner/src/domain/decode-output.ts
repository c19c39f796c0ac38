import { CodedError, parseStrictJson, pointerToken, RepeatedKeyError } from '@signalbox/contracts';
import { isScalar, parseDocument, visit, type Document } from 'yaml';
import { Problems } from './problems.js';
import { RESULT_LIMITS } from './result-limits.js';
import { isStorable, shorten } from './short-text.js';
import { strayLine, type StrayLine } from './stray-line.js';

/** Where a plugin puts its result: a program on stdout, an endpoint into the body of its answer. */
export type OutputPlace = 'stdout' | 'the body';

/**
 * The one JSON or YAML document that is a plugin's whole output, as plain JSON values. Reference 6.5: decoded as YAML, so
 * JSON works; JSON takes a faster way to the same answer. YAML is read by the 1.2 core schema without custom tags.
 * Throws `plugin-output-invalid` when there is no document or more than one, a key is given twice, aliases expand
 * too far, or a value could not be stored as JSON (see {@link RESULT_LIMITS}).
 */
export function decodeOutput(output: string, place: OutputPlace = 'stdout'): unknown {
  if (output.trim() === '')
    throw invalid(
      `the plugin wrote nothing ${place === 'stdout' ? 'on' : 'into'} ${place}: it must write a PluginResult`,
    );
  const json = tryJson(output);
  const value = json === undefined ? decodeYaml(output, place) : json.value;
  if (json === undefined && typeof value === 'string') throw invalid(notAResult(output, place));
  if (!isStorableValue(value, 0)) {
    const problems = new Problems();
    checkStorable(value, '', 0, problems);
    problems.throwIfAny();
  }
  return value;
}

/** Undefined when the text is not JSON; it may still be YAML. */
function tryJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseStrictJson(text) };
  } catch (error) {
    if (error instanceof RepeatedKeyError) throw givenTwice(error.repeated.key);
    return undefined;
  }
}

const LOGS: Readonly<Record<OutputPlace, string>> = {
  stdout: 'only the PluginResult belongs on stdout, logs belong on stderr',
  'the body': 'only the PluginResult belongs into the body',
};

function decodeYaml(text: string, place: OutputPlace): unknown {
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      stringKeys: true,
      resolveKnownTags: false,
      // Checked below: the library compares every pair of keys, which takes minutes for a large map.
      uniqueKeys: false,
      logLevel: 'error',
    });
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) {
      const stray = strayLine(text);
      throw invalid(
        stray === undefined
          ? `the plugin result is not valid YAML: ${firstLine(fault.message)}`
          : besideResult(stray, place),
      );
    }
    checkKeys(document);
    return document.toJS({ maxAliasCount: RESULT_LIMITS.aliasCount });
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const reason = error instanceof Error ? firstLine(error.message) : String(error);
    throw invalid(`the plugin result cannot be read as YAML: ${reason}`, error);
  }
}

function checkKeys(document: Document): void {
  visit(document, {
    Map(_, map) {
      const names = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) throw invalid('the plugin result has a key that is not plain text');
        const name = String(key.value);
        if (names.has(name)) throw givenTwice(name);
        names.add(name);
      }
    },
  });
}

/** Whether {@link checkStorable} would find nothing: what is in order needs no pointers. */
function isStorableValue(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= RESULT_LIMITS.depth) return false;
  if (Array.isArray(value)) return value.every((member) => isStorableValue(member, depth + 1));
  for (const key of Object.keys(value)) {
    if (!isStorable(key) || key === '__proto__') return false;
    if (!isStorableValue((value as Readonly<Record<string, unknown>>)[key], depth + 1)) return false;
  }
  return true;
}

function checkStorable(value: unknown, pointer: string, depth: number, problems: Problems): void {
  if (typeof value === 'string') {
    if (!isStorable(value)) problems.add(pointer, 'must be well-formed text without NUL');
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) problems.add(pointer, 'must be a finite number');
  } else if (typeof value === 'object' && value !== null) {
    if (depth >= RESULT_LIMITS.depth) {
      problems.add(pointer, `is nested too deeply: at most ${RESULT_LIMITS.depth} levels`);
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      if (!isStorable(key) || key === '__proto__')
        problems.add(pointer, `has a key that cannot be kept: ${quote(key)}`);
      else checkStorable(member, `${pointer}/${pointerToken(key)}`, depth + 1, problems);
    }
  }
}

/** A text without any structure: YAML takes log lines for one. */
function notAResult(output: string, place: OutputPlace): string {
  const stray = strayLine(output);
  if (stray !== undefined) return besideResult(stray, place);
  const first = shorten(output.trim().split('\n')[0] ?? '');
  return `${place} holds ${JSON.stringify(first)} and no PluginResult: ${LOGS[place]}`;
}

function besideResult({ line, where }: StrayLine, place: OutputPlace): string {
  return `${place} holds ${JSON.stringify(shorten(line))} ${where} the result: ${LOGS[place]}`;
}

function givenTwice(key: string): CodedError {
  return invalid(`the plugin result gives the key ${quote(key)} twice in one object`);
}

/** A key as a message shows it. */
function quote(key: string): string {
  return JSON.stringify(shorten(key));
}

function firstLine(text: string): string {
  return shorten((text.split('\n')[0] ?? '').replace(/:$/, ''));
}

function invalid(message: string, cause?: unknown): CodedError {
  return new CodedError('plugin-output-invalid', message, [], { cause });
}
