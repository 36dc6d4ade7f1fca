// Which program this is, and which release of HAProxy it is compatible with.

/** Version of Hawser itself. */
export const PRODUCT_VERSION = '0.1.0';
/** Version of HAProxy whose manual Hawser follows: what `version_atleast()`, `-v` and `show info` answer from. */
export const EMULATED_VERSION = '3.5.0';
/** The first two numbers of `EMULATED_VERSION`. */
export const EMULATED_BRANCH = '3.5';
export const VERSION = `${EMULATED_VERSION}-hawser${PRODUCT_VERSION}`;
export const RELEASE_DATE = '2026/11/23';
