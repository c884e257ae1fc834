/** What every plugin has to keep to, for the checkout with all of its settings. */
import { describePlugin } from '../../test/conformance/plugin-kit.ts';
import { checkout } from './index.ts';

describePlugin({
  plugin: checkout,
  settings: {
    script_urls: { stripe: 'https://scripts.example/v3/' },
    domains: {
      prof_00000000000000000000000000: 'https://one.example',
      acct_00000000000000000000000000: 'https://two.example',
    },
  },
});
