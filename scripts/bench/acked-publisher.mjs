// Publishes with a reply for each message by one shared inbox: the cheapest way that still knows what was accepted.
import { createInbox, StringCodec } from 'nats';

const CODEC = StringCodec();

/** Sends messages of which each is answered, by JetStream or by a service. */
export class AckedPublisher {
  waiting = new Map();
  next = 0;

  constructor(nc) {
    this.nc = nc;
    this.inbox = createInbox();
    nc.subscribe(`${this.inbox}.*`, {
      callback: (error, message) => {
        if (error) return;
        const token = message.subject.slice(this.inbox.length + 1);
        const resolve = this.waiting.get(token);
        this.waiting.delete(token);
        resolve?.(message.data);
      },
    });
  }

  /** Resolves with the bytes of the answer. */
  ask(subject, text, headers) {
    return new Promise((resolve) => {
      const token = (this.next++).toString(36);
      this.waiting.set(token, resolve);
      this.nc.publish(subject, CODEC.encode(text), {
        reply: `${this.inbox}.${token}`,
        ...(headers && { headers }),
      });
    });
  }

  /** Appends to a stream; throws what JetStream refuses. */
  async append(subject, text, headers) {
    const ack = JSON.parse(CODEC.decode(await this.ask(subject, text, headers)));
    if (ack.error) throw new Error(`${subject}: ${ack.error.description ?? ack.error.message}`);
    return ack;
  }

  /** Offers a fact to a site; throws its refusal. */
  async offer(subject, text) {
    const answer = JSON.parse(CODEC.decode(await this.ask(subject, text)));
    if (!answer.accepted) throw new Error(`${subject}: ${JSON.stringify(answer)}`);
    return answer;
  }
}
