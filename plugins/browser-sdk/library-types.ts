/** `/pointsman.d.ts`: what pointsman.js offers, for a shop that writes TypeScript. */
export const libraryTypes = `/** Types of pointsman.js, which defines window.Pointsman. */

declare function Pointsman(publicKey: string, options?: PointsmanOptions): PointsmanClient;

interface PointsmanOptions {
  /** Where the switch is; by default where the script came from. */
  readonly baseUrl?: string;
  /** en, id, fr, ar; by default the page's lang, then the browser's language. */
  readonly locale?: string;
}

interface PointsmanClient {
  /** A card form, to be mounted. */
  card(options?: PointsmanCardOptions): PointsmanCard;
  /** Charges a payment that your server created. A decline is an error in the answer. */
  confirmPayment(wish: {
    readonly clientSecret: string;
    /** The mounted card form … */
    readonly element?: PointsmanCard;
    /** … or the id of a saved method or single-use token: pm_… */
    readonly paymentMethod?: string;
    /** Where the customer comes back to after the bank's page; may be relative. */
    readonly returnUrl?: string;
    readonly billing?: PointsmanBilling;
  }): Promise<PointsmanPaymentAnswer>;
  /**
   * Sends the customer where the payment wants him: by default the page is left and the promise
   * stays open. With target _blank a window is opened, and the answer comes when the payment has
   * moved on (15 minutes at most); that needs the clientSecret.
   */
  handleNextAction(
    payment: PointsmanPayment,
    options?: {
      readonly target?: '_self' | '_blank';
      readonly clientSecret?: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<PointsmanPaymentAnswer>;
  /** How the payment stands. For the customer's eyes: believe it on your server only. */
  retrievePayment(clientSecret: string): Promise<PointsmanPaymentAnswer>;
}

interface PointsmanCardOptions {
  /** False: no field for the name on the card. */
  readonly holder?: boolean;
  readonly style?: PointsmanStyle;
}

/** Colours: #rrggbb, rgb(…), or a name. */
interface PointsmanStyle {
  readonly color?: string;
  readonly background?: string;
  readonly borderColor?: string;
  readonly focusColor?: string;
  readonly errorColor?: string;
  /** 0px to 29px. */
  readonly borderRadius?: string;
  /** 12px to 24px. */
  readonly fontSize?: string;
  /** Of the customer's machine; nothing is loaded. */
  readonly fontFamily?: string;
  readonly colorScheme?: 'light' | 'dark';
}

interface PointsmanCard {
  mount(target: string | Element): PointsmanCard;
  unmount(): void;
  on(event: 'ready', listener: (detail: { readonly title: string }) => void): PointsmanCard;
  on(event: 'change', listener: (detail: PointsmanChange) => void): PointsmanCard;
  /** A field that cannot be right, a style that was refused, a frame that did not open. */
  on(event: 'error', listener: (error: PointsmanError) => void): PointsmanCard;
  /** The customer pressed Enter. */
  on(event: 'submit', listener: () => void): PointsmanCard;
  /** The card as a method for one payment within the hour, paid with the customer there. */
  tokenize(options?: {
    readonly billing?: PointsmanBilling;
  }): Promise<
    | { readonly paymentMethod: PointsmanMethod; readonly error?: undefined }
    | { readonly error: PointsmanError; readonly paymentMethod?: undefined }
  >;
  focus(): void;
  clear(): void;
}

interface PointsmanChange {
  readonly complete: boolean;
  readonly empty: boolean;
  /** visa, mastercard, amex, …, unknown */
  readonly brand: string;
  readonly error: PointsmanError | null;
}

interface PointsmanError {
  /** A code of the API (docs/errors.md), or one of the script: frame_refused, network_error, … */
  readonly code: string;
  readonly message: string;
  readonly param?: string;
  readonly status?: number;
  readonly request_id?: string;
  readonly decline_code?: string;
  readonly advice?: string;
}

type PointsmanPaymentAnswer =
  | { readonly payment: PointsmanPayment; readonly error?: undefined }
  /** The payment is there when it was declined. */
  | { readonly error: PointsmanError; readonly payment?: PointsmanPayment };

/** As GET /v1/payments/{id} shows it to a public key. */
interface PointsmanPayment {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
  readonly return_url: string | null;
  readonly payment_method: Record<string, unknown> | null;
  readonly next_action: { readonly type: string; readonly url?: string } | null;
  readonly last_error: { readonly code: string; readonly message: string } | null;
  readonly created_at: string;
}

interface PointsmanMethod {
  readonly id: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

interface PointsmanBilling {
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly phone_country_code?: string;
  readonly address?: Record<string, string>;
}
`;
