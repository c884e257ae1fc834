/** The connectors that come with the switch: one line each. */
import type { AnyConnector } from '#sdk';
import { cardSimulator } from './card-simulator/index.ts';

export const connectors: readonly AnyConnector[] = [cardSimulator];
