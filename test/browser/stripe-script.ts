/**
 * Stands in for Stripe's script and the frame that its form lives in, served from one origin of
 * its own, as Stripe's are: the page that loads it never sees what is typed into the frame. What
 * the frame sends goes on to the fake of Stripe's API.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closing, listening } from './listening.ts';

/** The part of Stripe.js that the page uses (Stripe docs, "Payment Element"). */
const script = `
window.Stripe = (key) => {
  const home = new URL(window.stripeHome);
  const listeners = {};
  let frame;
  const ask = (message) => new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => resolve(data);
    frame.contentWindow.postMessage(message, home.origin, [channel.port2]);
  });
  return {
    elements: ({ clientSecret }) => ({
      clientSecret,
      create: () => ({
        on: (name, listener) => {
          listeners[name] = listener;
        },
        mount: (place) => {
          frame = document.createElement('iframe');
          frame.title = 'Secure payment input frame';
          frame.src = home.origin + '/frame';
          frame.style.width = '100%';
          frame.style.border = '0';
          document.querySelector(place).append(frame);
          if (key === 'pk_test_unknown') setTimeout(() => listeners.loaderror({}));
        },
      }),
    }),
    confirmPayment: async ({ elements, confirmParams }) => {
      const secret = elements.clientSecret;
      const said = await ask({ key, secret, back: confirmParams.return_url });
      if (said.error) return { error: said.error };
      const step = said.next_action && said.next_action.redirect_to_url;
      const back = new URL(confirmParams.return_url);
      back.searchParams.set('payment_intent', said.id);
      back.searchParams.set('payment_intent_client_secret', secret);
      back.searchParams.set('redirect_status', 'succeeded');
      location.assign(step ? step.url : back.href);
      return new Promise(() => {});
    },
  };
};
window.stripeHome = document.currentScript.src;
`;

const frame = `<!doctype html><html lang="en"><title>Payment form</title>
<label>Test card <input id="card" value="pm_card_visa"></label>
<script>
onmessage = async ({ data, ports }) => {
  const form = new URLSearchParams({
    key: data.key,
    client_secret: data.secret,
    payment_method: document.getElementById('card').value,
    return_url: data.back,
  });
  const path = '/v1/payment_intents/' + data.secret.split('_secret_')[0] + '/confirm';
  const answer = await fetch(path, { method: 'POST', body: form });
  ports[0].postMessage(await answer.json());
};
</script>`;

export interface StripeScript {
  /** For `plugin_settings.checkout.script_urls`. */
  readonly url: string;
  close(): Promise<void>;
}

/** `apiUrl`: where the fake of Stripe's API listens. */
export async function serveStripeScript(apiUrl: string): Promise<StripeScript> {
  const server = createServer((request, response) => {
    answer(apiUrl, request, response).catch((error: unknown) => {
      response.writeHead(502).end(String(error));
    });
  });
  const url = await listening(server);
  return { url: `${url}/v3/`, close: () => closing(server) };
}

async function answer(
  apiUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { url = '' } = request;
  const own: Readonly<Record<string, [type: string, text: string]>> = {
    '/v3/': ['text/javascript', script],
    '/frame': ['text/html', frame],
  };
  const [type, text] = own[url] ?? [];
  if (type !== undefined) {
    response.setHeader('content-type', `${type}; charset=utf-8`);
    response.end(text);
    return;
  }
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = Buffer.concat(parts);
  const passed = await fetch(apiUrl + url, { method: 'POST', headers, body });
  response.writeHead(passed.status, { 'content-type': 'application/json' });
  response.end(await passed.text());
}
