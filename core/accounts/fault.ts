/** Calls that a connector did not answer: what it threw, and how long one may be under way. */
import { second } from '../base/clock.ts';
import { Fault } from '../sdk/fault.ts';

/** Longer than the longest processor deadline that the configuration allows (120 s). */
export const callMsMax = 150 * second;

/**
 * Whatever a connector threw, as a fault. What is not a Fault is a bug in the connector, and a bug
 * may strike after the money moved.
 */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const fault = new Fault('unintelligible', 'the connector broke');
  fault.cause = error;
  return fault;
}
