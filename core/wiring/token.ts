/**
 * The whole of our use of the container: a token per dependency, a factory per class. No
 * decorators, so the compiler checks every wire: a swapped or missing dependency does not build.
 */
import type { MapToResolvedValueInjectOptions, ServiceIdentifier } from 'inversify';

export const token = <T>(name: string): ServiceIdentifier<T> => Symbol.for(`pointsman.${name}`);

/** `bind(X).toResolvedValue(...construct(X, A, B))`: X is made from what A and B stand for. */
export const construct = <A extends unknown[], T>(
  made: new (...args: A) => T,
  ...deps: MapToResolvedValueInjectOptions<A>
): [(...args: A) => T, MapToResolvedValueInjectOptions<A>] => [
  (...args) => new made(...args),
  deps,
];
