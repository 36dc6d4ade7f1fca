// Encrypted JSON Web Tokens (manual 7.3.1, jwt_decrypt_*). Whatever is wrong with one gives an empty string.

import { type ConverterKeyword, defineConverter } from '../../registry/define.ts';
import type { StreamContext } from '../context.ts';
import { type DecryptionKey, decryptToken, DEFAULT_ENABLED, parseJwk } from '../jwe.ts';
import { certificateOf, loadCertificate } from '../key-files.ts';
import { type Sample, Type } from '../sample.ts';
import { textOf, textOrVariable } from '../text-argument.ts';
import { checkCertificate } from './jwt.ts';

/** The secret is base64, with or without padding. */
function parseSecret(text: string): Buffer | null {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text !== '' ? Buffer.from(text, 'base64') : null;
}

function decrypt(sample: Sample, stream: StreamContext, key: DecryptionKey | null): true {
  const enabled = stream.process.config.global.tokenDecryption ?? DEFAULT_ENABLED;
  const content = key === null ? null : decryptToken(sample.text, key, enabled);
  return sample.setBin(content === null ? '' : content.toString('latin1'));
}

/** A literal key is parsed once, at load. */
const withKey = (
  name: string,
  usage: string,
  doc: string,
  parse: (text: string) => DecryptionKey | null,
): ConverterKeyword => {
  const text = textOrVariable(usage);
  return defineConverter({
    name,
    from: Type.STR,
    to: Type.BIN,
    args: [
      {
        ...text,
        fallback: { ...text.fallback, key: null as DecryptionKey | null },
        parse(written, context) {
          const argument = text.parse(written, context);
          return { ...argument, key: argument.variable === null ? parse(argument.text) : null };
        },
      },
    ],
    volatile: true,
    doc,
    check: ([{ variable, key }]) =>
      variable === null && key === null
        ? `${usage} : expects a valid key or a variable that holds one`
        : undefined,
    convert(sample, [argument], stream) {
      if (argument.variable === null) return decrypt(sample, stream, argument.key);
      const held = textOf(stream, argument);
      return decrypt(sample, stream, held === null ? null : parse(held));
    },
  });
};

export default [
  defineConverter({
    name: 'jwt_decrypt_cert',
    from: Type.STR,
    to: Type.BIN,
    args: [textOrVariable('cert')],
    volatile: true,
    doc:
      'The content of an encrypted token, opened with the private key beside a certificate: a PEM file read at load, ' +
      'or a variable that names one which another converter has read.',
    check([certificate], context) {
      if (certificate.variable !== null) return undefined;
      return checkCertificate(certificate.text, () => loadCertificate(certificate.text, context));
    },
    convert(sample, [certificate], stream) {
      const path = textOf(stream, certificate);
      const found = path === null ? null : certificateOf(stream.process.config, path);
      return decrypt(sample, stream, found === null ? null : found.privateKey);
    },
  }),
  withKey(
    'jwt_decrypt_jwk',
    'jwk',
    'The content of an encrypted token, opened with a JSON Web Key of type oct, RSA or EC.',
    parseJwk,
  ),
  withKey(
    'jwt_decrypt_secret',
    'secret',
    'The content of an encrypted token, opened with a base64 secret.',
    parseSecret,
  ),
];
