// Who the client says it is, and whether a userlist agrees (manual 7.3.6 and 12.2).

import { logIn } from '../../core/passwords.ts';
import type { HttpMessage } from '../../http/message.ts';
import { optional, str, userlist } from '../../registry/args.ts';
import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { type Credentials, credentialsOf } from '../authorization.ts';
import { type Sample, Type } from '../sample.ts';

const basicOf = (request: HttpMessage | null): Credentials | null => {
  const credentials = request === null ? null : credentialsOf(request);
  return credentials !== null && credentials.scheme === 'Basic' ? credentials : null;
};

const part = (
  name: string,
  doc: string,
  fetch: (credentials: Credentials, sample: Sample) => boolean,
): FetchKeyword =>
  defineFetch({
    name,
    args: [],
    type: Type.STR,
    ...Source.REQUEST_HEADERS,
    doc,
    fetch({ request }, sample) {
      const credentials = request === null ? null : credentialsOf(request);
      return credentials !== null && fetch(credentials, sample);
    },
  });

export default [
  defineFetch({
    name: 'http_auth',
    args: [userlist('userlist')],
    type: Type.BOOL,
    ...Source.REQUEST_HEADERS,
    doc: 'Whether user and password of basic authentication are in the list; no value without them.',
    fetch({ request }, sample, [{ list }]) {
      const basic = basicOf(request);
      if (basic === null || list === null) return false;
      return sample.setBool(logIn(list, basic.user, basic.password) !== null);
    },
  }),
  defineFetch({
    name: 'http_auth_group',
    args: [userlist('userlist')],
    type: Type.STR,
    ...Source.REQUEST_HEADERS,
    doc: "The user's name if the password is right. In an ACL the patterns are groups, one of them the user's.",
    fetch({ request }, sample, [{ list }]) {
      const basic = basicOf(request);
      if (basic === null || list === null) return false;
      const user = logIn(list, basic.user, basic.password);
      return user !== null && sample.setStr(user.name);
    },
  }),
  defineFetch({
    name: 'http_auth_bearer',
    args: [optional(str('header'), '')],
    type: Type.STR,
    ...Source.REQUEST_HEADERS,
    doc: 'The token of bearer authentication, of <header> where one is given.',
    fetch({ request }, sample, [header]) {
      if (request === null) return false;
      const credentials = credentialsOf(request, header === '' ? 'authorization' : header.toLowerCase());
      return credentials !== null && credentials.scheme === 'Bearer' && sample.setStr(credentials.token);
    },
  }),
  part('http_auth_type', 'The scheme, Basic or Bearer.', ({ scheme }, sample) => sample.setStr(scheme)),
  part(
    'http_auth_user',
    'The user of basic authentication, unchecked.',
    ({ scheme, user }, sample) => scheme === 'Basic' && sample.setStr(user),
  ),
  part(
    'http_auth_pass',
    'The password of basic authentication, unchecked.',
    ({ scheme, password }, sample) => scheme === 'Basic' && sample.setStr(password),
  ),
];
