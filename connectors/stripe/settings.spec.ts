/** Which settings an account at Stripe may have. */
import { expect } from 'chai';
import { Value } from 'typebox/value';
import { settingsFault, StripeSettings } from './settings.ts';

describe('stripe: settings', () => {
  it('take keys in Stripe’s spelling only', () => {
    const fits = (settings: object) => Value.Check(StripeSettings, settings);
    expect(fits({ secret_key: 'sk_test_1' })).to.equal(true);
    expect(fits({ secret_key: 'rk_live_1', publishable_key: 'pk_live_1' })).to.equal(true);
    expect(fits({ secret_key: 'pk_test_1' })).to.equal(false);
    expect(fits({ secret_key: 'sk_test_1', publishable_key: 'sk_test_1' })).to.equal(false);
    expect(fits({ secret_key: 'sk_test_1', webhook_secret: 'sk_test_1' })).to.equal(false);
    expect(fits({ secret_key: 'sk_test_1', more: 1 })).to.equal(false);
    expect(fits({ secret_key: 'sk_test_1', base_url: 'https://x.test/?a' })).to.equal(false);
  });

  it('are of one mode, and of the switch’s', () => {
    const test = { secret_key: 'sk_test_1' };
    const live = { secret_key: 'rk_live_1' };
    const faultIn = (settings: StripeSettings, mode: 'sandbox' | 'live') =>
      settingsFault(settings, mode)?.field;
    expect(faultIn(test, 'sandbox')).to.equal(undefined);
    expect(faultIn(live, 'live')).to.equal(undefined);
    expect(faultIn(live, 'sandbox')).to.equal('secret_key');
    expect(faultIn(test, 'live')).to.equal('secret_key');
    expect(faultIn({ ...test, publishable_key: 'pk_live_1' }, 'sandbox')).to.equal(
      'publishable_key',
    );
    expect(faultIn({ ...live, publishable_key: 'pk_test_1' }, 'live')).to.equal('publishable_key');
    expect(faultIn({ ...test, base_url: 'http://127.0.0.1:1' }, 'sandbox')).to.equal(undefined);
    expect(faultIn({ ...live, base_url: 'https://api.stripe.com' }, 'live')).to.equal('base_url');
  });
});
