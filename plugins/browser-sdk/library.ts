/**
 * `/pointsman.js`: what runs in the shop's own page. It never sees a card: it opens frames of the
 * switch and talks to them over a port. Plain ES2020, as browsers get it; kept below 10 kB.
 */
export const library = String.raw`/* Pointsman in the browser. Types: /pointsman.d.ts */
(() => {
  'use strict';
  const from = document.currentScript && document.currentScript.src;

  const failed = (code, message, param) => ({
    error: param === undefined ? { code, message } : { code, message, param },
  });
  const gone = failed('element_gone', 'the card form was taken out of the page');
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  /* A frame of the switch, and a private line to it. hear() gets what the frame says by itself. */
  const openFrame = (site, page, place, options, hear) => {
    const frame = document.createElement('iframe');
    const waiting = new Map();
    let port;
    let timer;
    let settle;
    let count = 0;
    let closed = false;
    const opened = new Promise((resolve) => {
      settle = resolve;
    });
    const giveUp = (answer) => {
      for (const done of waiting.values()) done(answer);
      waiting.clear();
    };
    /* A refused frame loads as well, as the browser's own error page: it just never answers. */
    const expect = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const answer = failed(
          'frame_refused',
          'the frame of ' + site.base + ' did not open. The switch has to be reachable, and to ' +
            'have ' + location.origin + ' in plugin_settings.browser-sdk.allowed_origins',
        );
        settle(answer);
        hear({ event: 'error', detail: answer.error });
      }, ms);
    };
    const receive = ({ data }) => {
      if (data.id !== undefined) {
        const done = waiting.get(data.id);
        waiting.delete(data.id);
        if (done) done(data.answer);
        return;
      }
      if (data.event === 'ready') {
        clearTimeout(timer);
        settle();
        frame.title = data.detail.title;
      }
      hear(data);
    };
    frame.addEventListener('load', () => {
      giveUp(gone);
      const channel = new MessageChannel();
      port = channel.port1;
      port.onmessage = receive;
      const hello = { pointsman: 1, key: site.key, options };
      frame.contentWindow.postMessage(hello, site.origin, [channel.port2]);
      expect(5000);
    });
    const query = new URLSearchParams({ origin: location.origin, locale: site.locale });
    frame.src = site.base + '/elements/' + page + '?' + query;
    Object.assign(frame.style, { border: '0', width: '100%', height: '0', display: 'block' });
    if (page === 'bridge') frame.style.display = 'none';
    place.append(frame);
    expect(20000);
    return {
      frame,
      ask: async (verb, given) => {
        const refused = (await opened) || (closed && gone);
        if (refused) return refused;
        count += 1;
        const id = count;
        return new Promise((resolve) => {
          waiting.set(id, resolve);
          port.postMessage({ id, verb, given });
        });
      },
      close: () => {
        closed = true;
        clearTimeout(timer);
        if (port) port.close();
        frame.remove();
        settle(gone);
        giveUp(gone);
      },
    };
  };

  /* Plain data: a frame takes nothing else, and a text never becomes something that acts. */
  const plain = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

  const asks = new WeakMap();

  const cardElement = (site, options) => {
    const listeners = new Map();
    let line;
    let busy;
    const hear = ({ event, detail }) => {
      if (event === 'size') line.frame.style.height = Number(detail.height) + 'px';
      else for (const listener of listeners.get(event) || []) listener(detail);
    };
    const ask = async (verb, given) =>
      line ? line.ask(verb, given) : failed('element_not_mounted', 'mount the card form first');
    /* A second click while the first is on its way gets the answer to the first. */
    const once = (verb, given) => {
      if (busy && busy.verb === verb) return busy.answer;
      if (busy) {
        return Promise.resolve(failed('operation_in_progress', 'the card form is busy'));
      }
      const answer = ask(verb, given).finally(() => {
        busy = undefined;
      });
      busy = { verb, answer };
      return answer;
    };
    const element = {
      mount: (target) => {
        const place = typeof target === 'string' ? document.querySelector(target) : target;
        if (!(place instanceof Element)) throw new TypeError('mount(): there is no such element');
        if (line) throw new TypeError('mount(): the card form is mounted already');
        line = openFrame(site, 'card', place, plain(options), hear);
        return element;
      },
      unmount: () => {
        if (line) line.close();
        line = undefined;
      },
      on: (event, listener) => {
        listeners.set(event, [...(listeners.get(event) || []), listener]);
        return element;
      },
      tokenize: ({ billing } = {}) => once('tokenize', { billing: plain(billing) }),
      focus: () => void ask('focus'),
      clear: () => void ask('clear'),
    };
    asks.set(element, once);
    return Object.freeze(element);
  };

  /* Where a customer may be sent: never into a script. */
  const safeUrl = (text) => {
    try {
      const url = new URL(text);
      return /^(javascript|data|blob|vbscript|file):$/.test(url.protocol) ? undefined : url;
    } catch (error) {
      return undefined;
    }
  };

  const Pointsman = (publicKey, { baseUrl, locale } = {}) => {
    if (!/^pk_(sandbox|live)_/.test(publicKey)) {
      throw new TypeError('Pointsman() takes a public key, pk_…; a secret key stays on the server');
    }
    const root = baseUrl || (from ? new URL('.', from).href : undefined);
    if (!root) throw new TypeError('Pointsman() needs baseUrl: where the switch is');
    const base = new URL(root, location.href).href.replace(/\/+$/, '');
    const site = {
      base,
      origin: new URL(base).origin,
      key: publicKey,
      locale: locale || document.documentElement.lang || navigator.language || 'en',
    };
    let bridge;
    const ask = async (verb, given) => {
      bridge = bridge || openFrame(site, 'bridge', document.documentElement, {}, () => undefined);
      const asked = bridge;
      const answer = await asked.ask(verb, given);
      if (answer.error && answer.error.code === 'frame_refused' && asked === bridge) {
        bridge.close();
        bridge = undefined;
      }
      return answer;
    };
    const retrievePayment = (clientSecret) => ask('retrieve', { clientSecret });

    const confirmPayment = async (wish = {}) => {
      const { clientSecret, element, paymentMethod, returnUrl, billing } = wish;
      const given = { clientSecret, billing: plain(billing) };
      try {
        if (returnUrl !== undefined) given.returnUrl = new URL(returnUrl, location.href).href;
      } catch (error) {
        return failed('invalid_request', 'returnUrl is not a URL', 'returnUrl');
      }
      if (asks.has(element)) return asks.get(element)('confirm', given);
      if (typeof paymentMethod === 'string') return ask('confirm', { ...given, paymentMethod });
      return failed('invalid_request', 'give a card element, or the id of a method', 'element');
    };

    const handleNextAction = async (payment, { target, clientSecret, signal } = {}) => {
      const action = payment && payment.next_action;
      if (!action) return { payment };
      const url = ['redirect', 'open_app'].includes(action.type) && safeUrl(action.url);
      if (!url) {
        return failed('next_action_unsupported', 'show the customer this yourself: ' + action.type);
      }
      if (target !== '_blank') {
        location.assign(url.href);
        /* The page is left behind; an app opens beside it. */
        return /^https?:$/.test(url.protocol) ? new Promise(() => undefined) : { payment };
      }
      const tab = window.open('', '_blank');
      if (!tab) return failed('popup_blocked', 'the browser opened no window: leave out target');
      tab.opener = null;
      tab.location.replace(url.href);
      /* 15 minutes: longer than any bank waits. A closed window tells nothing: it may be severed. */
      for (let turn = 0; turn < 450 && !(signal && signal.aborted); turn += 1) {
        await pause(2000);
        const answer = await retrievePayment(clientSecret);
        const again = answer.error
          ? answer.error.code === 'network_error'
          : answer.payment.status === 'requires_action';
        if (!again) return answer;
      }
      return retrievePayment(clientSecret);
    };

    return Object.freeze({
      card: (options) => cardElement(site, options || {}),
      confirmPayment,
      handleNextAction,
      retrievePayment,
    });
  };
  window.Pointsman = Pointsman;
})();
`;
