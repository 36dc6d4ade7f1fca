// JSON Web Tokens: what they say and whether their signature holds (manual 7.3.1, jwt_*_query and jwt_verify*).

import { optional, str } from '../../registry/args.ts';
import { type ConverterKeyword, ConfigError, defineConverter } from '../../registry/define.ts';
import { isAlgorithm, tokenPart, Verdict, verifyToken } from '../jwt.ts';
import { certificateOf, loadCertificate, loadPublicKey, publicKeyOf } from '../key-files.ts';
import { Type } from '../sample.ts';
import { type TextArgument, textOf, textOrVariable } from '../text-argument.ts';
import { checkOutputType, jsonPath, queryJson } from './json-query.ts';

const query = (
  name: string,
  part: number,
  doc: string,
  examples: ConverterKeyword['examples'],
): ConverterKeyword =>
  defineConverter({
    name,
    from: Type.STR,
    to: Type.STR,
    args: [optional(jsonPath, null), optional(str('output_type'), '')],
    doc: `${doc}, or what json_query finds in it.`,
    examples: examples!,
    check: ([, type]) => checkOutputType(type),
    convert(sample, [steps, type]) {
      const decoded = tokenPart(sample.text, part);
      if (decoded === null) return false;
      const text = decoded.toString('latin1');
      return steps === null ? sample.setStr(text) : queryJson(sample, text, steps, type);
    },
  });

const checkAlgorithm = ({ text, variable }: TextArgument): string | undefined =>
  variable !== null || isAlgorithm(text) ? undefined : `unknown JWT algorithm: ${text}`;

const TOKEN =
  'str(eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhIjo3LCJzIjoieCJ9.iP11J_E7b_UH2CLO64GyiYCTPNCbQ_uzJ5HYzcaitVU)';

export default [
  query('jwt_header_query', 0, 'The decoded header of a token', [
    [`${TOKEN},jwt_header_query`, '{"alg":"HS256","typ":"JWT"}'],
    [`${TOKEN},jwt_header_query($.alg)`, 'HS256'],
    ['str(!!.e30.x),jwt_header_query', null],
  ]),
  query('jwt_payload_query', 1, 'The decoded payload of a signed token', [
    [`${TOKEN},jwt_payload_query`, '{"a":7,"s":"x"}'],
    [`${TOKEN},jwt_payload_query($.a,int),add(1)`, '8'],
    ['str(e30),jwt_payload_query', null],
  ]),
  defineConverter({
    name: 'jwt_verify',
    from: Type.STR,
    to: Type.SINT,
    args: [textOrVariable('alg'), textOrVariable('key')],
    volatile: true,
    doc:
      'Verifies the signature of a token with a secret or with the public key in a PEM file read at load: ' +
      '1 where it holds, 0 where not, below 0 for an error.',
    examples: [
      [`${TOKEN},jwt_verify(HS256,foo)`, '1'],
      [`${TOKEN},jwt_verify(HS256,bar)`, '0'],
      ['str(a.b.),jwt_verify(none,)', '1'],
      ['str(a.b.c),jwt_verify(none,)', '0'],
      ['str(a.b),jwt_verify(HS256,secret)', '-3'],
      ['str(a.b.cccc),jwt_verify(RS256,/nonexistent)', '-5'],
    ],
    check([algorithm, key], context) {
      const problem = checkAlgorithm(algorithm);
      if (problem !== undefined || algorithm.text.startsWith('HS')) return problem;
      if (!loadPublicKey(key.text, context)) context.warn(`file not found (${key.text})`);
      return undefined;
    },
    convert(sample, [algorithmArgument, keyArgument], stream) {
      const algorithm = textOf(stream, algorithmArgument);
      const key = textOf(stream, keyArgument);
      if (algorithm === null || key === null) return false;
      const { config } = stream.process;
      return sample.setInt(verifyToken(sample.text, algorithm, key, (path) => publicKeyOf(config, path)));
    },
  }),
  defineConverter({
    name: 'jwt_verify_cert',
    from: Type.STR,
    to: Type.SINT,
    args: [textOrVariable('alg'), textOrVariable('cert')],
    volatile: true,
    doc:
      'As jwt_verify, with the key of a certificate: a PEM file read at load, or a variable that names one which ' +
      'another converter has read.',
    check([algorithm, certificate], context) {
      const problem = checkAlgorithm(algorithm);
      if (problem !== undefined || certificate.variable !== null) return problem;
      return checkCertificate(certificate.text, () => loadCertificate(certificate.text, context));
    },
    convert(sample, [algorithmArgument, certificate], stream) {
      const algorithm = textOf(stream, algorithmArgument);
      const path = textOf(stream, certificate);
      if (algorithm === null || path === null) return false;
      if (algorithm.startsWith('HS') && isAlgorithm(algorithm)) {
        return sample.setInt(Verdict.UNMANAGED_ALGORITHM);
      }
      const { config } = stream.process;
      const lookup = (name: string) => certificateOf(config, name)?.publicKey ?? null;
      return sample.setInt(verifyToken(sample.text, algorithm, path, lookup));
    },
  }),
];

/** What is wrong with a certificate that a configuration names, or undefined. */
export function checkCertificate(path: string, load: () => void): string | undefined {
  if (path.startsWith('@')) return `certificates of a crt-store are known but not yet supported ('${path}')`;
  try {
    load();
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
