import { evidence, startCli, until } from './demo-site.mjs';

/**
 * What happens at a site, printed as it happens: `watch events`, one short line for each event. The present states
 * come first, so nothing is missed however long the command takes to connect.
 */
export class LiveEvents {
  /** Effective weight of each backend of the frontend that is followed. */
  weights = {};
  #events = [];
  #stepStart = 0;
  #unread = '';

  constructor(site) {
    startCli(site, ['watch', 'events', 'backend', 'frontend'], (text) => this.#read(text));
  }

  /** From now on {@link seen} looks at what follows only. */
  beginStep() {
    this.#stepStart = this.#events.length;
  }

  /** Waits until a backend has come to these states, one after the other, since the step began. */
  seen(backend, ...states) {
    return this.#came(`${backend} to be`, states, (event) => (event.backend === backend ? [event.to] : []));
  }

  /** Waits until a backend has had these effective weights, one after the other, since the step began. */
  weighed(backend, ...weights) {
    return this.#came(`${backend} to weigh`, weights, ({ targets = [] }) =>
      targets.filter((target) => target.backend === backend).map(({ effective }) => effective),
    );
  }

  /** Waits until the effective weights are these. */
  weigh(wanted) {
    const isSo = () => Object.entries(wanted).every(([backend, weight]) => this.weights[backend] === weight);
    return until(`effective weights ${JSON.stringify(wanted)}`, isSo);
  }

  #came(what, wanted, valuesOf) {
    return until(`${what} ${wanted.join(', then ')}`, () => {
      const values = this.#events.slice(this.#stepStart).flatMap(valuesOf);
      let reached = 0;
      for (const value of values) if (value === wanted[reached]) reached += 1;
      return reached === wanted.length;
    });
  }

  #read(text) {
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop();
    // What is no event is for people: the command has lost the site, or found it again.
    for (const line of lines) line.startsWith('{') ? this.#take(JSON.parse(line)) : evidence(line);
  }

  #take(event) {
    this.#events.push(event);
    for (const { backend, effective } of event.targets ?? []) this.weights[backend] = effective;
    evidence(`${event.at.slice(11, 23)}  ${event.type === 'backend' ? ofBackend(event) : ofFrontend(event)}`);
  }
}

function ofBackend({ backend, from, to, result, by }) {
  const who = by ? ` by ${by.author}${by.reason ? `: ${by.reason}` : ''}` : '';
  return `backend ${backend}  ${from ?? 'new'} -> ${to}  ${result.code} ${result.detail}${who}`;
}

function ofFrontend({ frontend, from, to, activePool, targets }) {
  const weights = targets.map(({ backend, effective, why }) => `${backend} ${effective} (${why.rule})`);
  const change = from === to ? to : `${from ?? 'new'} -> ${to}`;
  return `frontend ${frontend}  ${change}, pool ${activePool}: ${weights.join(', ')}`;
}
