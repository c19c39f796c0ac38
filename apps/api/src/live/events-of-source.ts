import type { StreamMessage } from '@signalbox/bus';
import {
  CodedError,
  decodeBackendRecord,
  decodeChangeset,
  decodeConfigBatch,
  decodeDeadLetter,
  decodeDeliveryRecord,
  decodeFactRecord,
  decodeFrontendRecord,
  decodeNodeRecord,
  decodeRunBatch,
  decodeSinkRecord,
  toldProject,
} from '@signalbox/contracts';
import { configEvents } from './config-events.js';
import { factEvent } from './fact-event.js';
import type { EventContent } from './live-event.js';
import { resourceEvents } from './resource-events.js';
import { runEvents } from './run-events.js';
import type { Source } from './sources.js';

type Message = Pick<StreamMessage, 'seq' | 'data'>;

const READERS: Readonly<Record<string, (message: Message) => readonly EventContent[]>> = {
  backend: ({ data }) => {
    const record = decodeBackendRecord(data);
    const { backend } = record;
    return [
      { kind: 'backend', scoped: backend, ...toldProject(backend), data: told(record, toldProject(backend)) },
    ];
  },
  frontend: ({ data }) => {
    const record = decodeFrontendRecord(data);
    const { frontend } = record;
    return [
      {
        kind: 'frontend',
        scoped: frontend,
        ...toldProject(frontend),
        data: told(record, toldProject(frontend)),
      },
    ];
  },
  node: ({ data }) => {
    const record = decodeNodeRecord(data);
    return [{ kind: 'node', scoped: record.node, data: record }];
  },
  sink: ({ data }) => {
    const record = decodeSinkRecord(data);
    return [{ kind: 'sink', names: [record.sink], data: record }];
  },
  run: ({ data }) => decodeRunBatch(data).records.flatMap(runEvents),
  config: ({ data }) => decodeConfigBatch(data).records.flatMap(configEvents),
  delivery: ({ data }) => {
    const { type: change, ...record } = decodeDeliveryRecord(data);
    const { group, peer, id } = record;
    return [{ kind: 'delivery', group, names: [peer, id], data: { change, ...record } }];
  },
  resource: ({ seq, data }) => resourceEvents(seq, decodeChangeset(data)),
  dead: ({ seq, data }) => {
    // the payload may be large, and is for who asks for the one letter
    const { service, error, at, subject, about = {} } = decodeDeadLetter(data);
    const { code, message } = error;
    const letter = { seq, service, code, message, subject, at, about };
    return [{ kind: 'dead-letter', names: [service, code], data: letter }];
  },
  fact: ({ seq, data }) => [factEvent(seq, decodeFactRecord(data))],
};

/** What a message tells; nothing when it cannot be read: its projection keeps it as a dead letter. */
export function eventsOf({ name }: Source, message: Message): readonly EventContent[] {
  const [reader = ''] = name.split('/');
  try {
    return READERS[reader]?.(message) ?? [];
  } catch (error) {
    if (error instanceof CodedError) return [];
    throw error;
  }
}

function told(record: object, project: { readonly project?: string }): object {
  return { ...project, ...record };
}
