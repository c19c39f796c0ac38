import { type Bus, isInbox, unlessClosing } from '@signalbox/bus';
import { type AliveAnswer, formatTime, subjectToken, SUBJECTS } from '@signalbox/contracts';
import type { Service } from './service.js';
import type { SiteConfig } from './site-config.js';

const ALIVE_MS = 300;

function aliveAnswer(bus: Bus): AliveAnswer {
  const { upSinceMs } = bus.outages;
  return { alive: true, ...(upSinceMs !== undefined && { since: formatTime(upSinceMs) }) };
}

/**
 * Answers for each service from now on that it runs.
 *
 * @throws Error when another process does so already
 */
export async function refuseSecondInstance(
  bus: Bus,
  services: readonly Service[],
  config: SiteConfig,
): Promise<void> {
  await Promise.all(
    services.map(async ({ name, instanceOf }) => {
      const instance = instanceOf?.(config);
      const subject = SUBJECTS.alive(instance === undefined ? name : `${name}.${subjectToken(instance)}`);
      const other = await bus.ask(subject, {}, ALIVE_MS);
      if (other !== undefined) {
        const which = instance === undefined ? name : `${name} of ${instance}`;
        throw new Error(`another ${which} already runs on this NATS: stop it first`);
      }
      bus.connection.subscribe(subject, {
        callback: (_error, message) => {
          if (isInbox(message.reply)) unlessClosing(() => message.respond(JSON.stringify(aliveAnswer(bus))));
        },
      });
    }),
  );
}
