// Which program this is, and which release of HAProxy it is compatible with.

export const PRODUCT_VERSION = '0.1.0';
/** The release whose manual is followed: answers `version_atleast()`, `-v` and `show info`. */
export const EMULATED_VERSION = '3.5.0';
export const VERSION = `${EMULATED_VERSION}-hawser${PRODUCT_VERSION}`;
export const RELEASE_DATE = '2026/11/23';
