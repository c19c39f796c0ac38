import { type ErrorBody, errorBody } from '@signalbox/contracts';
import type { Msg } from 'nats';
import { type Bus, isInbox } from './bus.js';
import { refusalHeaders } from './refusal-headers.js';
import { unlessClosing } from './unless-closing.js';

/**
 * Answers requests on a subject without a queue group: every process that listens answers, in JSON, or with `{error}` and the
 * code of what `answerTo` throws.
 */
export function answerEverywhere(
  bus: Bus,
  subject: string,
  answerTo: (message: Msg) => Promise<object>,
): void {
  const calls = bus.endpoints.of(subject, '');
  const reply = async (message: Msg): Promise<void> => {
    const began = performance.now();
    const respond = (body: object, error?: ErrorBody): void => {
      calls.note(began, error && `${error.code}: ${error.message}`);
      const options = error && { headers: refusalHeaders(error) };
      if (isInbox(message.reply)) unlessClosing(() => message.respond(JSON.stringify(body), options));
    };
    try {
      respond(await answerTo(message));
    } catch (thrown) {
      const error = errorBody(thrown);
      respond({ error }, error);
    }
  };
  bus.connection.subscribe(subject, {
    callback: (error, message) => {
      if (!error) void reply(message);
    },
  });
}
