// What a stream and the process cost (manual 7.3.2). Streams are measured only where a configuration asks.

import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { Effort, StreamContext } from '../context.ts';
import { Type } from '../sample.ts';
import { processUsage, threadUsage } from '../usage.ts';

const effort = (name: string, doc: string, read: (effort: Effort) => number): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.SINT,
    ...Source.TRACKED,
    doc,
    check(_args, { config }) {
      config.global.measuresStreams = true;
      return undefined;
    },
    fetch: (stream, sample) => stream.effort !== null && sample.setInt(read(stream.effort)),
  });

const average = (total: number, calls: number): number => (calls === 0 ? 0 : Math.floor(total / calls));

const usage = (name: string, doc: string, read: (stream: StreamContext) => number): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: `${doc}, 0 to 100, since a rule asked before (100 ms or more).`,
    fetch: (stream, sample) => sample.setInt(read(stream)),
  });

const shared = ({ process: { config } }: StreamContext): number => processUsage(config.global.nbthread);

export default [
  effort('cpu_calls', 'How often the stream was called to process something.', (spent) => spent.calls()),
  effort('cpu_ns_tot', 'Nanoseconds spent in these calls.', (spent) => spent.cpuNs()),
  effort('cpu_ns_avg', 'cpu_ns_tot divided by cpu_calls.', (spent) => average(spent.cpuNs(), spent.calls())),
  effort('lat_ns_tot', 'Nanoseconds that these calls waited for those before them.', (spent) =>
    spent.latencyNs(),
  ),
  effort('lat_ns_avg', 'lat_ns_tot divided by cpu_calls.', (spent) =>
    average(spent.latencyNs(), spent.calls()),
  ),
  usage('cpu_usage_thr', 'How busy the calling thread was', threadUsage),
  usage('cpu_usage_grp', 'How much of the processors the threads of the group used', shared),
  usage('cpu_usage_proc', 'How much of the processors all data threads used', shared),
];
