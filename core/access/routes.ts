/** Merchants, profiles and API keys over HTTP: every route of this folder, in the API's order. */
import type { Route } from '../sdk/route.ts';
import { adminRoutes } from './admin-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { merchantRoutes } from './merchant-routes.ts';
import { profileRoutes } from './profile-routes.ts';
import type { AccessRouteDeps } from './route-parts.ts';

export type { AccessRouteDeps } from './route-parts.ts';

export function accessRoutes(deps: AccessRouteDeps): readonly Route[] {
  return [
    ...merchantRoutes(deps),
    ...profileRoutes(deps),
    ...keyRoutes(deps),
    ...adminRoutes(deps),
  ];
}
