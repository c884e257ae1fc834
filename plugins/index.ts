/** The plugins that come with the switch: one line each. */
import type { Plugin } from '#sdk';
import { browserSdk } from './browser-sdk/index.ts';
import { cardGateway } from './card-gateway/index.ts';
import { checkout } from './checkout/index.ts';
import { paypool } from './paypool/index.ts';
import { payzpool } from './payzpool/index.ts';

export const plugins: readonly Plugin[] = [browserSdk, checkout, cardGateway, payzpool, paypool];
