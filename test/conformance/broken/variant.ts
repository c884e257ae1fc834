/** How a broken connector is made: Acme Pay's, with one part replaced. */
import type { Connector, Context, HttpRequest, HttpResponse } from '#sdk';
import { acmePay } from '../acme-pay/index.ts';
import type { AcmePayRef, AcmePaySettings } from '../acme-pay/settings.ts';

export type AcmePay = Connector<AcmePaySettings, AcmePayRef>;
export type Ctx = Context<AcmePaySettings>;

/** A bug, and the title of the case that has to notice it. */
export interface Broken {
  readonly bug: string;
  readonly connector: AcmePay;
  readonly noticedBy: string;
}

export const right = acmePay.operations;

export const rightly = {
  capture: acmePay.operations.capture as NonNullable<AcmePay['operations']['capture']>,
  open: acmePay.webhook?.open as NonNullable<AcmePay['webhook']>['open'],
};

export function broken(bug: string, noticedBy: string, changes: Partial<AcmePay>): Broken {
  return { bug, noticedBy, connector: Object.freeze({ ...acmePay, ...changes }) };
}

/** A bug in one operation. */
export function brokenOperation(
  bug: string,
  noticedBy: string,
  operations: Partial<AcmePay['operations']>,
): Broken {
  return broken(bug, noticedBy, { operations: { ...right, ...operations } });
}

/** A bug in authorize, made by changing what it sends, what it reads, or both. */
export function brokenExchange(
  bug: string,
  noticedBy: string,
  exchange: (request: HttpRequest, context: Ctx) => Promise<HttpResponse>,
): Broken {
  return brokenOperation(bug, noticedBy, {
    authorize: (context, command) => right.authorize(through(context, exchange), command),
  });
}

export const through = (
  context: Ctx,
  exchange: (request: HttpRequest, context: Ctx) => Promise<HttpResponse>,
): Ctx => ({ ...context, http: { send: (request) => exchange(request, context) } });
