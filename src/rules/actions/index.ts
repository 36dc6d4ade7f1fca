// All actions.

import type { ActionKeyword } from '../../registry/define.ts';

export const ACTIONS: readonly ActionKeyword[] = [];
