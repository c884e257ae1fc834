/** What each payment method tells the customer: account numbers, codes, links; and how long. */
import type { PaymentType } from './facts.ts';
import type { World } from './state.ts';
import type { JsonObject } from './wire.ts';

export interface Offer {
  /** In every body about the payment. */
  readonly method: Record<string, JsonObject[string]>;
  /** Only in the answer to the charge. */
  readonly offer: JsonObject;
  readonly message: string;
  readonly lifeMs: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A wallet's link and a QR code are good for 15 minutes. */
const walletLifeMs = 15 * minuteMs;

export interface OfferInput {
  readonly id: string;
  readonly orderId: string;
  readonly amount: number;
  /** The bank of a virtual account, the store of a payment code. */
  readonly channel: string | undefined;
  readonly accountSuffix?: string | undefined;
  readonly callbackUrl?: string | undefined;
}

/** For everything but cards. */
export function makeOffer(world: World, type: PaymentType, input: OfferInput): Offer {
  if (type === 'bank_transfer') return virtualAccount(world, input);
  if (type === 'qris') return qris(world, input);
  if (type === 'gopay') return gopay(world, input);
  if (type === 'echannel') {
    return {
      method: { biller_code: '70012', bill_key: world.digits(12) },
      offer: {},
      message: 'OK, Mandiri Bill transaction is successful',
      lifeMs: dayMs,
    };
  }
  if (type === 'cstore') {
    return {
      method: { store: input.channel, payment_code: world.digits(18) },
      offer: {},
      message: 'Success, cstore transaction is successful',
      lifeMs: dayMs,
    };
  }
  if (type === 'akulaku' || type === 'kredivo') {
    return {
      method: {},
      offer: { redirect_url: `${world.apiUrl}/v2/${type}/redirect/${input.id}` },
      message: `Success, ${type} transaction is created`,
      lifeMs: dayMs,
    };
  }
  const url = `https://wallet.example/${type}/pay?tref=${input.id}`;
  return {
    method: {},
    offer: { actions: [{ name: 'deeplink-redirect', method: 'GET', url }] },
    message: `Success, ${type} transaction is created`,
    lifeMs: walletLifeMs,
  };
}

function virtualAccount(world: World, { channel, accountSuffix }: OfferInput): Offer {
  if (channel === undefined) throw new Error('a virtual account is at a bank');
  const number = `8778${(accountSuffix ?? world.digits(12)).padStart(12, '0')}`;
  const isPermata = channel === 'permata';
  return {
    method: isPermata
      ? { permata_va_number: number }
      : { va_numbers: [{ bank: channel, va_number: number }] },
    offer: {},
    message: isPermata
      ? 'Success, PERMATA VA transaction is successful'
      : 'Success, Bank Transfer transaction is created',
    lifeMs: dayMs,
  };
}

function qris(world: World, { id, amount }: OfferInput): Offer {
  const url = `${world.apiUrl}/v2/qris/${id}/qr-code`;
  const amountField = `54${String(`${amount}.00`.length).padStart(2, '0')}${amount}.00`;
  return {
    method: { acquirer: 'gopay' },
    offer: {
      actions: [{ name: 'generate-qr-code', method: 'GET', url }],
      qr_string: `00020101021226620014COM.GO-JEK.WWW5303360${amountField}5802ID62400736${id}6304A623`,
    },
    message: 'QRIS transaction is created',
    lifeMs: walletLifeMs,
  };
}

function gopay(world: World, { id, orderId, amount, callbackUrl }: OfferInput): Offer {
  const { apiUrl } = world;
  const back = callbackUrl === undefined ? '' : `&callback_url=${callbackUrl}?order_id=${orderId}`;
  const link = `gojek://gopay/merchanttransfer?tref=${id}&amount=${amount}&activity=GP:RR${back}`;
  const qr = `${apiUrl}/v2/gopay/${id}/qr-code`;
  return {
    method: {},
    offer: {
      actions: [
        { name: 'generate-qr-code', method: 'GET', url: qr },
        {
          name: 'generate-qr-code-v2',
          method: 'GET',
          url: `${apiUrl}/v4/qris/gopay/${id}/qr-code`,
        },
        { name: 'deeplink-redirect', method: 'GET', url: link },
        { name: 'get-status', method: 'GET', url: `${apiUrl}/v2/${id}/status` },
        { name: 'cancel', method: 'POST', url: `${apiUrl}/v2/${id}/cancel`, fields: [] },
      ],
      channel_response_code: '200',
      channel_response_message: 'Success',
    },
    message: 'GO-PAY billing created',
    lifeMs: walletLifeMs,
  };
}
