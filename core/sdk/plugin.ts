/**
 * A plugin is pure: host in, contributions out. The core's own features return the same
 * contributions, so there is one way to add a route.
 */
import type { Route } from './route.ts';

/** What a feature or a plugin adds to the switch; the host checks for clashes and mounts it. */
export interface Contributions {
  readonly routes?: readonly Route[];
}
