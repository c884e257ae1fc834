/** Authorizes by a PaymentIntent: confirmed at once, or by the customer in the browser. */
import { Fault, type Authorize, type CardInput } from '#sdk';
import { readDeclined, readIntent, type StripeOutcome } from './answers.ts';
import { post, type Answer, type StripeContext } from './calls.ts';
import { textOf } from './fields.ts';
import type { Form } from './form.ts';
import { metadataOf } from './metadata.ts';
import { toStripe } from './money.ts';
import { contactOf, shippingOf } from './party.ts';

/** Stripe cannot be told to leave 3-D Secure out; `automatic` asks where the rules want it. */
const threeDs = { three_ds: 'any', no_three_ds: 'automatic' } as const;

export async function authorize(
  context: StripeContext,
  command: Authorize,
): Promise<StripeOutcome> {
  const intent = intentOf(context, command);
  const { method, capture, operationId } = command;
  let paidWith: Form = {};
  if (method.type === 'card') {
    const made = await makeMethod(context, command, method);
    if (!made.accepted) return readDeclined(made);
    paidWith = { payment_method: textOf(made.fields, 'id') };
  } else if (method.type === 'token') {
    paidWith = tokenOf(method.token.reveal());
  }
  const answer = await post(context, '/v1/payment_intents', operationId, {
    ...intent,
    ...paidWith,
  });
  if (!answer.accepted) return readDeclined(answer);
  return readIntent(context, answer.fields, { capture, method: method.type });
}

function intentOf({ settings }: StripeContext, command: Authorize): Form {
  const { amount, capture, customerReference, details, method } = command;
  if (method.type === 'hosted' && settings.publishable_key === undefined) {
    throw new Fault('rejected', 'the account has no publishable_key, which a browser needs');
  }
  return {
    ...toStripe(amount),
    capture_method: capture,
    customer: customerReference,
    description: details.description,
    metadata: metadataOf(command),
    shipping: shippingOf(details.shipping, details.customer),
    statement_descriptor_suffix:
      details.statement_descriptor ?? settings.statement_descriptor_suffix,
    // What is charged without the customer there has been saved before.
    setup_future_usage: details.off_session ? undefined : details.setup_future_usage,
    payment_method_options: details.authentication_type && {
      card: { request_three_d_secure: threeDs[details.authentication_type] },
    },
    ...confirmationOf(command),
    expand: ['latest_charge'],
  };
}

/** Who confirms, and how far the customer can be sent for it. */
function confirmationOf({ method, details, returnUrl }: Authorize): Form {
  switch (method.type) {
    case 'hosted':
      return { automatic_payment_methods: { enabled: true } };
    case 'card':
    case 'token':
      if (details.off_session === true) {
        return { confirm: true, off_session: true, automatic_payment_methods: staying };
      }
      return { confirm: true, return_url: returnUrl, automatic_payment_methods: going };
    case 'qris':
    case 'gopay':
    case 'bank_transfer':
      throw new Fault('rejected', `the connector takes no ${method.type}`);
  }
}

const staying = { enabled: true, allow_redirects: 'never' };
const going = { enabled: true, allow_redirects: 'always' };

function tokenOf(token: string): Form {
  if (/^ctoken_\w+$/.test(token)) return { confirmation_token: token };
  if (/^pm_\w+$/.test(token)) return { payment_method: token };
  throw new Fault('rejected', 'the token is neither pm_… nor ctoken_…');
}

/** Card numbers go into a payment method of their own: an intent takes none. */
function makeMethod(
  context: StripeContext,
  { operationId, details }: Authorize,
  { number, exp_month, exp_year, cvc, holder_name }: CardInput,
): Promise<Answer> {
  const billing = details.billing ?? {};
  return post(context, '/v1/payment_methods', `${operationId}:method`, {
    type: 'card',
    card: { number: number.reveal(), exp_month, exp_year, cvc: cvc?.reveal() },
    billing_details: contactOf({ ...billing, name: holder_name ?? billing.name }),
  });
}
