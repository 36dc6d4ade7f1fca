// All converters.

import type { ConverterKeyword } from '../../registry/define.ts';
import arithmetic from './arithmetic.ts';

export const CONVERTERS: readonly ConverterKeyword[] = [...arithmetic];
