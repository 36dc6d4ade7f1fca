// The built-in error pages, as whole HTTP/1.1 messages. Whoever sends one adds what the connection needs.

/** Status, reason and the sentence below it. */
const PAGES: readonly (readonly [status: number, reason: string, text: string])[] = [
  [200, 'OK', 'Service ready.'],
  [400, 'Bad request', 'Your browser sent an invalid request.'],
  [401, 'Unauthorized', 'You need a valid user and password to access this content.'],
  [403, 'Forbidden', 'Request forbidden by administrative rules.'],
  [404, 'Not Found', 'The resource could not be found.'],
  [
    405,
    'Method Not Allowed',
    'A request was made of a resource using a request method not supported by that resource',
  ],
  // The reason differs from that of RFC 9110 on purpose: clients and tests know it so.
  [407, 'Unauthorized', 'You need a valid user and password to access this content.'],
  [408, 'Request Time-out', "Your browser didn't send a complete request in time."],
  [410, 'Gone', 'The resource is no longer available and will not be available again.'],
  [413, 'Payload Too Large', 'The request entity exceeds the maximum allowed.'],
  [414, 'URI Too Long', 'The request URI exceeds the maximum allowed.'],
  [421, 'Misdirected Request', 'Request sent to a non-authoritative server.'],
  [422, 'Unprocessable Content', 'The server cannot process the contained instructions.'],
  [425, 'Too Early', 'Your browser sent early data.'],
  [429, 'Too Many Requests', 'You have sent too many requests in a given amount of time.'],
  [431, 'Request Header Fields Too Large', 'The request header fields exceed the maximum allowed.'],
  [500, 'Internal Server Error', 'An internal server error occurred.'],
  [501, 'Not Implemented', 'The server does not support the functionality required to fulfill the request.'],
  [502, 'Bad Gateway', 'The server returned an invalid or incomplete response.'],
  [503, 'Service Unavailable', 'No server is available to handle this request.'],
  [504, 'Gateway Time-out', "The server didn't respond in time."],
];

const messages = new Map(PAGES.map(([status, reason, text]) => [status, message(status, reason, text)]));
const internalError = messages.get(500)!;

function message(status: number, reason: string, text: string): string {
  const body = `<html><body><h1>${status} ${reason}</h1>\n${text}\n</body></html>\n`;
  return (
    `HTTP/1.1 ${status} ${reason}\r\ncontent-length: ${body.length}\r\n` +
    `cache-control: no-cache\r\ncontent-type: text/html\r\n\r\n${body}`
  );
}

/** The statuses that have a page of their own (manual: errorfile). */
export const errorStatuses: readonly number[] = PAGES.map(([status]) => status);

/** The built-in answer for `status`; that of 500 where there is none. */
export function defaultError(status: number): string {
  return messages.get(status) ?? internalError;
}
