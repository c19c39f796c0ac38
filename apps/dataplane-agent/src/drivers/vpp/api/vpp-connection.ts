import { CodedError } from '@signalbox/contracts';
import type { Deadline } from '../../driver.js';
import type { ApiDescription, ApiMessage } from './api-description.js';
import { ApiSocket } from './api-socket.js';
import { type CallCount, CallTally } from './call-tally.js';
import type { Fields, Reply } from './field-value.js';
import { MessageTable } from './message-table.js';
import { originOf } from './needed-messages.js';
import { PendingRequests } from './pending-requests.js';
import { VppError } from './vpp-error.js';
import { decodeMessage, messageId } from './wire-reader.js';
import { encodeMessage } from './wire-writer.js';

/** Number of the first message of a client, which comes before the table that has all others. */
const SOCKCLNT_CREATE_ID = 15;

/** How a connection is opened. */
export interface ConnectOptions {
  /** What VPP calls the client in its own lists; up to 63 bytes. */
  readonly clientName: string;
  /** The messages that are sent and understood. */
  readonly description: ApiDescription;
  /** For each step of the handshake. */
  readonly deadline: Deadline;
}

/**
 * One connection to VPP: the handshake, requests that find their answers, and what VPP sends unasked. It never comes back after it was
 * closed; who needs another opens another.
 */
export class VppConnection {
  private readonly pending = new PendingRequests();
  private readonly tally = new CallTally();
  private readonly closeListeners: ((why: Error) => void)[] = [];
  private socket: ApiSocket | undefined;
  private clientIndex = 0;
  private why: Error | undefined;
  private numbers = new MessageTable([]);
  /** What is understood of what comes, by its number. */
  private incoming: ReadonlyMap<number, ApiMessage> = new Map();

  private constructor(private readonly description: ApiDescription) {}

