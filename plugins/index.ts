/** The plugins that come with the switch: one line each. */
import type { Plugin } from '#sdk';
import { checkout } from './checkout/index.ts';

export const plugins: readonly Plugin[] = [checkout];
