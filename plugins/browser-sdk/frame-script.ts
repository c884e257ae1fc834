/**
 * What runs inside the switch's frames: it takes orders from the one page the switch has let in,
 * over a port, and calls the API from here, where it is the same origin. Plain ES2020.
 */
import { cardScript } from './card-script.ts';

const lineScript = String.raw`
  const origin = document.documentElement.dataset.origin;
  const failed = (code, message, param) => ({
    error: param === undefined ? { code, message } : { code, message, param },
  });
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  let key = '';
  let port;
  const tell = (event, detail) => {
    if (port) port.postMessage({ event, detail });
  };

  const newKey = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join('');

  const refusal = (said) => {
    const { code, detail, param, status, request_id, decline_code, advice, payment } = said;
    const error = { code, message: detail, param, status, request_id, decline_code, advice };
    return payment === undefined ? { error } : { error, payment };
  };

  /* Sent again under the same key when no answer came: that never charges twice. */
  const send = async (method, path, body) => {
    const headers = { authorization: 'Bearer ' + key, accept: 'application/json' };
    if (body) {
      headers['content-type'] = 'application/json';
      headers['idempotency-key'] = newKey();
    }
    const request = {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
    };
    for (let turn = 1; ; turn += 1) {
      let said;
      let fine = false;
      try {
        /* Longer than the switch waits for a processor. */
        const signal = AbortSignal.timeout(90000);
        const response = await fetch('../v1/' + path, { ...request, signal });
        said = await response.json();
        fine = response.ok;
      } catch (error) {
        said = undefined;
      }
      if (fine) return { said };
      if (said && said.code !== 'idempotency_key_in_use') return refusal(said);
      if (turn === 4) {
        return said
          ? refusal(said)
          : failed('network_error', 'no answer came: retrievePayment() tells what became of it');
      }
      await pause(turn * 1000);
    }
  };

  const idIn = (clientSecret) =>
    (/^(pay_[0-9a-z]{26})_secret_[0-9a-f]{32}$/.exec(String(clientSecret)) || [])[1];
  const noSecret = failed(
    'client_secret_invalid',
    'clientSecret is what the payment came with: pay_…_secret_…',
    'clientSecret',
  );

  /* What 3-D Secure asks about the browser (EMV 3-D Secure 2.2, table A.1). */
  const browserInfo = () => ({
    user_agent: navigator.userAgent.slice(0, 1000),
    language: navigator.language.slice(0, 35),
    color_depth: screen.colorDepth,
    screen_height: screen.height,
    screen_width: screen.width,
    time_zone: new Date().getTimezoneOffset(),
    java_enabled: false,
    java_script_enabled: true,
  });

  const paid = ({ said, ...answer }) => (said ? { payment: said } : answer);

  const confirm = async ({ clientSecret, returnUrl, billing }, method) => {
    const id = idIn(clientSecret);
    if (!id) return noSecret;
    return paid(
      await send('POST', 'payments/' + id + '/confirm', {
        payment_method: method,
        client_secret: clientSecret,
        return_url: returnUrl,
        billing,
        browser_info: browserInfo(),
      }),
    );
  };

  const verbs = {
    confirm: (given) => confirm(given, { type: 'saved', id: given.paymentMethod }),
    retrieve: async ({ clientSecret }) => {
      const id = idIn(clientSecret);
      if (!id) return noSecret;
      const query = new URLSearchParams({ client_secret: clientSecret });
      return paid(await send('GET', 'payments/' + id + '?' + query));
    },
  };
  let begin = () => ({ title: document.title });
`;

const helloScript = String.raw`
  const obey = async ({ data: { id, verb, given } }) => {
    let answer;
    try {
      answer = Object.hasOwn(verbs, verb)
        ? await verbs[verb](given || {})
        : failed('invalid_request', 'this frame cannot ' + verb);
    } catch (error) {
      answer = failed('internal_error', 'the frame broke: ' + error.name);
    }
    port.postMessage({ id, answer });
  };
  window.addEventListener('message', (event) => {
    const { source, data, ports } = event;
    if (port || window.parent === window || source !== window.parent) return;
    if (event.origin !== origin || !data || data.pointsman !== 1 || ports.length !== 1) return;
    port = ports[0];
    key = String(data.key);
    port.onmessage = obey;
    tell('ready', begin(data.options || {}));
  });
`;

const whole = (parts: readonly string[]) => `(() => {\n  'use strict';${parts.join('')}})();`;

/** The hidden frame: for payments without a card form. */
export const bridgeScript = whole([lineScript, helloScript]);

/** The frame with the card form. */
export const cardFrameScript = whole([lineScript, cardScript, helloScript]);
