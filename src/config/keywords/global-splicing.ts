// Keywords of the global section about splicing: whether it is done at all, and the pipes for it.

import { defineKeyword, type SectionKeyword } from '../../registry/define.ts';
import { checkForm, type Form } from './global-internal.ts';
import { noFastForward, noSplice } from '../switches.ts';
import { parseSize } from '../values.ts';
import type { GlobalConfig } from '../model.ts';

function keyword(
  name: string,
  form: Form,
  doc: string,
  set: (global: GlobalConfig, value: string) => void,
): SectionKeyword {
  const argument = { none: '', number: ' <number>', size: ' <size>', switch: ' { on | off }' }[
    form as string
  ];
  return defineKeyword({
    name,
    sections: ['global'],
    usage: `${name}${argument}`,
    doc,
    parse(words, context) {
      checkForm(name, form, words, context);
      set(context.config.global, words[1] ?? '');
    },
  });
}

const http = (name: string, doc: string): SectionKeyword =>
  keyword(name, 'switch', doc, (global, value) => {
    if (value === 'off') global.spliceHttp = false;
  });

export const splicingKeywords: readonly SectionKeyword[] = [
  keyword(
    'maxpipes',
    'number',
    'Pipes of the whole process at most, a quarter of maxconn by default.',
    (g, text) => {
      g.maxpipes = Number(text);
    },
  ),
  keyword('tune.pipesize', 'size', 'Bytes of a pipe. The system has the last word.', (global, text) => {
    global.pipesize = parseSize(text, 0x7fff_ffff).value;
  }),
  keyword('nosplice', 'none', 'No data is spliced, whatever options say.', noSplice),
  keyword(
    'tune.disable-fast-forward',
    'none',
    'Data is copied through memory and never spliced within the kernel.',
    noFastForward,
  ),
  keyword(
    'tune.disable-zero-copy-forwarding',
    'none',
    'Data is copied through memory and never spliced within the kernel.',
    noSplice,
  ),
  http('tune.h1.zero-copy-fwd-recv', '`off`: HTTP/1 bodies are never spliced.'),
  http('tune.h1.zero-copy-fwd-send', '`off`: HTTP/1 bodies are never spliced.'),
  keyword(
    'tune.pt.zero-copy-forwarding',
    'switch',
    '`off`: nothing is spliced in TCP mode.',
    (global, value) => {
      if (value === 'off') global.spliceTcp = false;
    },
  ),
];
