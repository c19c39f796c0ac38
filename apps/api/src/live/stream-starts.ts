import { Injectable } from '@nestjs/common';
import { Bus, streamInfo } from '@signalbox/bus';
import { CodedError, STREAMS } from '@signalbox/contracts';
import { horizonOf } from '@signalbox/store';
import { OperatorResources } from '../operator-resources.js';
import { LiveEvent } from './live-event.js';
import { PresentState } from './present-state.js';
import { type Source, sourcesOf } from './sources.js';
import { PRESENT_KINDS, type StreamKind, type StreamWish } from './stream-kinds.js';
import { STREAM_LIMITS } from './stream-limits.js';
import { behindOf, type Place, type StreamPosition } from './stream-position.js';

/** Where a client's stream begins. */
export interface StreamStart {
  readonly events: readonly LiveEvent[];
  readonly position: StreamPosition;
  readonly sources: readonly Source[];
}

/** Finds where streams begin. */
@Injectable()
export class StreamStarts {
  constructor(
    private readonly bus: Bus,
    private readonly resources: OperatorResources,
    private readonly present: PresentState,
  ) {}

  /**
   * Sources whose records behind the resumed place are all there go on from it. The others begin anew: with the present state of
   * their kinds or, where a kind has none, with an event that says that something is missing.
   */
  async of(wish: StreamWish, resume: StreamPosition = new Map<string, Place>()): Promise<StreamStart> {
    const groups = this.groupsOf(wish);
    const sources = sourcesOf(wish.kinds, groups);
    const lost = await this.lostOf(sources, resume);
    const anew = sources.filter(({ name }) => !resume.has(name) || lost.has(name));
    const kinds = [...wish.kinds].filter((kind) => PRESENT_KINDS.includes(kind));
    const begun = kinds.filter((kind) => anew.some(({ name }) => name === kind));
    const { events, position } = await this.present.read(wish, begun, anew);
    const gaps = [...wish.kinds].filter(
      (kind) => !PRESENT_KINDS.includes(kind) && sourcesOf([kind], groups).some(({ name }) => lost.has(name)),
    );
    return {
      events: [...(gaps.length > 0 ? [gapIn(gaps)] : []), ...events],
      position: new Map([...position, ...[...resume].filter(([name]) => !lost.has(name))]),
      sources,
    };
  }

  private groupsOf({ kinds, group }: StreamWish): string[] {
    if (!kinds.has('fact')) return [];
    if (group !== undefined) return [this.resources.group(group).name];
    const groups = this.resources.groups().map(({ name }) => name);
    if (groups.length <= STREAM_LIMITS.groups) return groups;
    throw new CodedError(
      'validation-failed',
      `/group must name one of the ${groups.length} groups: one stream tells of ${STREAM_LIMITS.groups} at most`,
      [{ pointer: '/group', message: 'must be given' }],
    );
  }

  /**
   * Places beyond the end are of a stream that was made anew since, and of what came behind places that are no longer kept something
   * may be gone.
   */
  private async lostOf(sources: readonly Source[], resume: StreamPosition): Promise<ReadonlySet<string>> {
    const resumed = sources.filter(({ name }) => resume.has(name));
    const ends = new Map<string, { readonly first: number; readonly last: number }>();
    for (const stream of new Set(resumed.map((one) => one.stream)))
      ends.set(stream, await this.endsOf(stream));
    const isLost = ({ name, stream }: Source): boolean => {
      const place = resume.get(name)!;
      const { first, last } = ends.get(stream)!;
      return place.seq > last || behindOf(place) < first - 1;
    };
    return new Set(resumed.filter(isLost).map(({ name }) => name));
  }

  private async endsOf(stream: string): Promise<{ first: number; last: number }> {
    const { first_seq: first = 0, last_seq: last = 0 } =
      (await streamInfo(this.bus.manager, stream))?.state ?? {};
    // what is left of ACTIVITY behind its horizon are records that are still needed
    return { first: stream === STREAMS.activity ? (await horizonOf(this.bus)) + 1 : first, last };
  }
}

/** Records of these kinds are gone that the client would have got: it has to read its lists anew. */
function gapIn(kinds: readonly StreamKind[]): LiveEvent {
  return new LiveEvent({ kind: 'gap', data: { kinds } });
}
