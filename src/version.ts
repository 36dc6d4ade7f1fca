/** Version of Hawser itself. */
export const PRODUCT_VERSION = '0.1.0';
/** Version of HAProxy whose manual Hawser follows: what `version_atleast()` and HAPROXY_BRANCH answer from. */
export const EMULATED_VERSION = '3.5.0';
/** The first two numbers of `EMULATED_VERSION`. */
export const EMULATED_BRANCH = '3.5';