  /**
   * Rejects with `data-plane-unavailable` when nobody answers there in time, and with `data-plane-refused` for an answer that is not one
   * of VPP.
   */
  static async open(path: string, options: ConnectOptions): Promise<VppConnection> {
    const connection = new VppConnection(options.description);
    const { deadline, clientName } = options;
    connection.socket = await ApiSocket.open(
      path,
      {
        message: (bytes) => connection.receive(bytes),
        closed: (why) => connection.closed(why),
      },
      deadline,
    );
    try {
      await connection.introduce(clientName, deadline);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** The messages of this run of VPP. */
  get table(): MessageTable {
    return this.numbers;
  }

  get calls(): readonly CallCount[] {
    return this.tally.all();
  }

  /** Rejects with a {@link VppError} when VPP says no, and with a coded error when it does not answer or cannot be asked. */
  async call(name: string, fields: Fields, deadline: Deadline): Promise<Reply> {
    const context = this.pending.nextContext();
    this.send(name, { ...fields, client_index: this.clientIndex, context });
    const reply = await this.pending.one(context, name, deadline);
    const { retval } = reply.fields;
    if (typeof retval === 'number' && retval < 0) throw new VppError(name, retval);
    return reply;
  }

  /** All entries of a table. VPP answers in the order of the requests: the answer to a ping behind the dump is the end of it. */
  async dump(name: string, fields: Fields, deadline: Deadline): Promise<Reply[]> {
    const [context, ping] = [this.pending.nextContext(), this.pending.nextContext()];
    this.send(name, { ...fields, client_index: this.clientIndex, context });
    this.send('control_ping', { client_index: this.clientIndex, context: ping });
    return this.pending.many(context, ping, name, deadline);
  }

  /** Calls back when the connection is over, but not for {@link close}; at once when it is over already. */
  onClose(closed: (why: Error) => void): void {
    if (this.why === undefined) this.closeListeners.push(closed);
    else closed(this.why);
  }

  close(): void {
    if (this.why !== undefined) return;
    this.closeListeners.length = 0;
    const message = this.description.get('sockclnt_delete');
    if (message !== undefined && this.numbers.idOf(message) !== undefined)
      this.send('sockclnt_delete', { client_index: this.clientIndex, index: this.clientIndex });
    this.socket?.finish();
    this.closed(new CodedError('data-plane-unavailable', 'the connection to VPP was closed'));
  }

  private async introduce(clientName: string, deadline: Deadline): Promise<void> {
    const message = this.described('sockclnt_create');
    const context = this.pending.nextContext();
    this.write(message, SOCKCLNT_CREATE_ID, { context, name: clientName });
    const { fields } = await this.pending.one(context, message.name, deadline);
    const { response, index, message_table: table } = fields;
    if (typeof response !== 'number' || response < 0 || typeof index !== 'number' || !Array.isArray(table))
      throw new CodedError('data-plane-refused', `VPP took no client: it answered ${String(response)}`);
    this.clientIndex = index;
    this.numbers = new MessageTable(table.map(tableEntry));
    this.incoming = this.numbers.byId(this.description);
  }

  private send(name: string, fields: Fields): void {
    const message = this.described(name);
    const id = this.numbers.idOf(message);
    if (id === undefined)
      throw new CodedError(
        'data-plane-refused',
        `this VPP has no ${name}_${message.crc}: it needs ${originOf(name)}; run signalbox dataplane check`,
      );
    this.write(message, id, fields);
  }

  private described(name: string): ApiMessage {
    const message = this.description.get(name);
    if (message === undefined)
      throw new CodedError('data-plane-refused', `the description of VPP's API has no message ${name}`);
    return message;
  }

  /** The one way out. */
  private write(message: ApiMessage, id: number, fields: Fields): void {
    try {
      if (this.why !== undefined) throw this.why;
      this.socket?.send(encodeMessage(message, id, fields));
      this.tally.add('send', message.name, 'success');
    } catch (error) {
      this.tally.add('send', message.name, 'failure');
      throw error;
    }
  }

  /** The one way in. What it throws ends the connection: who cannot read one message cannot trust the next. */
  private receive(bytes: Buffer): void {
    const message = this.messageOf(messageId(bytes));
    if (message === undefined) {
      this.tally.add('recv', 'unknown', 'success');
      return;
    }
    let taken = false;
    try {
      const fields = decodeMessage(message, bytes);
      taken = this.take({ message: message.name, fields });
    } finally {
      this.tally.add('recv', message.name, taken ? 'success' : 'failure');
    }
  }

  /** The message of a number; undefined: VPP has it and the description does not. Throws for a number that VPP itself does not have. */
  private messageOf(id: number): ApiMessage | undefined {
    if (this.numbers.size === 0) return this.described('sockclnt_create_reply');
    const message = this.incoming.get(id);
    if (message === undefined && !this.numbers.has(id))
      throw new CodedError(
        'data-plane-refused',
        `VPP sent a message of number ${id}, which it does not have`,
      );
    return message;
  }

  private take(reply: Reply): boolean {
    const { context, retval } = reply.fields;
    if (reply.message === 'memclnt_keepalive') {
      this.send('memclnt_keepalive_reply', { context: context ?? 0, retval: 0 });
      return true;
    }
    const awaited = typeof context === 'number' && this.pending.answer(context, reply);
    return awaited && !(typeof retval === 'number' && retval < 0);
  }

  private closed(why: Error): void {
    if (this.why !== undefined) return;
    this.why = why;
    this.pending.fail(why);
    for (const listener of this.closeListeners) listener(why);
  }
}

/** One entry of the table of the handshake. */
function tableEntry(entry: unknown): [nameAndCrc: string, id: number] {
  if (typeof entry === 'object' && entry !== null && 'name' in entry && 'index' in entry)
    // names of 63 characters come with what lay behind them in the memory of VPP
    return [String(entry.name).replace(/\W+$/, ''), Number(entry.index)];
  throw new CodedError('data-plane-refused', 'the table of messages that VPP sent is not one');
}
