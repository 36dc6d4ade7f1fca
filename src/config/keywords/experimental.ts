// expose-experimental-directives (manual 3.1): keywords may say that they exist only with it.

import { flag } from './global-kinds.ts';

export default flag(
  'expose-experimental-directives',
  'Allows directives that may still change.',
  (global) => {
    global.experimental = true;
  },
);
