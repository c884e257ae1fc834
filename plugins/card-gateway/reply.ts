/** The envelope around everything, and how refusals are printed in it. */
import type {
  DialectRefusal,
  DialectReply,
  DialectRoute,
  NativePayment,
  Problem,
  ProblemCode,
} from '#sdk';
import { presentPayment } from './present.ts';
import { responseOf } from './response-code.ts';
import type { Settings } from './settings.ts';

export type Reply = (data: object, more?: { status?: number; message?: string }) => DialectReply;

/** `status` is 202 while nobody knows the outcome. */
export function replier({ envelope }: Settings): Reply {
  return (data, { status = 200, message } = {}) => {
    const told = message === undefined ? {} : { message };
    return {
      status: status === 202 ? 202 : 200,
      body: envelope === 'wrapped' ? { success: true, ...told, data } : { ...data, ...told },
    };
  };
}

/** The browser's route: its refusals have a code inside `error`, as its page reads them. */
export const confirmRouteId = 'confirmPaymentIntent';
export const getPaymentRouteId = 'getPayment';

/**
 * Where the document and we differ. A conflict with the state is 400, as its endpoints say, not the
 * 409 of its table: the more specific text is the one that clients were written by.
 */
const statuses: Partial<Record<ProblemCode, number>> = {
  forbidden: 401,
  method_not_allowed: 404,
  unsupported_media_type: 400,
  payment_state: 400,
  payment_expired: 400,
  attempts_exhausted: 410,
  idempotency_key_reused: 409,
};

const words: Partial<Record<ProblemCode, string>> = {
  attempts_exhausted: 'MAX_ATTEMPTS_REACHED',
  client_secret_invalid: 'INVALID_CLIENT_SECRET',
  forbidden: 'UNAUTHORIZED',
  idempotency_key_reused: 'IDEMPOTENCY_KEY_MISMATCH',
  payment_expired: 'AUTHORIZATION_EXPIRED',
};

const confirmWords: Partial<Record<ProblemCode, string>> = {
  payment_expired: 'INTENT_EXPIRED',
  payment_state: 'CANNOT_CONFIRM',
};

export function printer(settings: Settings) {
  return ({ problem, requestId, route }: DialectRefusal): DialectReply => {
    const { code, message, options } = problem;
    const confirming = route?.id === confirmRouteId;
    const payment = options.members?.['payment'] as NativePayment | undefined;
    const declined = payment && problem.status === 402 ? responseOf(payment) : {};
    const fraud = 'fraud_decision' in declined && declined.fraud_decision === 'decline';
    const word =
      (confirming ? confirmWords[code] : undefined) ??
      (fraud ? 'FRAUD_DECLINED' : (words[code] ?? code.toUpperCase()));
    return {
      status: statusOf(problem, route, settings),
      body: {
        ...(settings.envelope === 'wrapped' && { success: false }),
        ...(confirming
          ? { error: { code: word, message, ...declined } }
          : { error: message, code: word, ...declined }),
        ...(payment && problem.status === 402 && { data: presentPayment(payment) }),
        request_id: requestId,
      },
    };
  };
}

function statusOf(
  { code, status }: Problem,
  route: DialectRoute | undefined,
  { foreign_payment: foreign = 404 }: Settings,
): number {
  if (code === 'payment_expired' && route?.id === confirmRouteId) return 410;
  if (code === 'not_found' && route?.id === getPaymentRouteId) return foreign;
  return statuses[code] ?? status;
}
