import { type Execution, formatTime } from '@signalbox/contracts';
import type { AnswerHead } from '../../domain/endpoint-answer.js';
import type { Redaction } from '../../domain/redaction.js';
import { readAnswer } from '../answer.js';
import {
  type ExecutedPlugin,
  named,
  notExecuted,
  type PluginExecution,
  resultOf,
} from '../executed-plugin.js';
import { PROCESS_LIMITS } from '../limits.js';
import { requestLine } from '../request-line.js';
import { type RunSettings, settingsOf } from '../run-settings.js';
import { EndpointAgents } from './endpoint-agents.js';
import { throwUnlessAnswered } from './judge-request.js';
import { type Endpoint, openEndpoint } from './open-endpoint.js';
import { type EndpointOutcome, postRequest } from './post-request.js';
import { requestHeaders } from './request-headers.js';

/** As `executePlugin`, for a plugin of mode http: the request is posted to its endpoint. ADR 0037. */
export async function executeEndpoint(input: PluginExecution): Promise<ExecutedPlugin> {
  const { endpoints } = input;
  if (endpoints) return executeWith(endpoints, input);
  const own = new EndpointAgents();
  try {
    return await executeWith(own, input);
  } finally {
    own.stop();
  }
}

async function executeWith(agents: EndpointAgents, input: PluginExecution): Promise<ExecutedPlugin> {
  const { name, spec, request, signal } = input;
  let endpoint: Endpoint;
  let settings: RunSettings;
  try {
    settings = settingsOf(spec);
    endpoint = await openEndpoint(spec, input.secretDirs);
  } catch (error) {
    return notExecuted(input, error);
  }

  await input.onStart?.();
  const { url, authorities, bearer, redaction } = endpoint;
  const agent = agents.agentOf(name, {
    isSecure: url.protocol === 'https:',
    ...(authorities !== undefined && { authorities }),
    concurrency: spec.concurrency ?? PROCESS_LIMITS.concurrency,
  });
  const outcome = await postRequest({
    url,
    headers: requestHeaders(request.meta.tag, bearer),
    body: Buffer.from(requestLine(request)),
    agent,
    timeoutMs: settings.timeoutMs,
    ...(signal && { signal }),
  });
  return judge(input, outcome, redaction);
}

function judge(input: PluginExecution, outcome: EndpointOutcome, redaction: Redaction): ExecutedPlugin {
  const { name, spec, nowMs } = input;
  const { durationMs, head, body, bodyDigest } = outcome;
  const told = head !== undefined && head.status !== 200 ? toldBy(body, redaction) : '';
  const execution: Execution = {
    startedAt: formatTime(nowMs),
    durationMs,
    stdoutDigest: bodyDigest,
    ...(told !== '' && { stderr: told }),
  };
  try {
    const seen = head ? { ...outcome, head: headWithout(redaction, head) } : outcome;
    throwUnlessAnswered(seen, told, spec.timeout);
    const answer = readAnswer(body, redaction, 'the body');
    return { execution, result: resultOf(answer, input, { durationMs, redaction }) };
  } catch (cause) {
    return { execution, error: redaction.error(named(name, cause)) };
  }
}

/** The beginning of what a refusal said, as what a program writes to stderr is kept: without secrets, before it is cut. */
function toldBy(body: Buffer, redaction: Redaction): string {
  const text = beginningOf(redaction.bytes(body)).replaceAll('\0', '\uFFFD');
  return beginningOf(Buffer.from(text));
}

/** At most 8 KiB, without the half of a character at the cut. */
function beginningOf(bytes: Buffer): string {
  return new TextDecoder().decode(bytes.subarray(0, PROCESS_LIMITS.stderrTailBytes), { stream: true });
}

/** The same head without secrets. */
function headWithout(redaction: Redaction, { status, location }: AnswerHead): AnswerHead {
  return { status, ...(location !== undefined && { location: redaction.text(location) }) };
}
