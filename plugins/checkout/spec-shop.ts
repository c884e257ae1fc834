/** A shop with a switch that has the checkout, and a customer's browser without JavaScript. */
import { expect } from 'chai';
import {
  startTestSwitch,
  type Answer,
  type TestSwitch,
  type TestSwitchOptions,
} from '../../test/support/app.ts';
import { simulatorLedger } from '../../test/support/books.ts';
import type { DatabasePlace } from '../../test/support/databases.ts';
import { checkout } from './index.ts';

export const cards = {
  good: '4242424242424242',
  declined: '4000000000000002',
  poor: '4000000000009995',
  wrongCvc: '4000000000000127',
  challenged: '4000000000003220',
  held: '4000000000009235',
} as const;

export const success = 'https://shop.example/thanks?s={CHECKOUT_SESSION_ID}';

/** Many pages from one address: the limits are another suite's subject. */
const patient = 'rate_limits: { public: { per_second: 100000 } }\n';

export const openShop = (place: DatabasePlace, options: TestSwitchOptions = {}) =>
  startTestSwitch(place, { plugins: [checkout], yaml: patient, ...options });

export class Shop {
  readonly app: TestSwitch;

  constructor(app: TestSwitch) {
    this.app = app;
  }

  ask(body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.app.call('/v1/checkout_sessions', { body, headers });
  }

  async session(more: object = {}): Promise<Answer['body']> {
    const answer = await this.ask({
      amount: 4200,
      currency: 'USD',
      success_url: success,
      ...more,
    });
    expect(answer.status, answer.text).to.equal(201);
    return answer.body;
  }

  async link(more: object = {}): Promise<Answer['body']> {
    const body = { type: 'one_time', amount: 4200, currency: 'USD', ...more };
    const answer = await this.app.call('/v1/payment_links', { body });
    expect(answer.status, answer.text).to.equal(201);
    return answer.body;
  }

  async reload(session: Answer['body']): Promise<Answer['body']> {
    return (await this.app.call(`/v1/checkout_sessions/${session['id']}`)).body;
  }

  page(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.app.call(path, { key: null, headers });
  }

  async post(path: string, fields: object, headers: Record<string, string> = {}): Promise<Answer> {
    const body = new URLSearchParams(fields as Record<string, string>).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.app.call(path, { key: null, body, headers: { ...type, ...headers } });
  }

  /** The hidden key of the form that the page shows now. */
  async formKey(path: string): Promise<string> {
    const { text } = await this.page(path);
    const key = /name="form" value="([0-9a-z]{26})"/.exec(text)?.[1];
    expect(key, text).to.be.a('string');
    return key ?? '';
  }

  /** Opens the page and sends the card, as a browser without JavaScript does. */
  async pay(session: Answer['body'], number: string, more: object = {}): Promise<Answer> {
    const path = `/checkout/${session['id']}`;
    const form = 'form' in more ? '' : await this.formKey(path);
    return this.post(path, { ...typed(number), form, ...more });
  }

  async charges(): Promise<number> {
    return (await simulatorLedger(this.app)).operations.filter(
      ({ kind, status }) => kind === 'authorize' && status !== 'declined',
    ).length;
  }

  async advance(by: string): Promise<void> {
    const key = this.app.credentials.admin_key;
    const answer = await this.app.call('/v1/clock/advance', { key, body: { by } });
    expect(answer.status, answer.text).to.equal(200);
  }
}

export const typed = (number: string) => ({
  method: 'card',
  number: number.replaceAll(/(.{4})(?=.)/g, '$1 '),
  expiry: '12/34',
  cvc: '123',
  holder: 'Jane Doe',
});
