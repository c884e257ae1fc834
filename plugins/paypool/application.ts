/** An application of Paypool's is a profile: its token, its numbers, its redirects. */
import { Problem, type Call, type Host, type NativePayment, type Principal } from '#sdk';
import { externalKind } from './payment.ts';

export interface Application {
  readonly merchantId: string;
  readonly profileId: string;
}

/** A key that is bound to no profile speaks for the default one. */
export async function applicationOf(
  host: Host,
  principal: Principal | undefined,
): Promise<Application> {
  const { merchantId = '', profileId } = principal ?? {};
  if (profileId !== undefined) return { merchantId, profileId };
  const { body } = await host.call<{ data: { id: string }[] }>('listProfiles', {
    principal: host.actFor({ merchantId }),
    query: { is_default: true },
  });
  return { merchantId, profileId: body.data[0]?.id ?? '' };
}

/** Not even a number of somebody's can hold these. */
const impossible = /\p{Cc}|^$/u;

/** The application's payment of that external_id. Throws `not_found`. */
export async function paymentOf(
  host: Host,
  { merchantId, profileId }: Application,
  externalId: string,
  call: Call,
): Promise<NativePayment> {
  const absent = () => new Problem('not_found', 'Payment not found');
  if (impossible.test(externalId)) throw absent();
  const known = await host.aliases.find(merchantId, externalKind(profileId), externalId);
  // Those that were not made here have no other name.
  const id = known ?? /^pay_[0-9a-z]{26}$/.exec(externalId)?.[0];
  if (id === undefined) throw absent();
  const { body } = await call<NativePayment>('getPayment', { params: { payment_id: id } });
  if (body.profile_id !== profileId) throw absent();
  return body;
}
