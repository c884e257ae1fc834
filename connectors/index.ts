/** The connectors that come with the switch: one line each. */
import type { AnyConnector } from '#sdk';
import { cardSimulator } from './card-simulator/index.ts';
import { midtrans } from './midtrans/index.ts';
import { stripe } from './stripe/index.ts';

export const connectors: readonly AnyConnector[] = [cardSimulator, midtrans, stripe];
