// Values on their way through an expression, shown to whoever looks for a fault in it (manual 7.3.1, debug).

import { isSink } from '../../config/log-ring.ts';
import { optional, str } from '../../registry/args.ts';
import { defineConverter } from '../../registry/define.ts';
import { toStr } from '../cast.ts';
import { Sample, Type } from '../sample.ts';

const NAMES = ['any', 'bool', 'sint', 'addr', 'ipv4', 'ipv6', 'str', 'bin', 'meth'];
const scratch = new Sample();

export default [
  defineConverter({
    name: 'debug',
    from: Type.ANY,
    to: Type.ANY,
    args: [optional(str('prefix'), ''), optional(str('destination'), 'buf0')],
    volatile: true,
    doc: 'Writes type and value to stdout, stderr or a ring (buf0 without <destination>), and passes them on.',
    check: ([, sink], context) => (isSink(sink, context) ? undefined : `No such sink '${sink}'`),
    convert(sample, [prefix, sink], stream) {
      scratch.copy(sample);
      const text = toStr(scratch) ? scratch.text.replace(/[^ -~]/g, '.') : '';
      stream.process.emit(sink, `[debug] ${prefix}: type=${NAMES[sample.type]!} <${text}>`);
      return true;
    },
  }),
];
