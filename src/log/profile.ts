// What a log-profile says of a line (manual 8.3.5).

import type { LogProfile, LogProfileStep } from '../config/model.ts';
import type { Origin } from '../sample/origin.ts';

/** The step that a line of `origin` takes: its own, else `any`; null where the profile says nothing of it. */
export function stepOf(profile: LogProfile, origin: Origin): LogProfileStep | null {
  return profile.steps.get(origin) ?? profile.any;
}
