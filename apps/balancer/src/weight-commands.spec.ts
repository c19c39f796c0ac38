import { describe, expect, it } from '@jest/globals';
import { CodedError, type WeightOverride, type WeightRequest } from '@signalbox/contracts';
import { type Clock, Serial } from '@signalbox/runtime';
import type { FrontendBook } from './frontend-book.js';
import type { FrontendInputs } from './frontend-inputs.js';
import type { Weighing } from './weighing.js';
import { WeightCommands } from './weight-commands.js';
import type { WeightOverrides } from './weight-overrides.js';

const BACKENDS = ['a', 'b'];

/** Commands beside inputs, overrides and decisions that the test plays; what happened, in its order. */
class Stage {
  readonly log: string[] = [];
  readonly serial = new Serial();
  isReady = true;
  lost: string | undefined;
  readonly commands: WeightCommands;

  constructor() {
    const inputs: Pick<FrontendInputs, 'turn'> = {
      turn: (work) =>
        this.isReady
          ? this.serial.run(work)
          : Promise.reject(new CodedError('not-ready', 'balancer is still catching up')),
    };
    const book: Pick<FrontendBook, 'hasMember'> = {
      hasMember: (frontend, _pool, backend) => (frontend === 'none' ? undefined : BACKENDS.includes(backend)),
    };
    const overrides: Pick<WeightOverrides, 'append'> = {
      append: async (override) => {
        this.log.push(`${place(override)} goes`);
        await untilAnswered();
        if (override.backend === this.lost) throw new CodedError('nats-unavailable', 'stopped');
        this.log.push(`${place(override)} is stored`);
      },
    };
    const weighing: Pick<Weighing, 'decide'> = {
      decide: (frontends) => {
        this.log.push(`${[...frontends].join()} is decided`);
        return Promise.resolve(7);
      },
    };
    this.commands = new WeightCommands(
      inputs as FrontendInputs,
      book as FrontendBook,
      overrides as WeightOverrides,
      weighing as Weighing,
      { now: () => 0 } as Clock,
    );
  }

  set(frontend: string, backend: string, weight: number | null): Promise<unknown> {
    const request: WeightRequest = { frontend, pool: 'web', backend, weight, author: 'test' };
    return this.commands.set(request).catch((error: unknown) => (error as CodedError).code);
  }
}

/** What NATS answers comes in a later turn of the event loop. */
function untilAnswered(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function place({ frontend, backend, ...override }: WeightOverride): string {
  return `${frontend}/${backend} ${override.type === 'set' ? override.weight : override.type}`;
}

describe('weights that operators set', () => {
  it('that come while others have their turn have the next one together, each frontend decided once', async () => {
    const stage = new Stage();
    const answers = await Promise.all([
      stage.set('web', 'a', 1),
      stage.set('shop', 'a', 2),
      stage.set('web', 'b', 3),
      stage.set('web', 'a', null),
    ]);
    expect(answers).toEqual([{ seq: 7 }, { seq: 7 }, { seq: 7 }, { seq: 7 }]);
    expect(stage.log.slice(0, 2)).toEqual(['web/a 1 goes', 'shop/a 2 goes']);
    expect(stage.log.filter((line) => line.startsWith('web'))).toEqual([
      'web/a 1 goes',
      'web/a 1 is stored',
      'web/b 3 goes',
      'web/b 3 is stored',
      'web/a cleared goes',
      'web/a cleared is stored',
      'web is decided',
    ]);
    expect(stage.log.filter((line) => line === 'shop is decided')).toHaveLength(1);
  });

  it('that are refused or not stored fail alone', async () => {
    const stage = new Stage();
    stage.lost = 'b';
    const answers = [
      stage.set('web', 'a', 1),
      stage.set('web', 'b', 1),
      stage.set('web', 'c', 1),
      stage.set('none', 'a', 1),
    ];
    expect(await Promise.all(answers)).toEqual([{ seq: 7 }, 'nats-unavailable', 'not-found', 'not-found']);
    expect(stage.log.filter((line) => line.endsWith('decided'))).toEqual(['web is decided']);
  });

  it('are refused while the balancer catches up, and taken after it', async () => {
    const stage = new Stage();
    stage.isReady = false;
    expect(await Promise.all([stage.set('web', 'a', 1), stage.set('web', 'b', 1)])).toEqual([
      'not-ready',
      'not-ready',
    ]);
    stage.isReady = true;
    expect(await stage.set('web', 'a', 1)).toEqual({ seq: 7 });
  });
});
