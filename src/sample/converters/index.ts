// All converters.

import type { ConverterKeyword } from '../../registry/define.ts';
import aes from './aes.ts';
import arithmetic from './arithmetic.ts';
import dates from './dates.ts';
import debug from './debug.ts';
import encodings from './encodings.ts';
import fix from './fix.ts';
import hashes from './hashes.ts';
import json from './json.ts';
import jsonQuery from './json-query.ts';
import jwe from './jwe.ts';
import jwt from './jwt.ts';
import language from './language.ts';
import lookups from './lookups.ts';
import map from './map.ts';
import mqtt from './mqtt.ts';
import packet from './packet.ts';
import protobuf from './protobuf.ts';
import rfc7239 from './rfc7239.ts';
import state from './state.ts';
import strings from './strings.ts';
import when from './when.ts';
import x509 from './x509.ts';
import xxh from './xxh.ts';

export const CONVERTERS: readonly ConverterKeyword[] = [
  ...aes,
  ...arithmetic,
  ...dates,
  ...debug,
  ...encodings,
  ...fix,
  ...hashes,
  ...json,
  ...jsonQuery,
  ...jwe,
  ...jwt,
  ...language,
  ...lookups,
  ...map,
  ...mqtt,
  ...packet,
  ...protobuf,
  ...rfc7239,
  ...state,
  ...strings,
  ...when,
  ...x509,
  ...xxh,
];
