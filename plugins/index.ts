/** The plugins that come with the switch: one line each. */
import type { Plugin } from '#sdk';

export const plugins: readonly Plugin[] = [];
