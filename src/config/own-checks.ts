// A section's own rules of HTTP checks take the place of those of its `defaults` section: what it says first drops what
// was inherited, as HAProxy keeps one rule set, not two.

import { newHttpCheck } from './defaults.ts';
import type { CheckSettings } from './model.ts';

/** Before `option httpchk` and `http-check send`: a request of our own, and no expectation of somebody else's request. */
export function beginRequest(check: CheckSettings): void {
  if (!check.inheritsRequest) return;
  check.inheritsRequest = false;
  check.http = newHttpCheck();
  check.sends = false;
  beginExpects(check);
}

/** Before `http-check expect`. The request that was inherited stays: there is nothing to expect without one. */
export function beginExpects(check: CheckSettings): void {
  if (!check.inheritsExpects) return;
  check.inheritsExpects = false;
  check.expects = [];
}
