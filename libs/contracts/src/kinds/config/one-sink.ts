import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { isOfKind, type SetRule } from '../kind.js';
import { specOf } from '../spec-of.js';
import { CONFIG_SINK } from './config-sink.js';
import { type ConfigSinkSpec, ownPlaceOf, sinkPlaceOf } from './sink-specs.js';

/** A file, and a prefix of a bucket, is written by one ConfigSink: two would write over each other without end. ADR 0030. */
export const ONE_SINK: SetRule = {
  about: [CONFIG_SINK],
  places: ownPlaces,
  *near(sink, { at }) {
    for (const place of ownPlaces(sink)) yield* at(place);
  },
  over(resources) {
    const sinks = new Map<string, Resource[]>();
    for (const sink of resources)
      for (const place of ownPlaces(sink)) {
        const others = sinks.get(place);
        if (others) others.push(sink);
        else sinks.set(place, [sink]);
      }
    return (sink) => {
      const [place = ''] = ownPlaces(sink);
      const other = sinks.get(place)?.find((one) => keyOf(one) !== keyOf(sink));
      if (!other) return [];
      const spec = specOf<ConfigSinkSpec>(sink);
      const message = `${refText(refOf(other))} writes ${sinkPlaceOf(spec)} already: give one of them another place`;
      return [{ pointer: placePointer(spec), message }];
    };
  },
};

/** The place of a ConfigSink, when it has one for itself. */
function ownPlaces(resource: Resource): readonly string[] {
  const place = isOfKind(resource, CONFIG_SINK) ? ownPlaceOf(specOf<ConfigSinkSpec>(resource)) : undefined;
  return place === undefined ? [] : [place];
}

function placePointer({ natsKv }: ConfigSinkSpec): string {
  if (!natsKv) return '/spec/file/path';
  return natsKv.prefix === undefined ? '/spec/natsKv/bucket' : '/spec/natsKv/prefix';
}
