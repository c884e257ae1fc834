/**
 * What JavaScript adds to the pages: posts in place, so that a decline leaves the form as it is;
 * counts down; groups the digits; notices by itself that a payment has come. Everything works
 * without it. Plain ES2017, as browsers get it.
 */

/** A page that is drawn when the time is over already does not draw itself again and again. */
export const countdownScript = `
(() => {
  'use strict';
  const left = document.getElementById('left');
  if (!left) return;
  const total = Number(left.dataset.seconds) * 1000;
  const end = performance.now() + total;
  const show = () => {
    const s = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    left.textContent = Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0');
    if (s > 0) setTimeout(show, 1000);
    else if (total > 0) location.replace(location.pathname);
  };
  show();
  document.getElementById('countdown').hidden = false;
})();
`;

/** From every two seconds to every twenty: each look asks the processor. */
export const watchScript = `
(() => {
  'use strict';
  const seen = document.querySelector('[data-watch]').dataset.watch;
  let wait = 2000;
  const look = async () => {
    try {
      const headers = { accept: 'application/json' };
      const answer = await fetch(location.pathname, { headers });
      const said = await answer.json();
      if (said.state && said.state !== seen) return location.reload();
    } catch (error) {
      // No connection now: the next look may have one.
    }
    wait = Math.min(wait * 1.3, 20000);
    setTimeout(look, wait);
  };
  setTimeout(look, wait);
})();
`;

export const clientScript = `
(() => {
  'use strict';
  const by = (id) => document.getElementById(id);
  const latin = (text) =>
    text.replace(/[\\u0660-\\u0669\\u06f0-\\u06f9]/g, (d) => String(d.charCodeAt(0) & 15));
  const digits = (text) => latin(text).replace(/\\D/g, '');
  const grouped = (text) => digits(text).slice(0, 19).replace(/(.{4})(?=.)/g, '$1 ');
  const dated = (text, erasing) => {
    const d = digits(text).slice(0, 4);
    return d.length > 2 || (d.length === 2 && !erasing) ? d.slice(0, 2) + '/' + d.slice(2) : d;
  };
  const shape = (id, format) => {
    const field = by(id);
    if (!field) return;
    field.addEventListener('input', (event) => {
      const at = digits(field.value.slice(0, field.selectionStart)).length;
      const erasing = String(event.inputType).startsWith('delete');
      field.value = format(field.value, erasing);
      let place = 0;
      for (let seen = 0; place < field.value.length && seen < at; place += 1) {
        if (/\\d/.test(field.value[place])) seen += 1;
      }
      if (!erasing) while (/[ /]/.test(field.value[place] || '')) place += 1;
      field.setSelectionRange(place, place);
    });
  };
  shape('number', grouped);
  shape('expiry', dated);
  shape('cvc', (text) => digits(text).slice(0, 4));

  const complain = (text, name) => {
    const box = by('error');
    box.textContent = '';
    box.textContent = text;
    for (const field of document.querySelectorAll('input[aria-invalid]')) {
      field.removeAttribute('aria-invalid');
    }
    const field = name && by(name);
    if (field) field.setAttribute('aria-invalid', 'true');
    (field || box).focus();
  };

  let busy = false;
  for (const form of document.querySelectorAll('form[data-pay]')) {
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      const button = form.querySelector('button');
      const words = button.textContent;
      button.setAttribute('aria-disabled', 'true');
      button.textContent = document.body.dataset.paying;
      try {
        const answer = await fetch(form.action, {
          method: 'POST',
          headers: { accept: 'application/json' },
          body: new URLSearchParams(new FormData(form)),
        });
        const said = await answer.json();
        if (said.go) return location.replace(said.go);
        if (said.reload || !said.error) return location.replace(location.pathname + '?sent=1');
        if (said.form) {
          for (const key of document.querySelectorAll('input[name=form]')) key.value = said.form;
        }
        const cvc = by('cvc');
        if (cvc) cvc.value = '';
        complain(said.error, said.field);
      } catch (error) {
        // The form keeps its key: sent once more, it is the same payment.
        complain(document.body.dataset.offline);
      }
      busy = false;
      button.removeAttribute('aria-disabled');
      button.textContent = words;
    });
  }
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
  const shown = by('error');
  if (shown && shown.textContent) shown.focus();
})();
`;

/** The form of a processor that confirms in the browser (Stripe docs, "Payment Element"). */
export const elementScript = `
(() => {
  'use strict';
  const place = document.getElementById('element');
  const form = document.getElementById('element-form');
  const box = document.getElementById('error');
  const complain = (text) => {
    box.textContent = text;
    box.focus();
  };
  if (typeof window.Stripe !== 'function') return complain(document.body.dataset.offline);
  const stripe = window.Stripe(place.dataset.key);
  const elements = stripe.elements({
    clientSecret: place.dataset.secret,
    locale: document.documentElement.lang,
  });
  const element = elements.create('payment');
  element.on('loaderror', () => {
    form.hidden = true;
    complain(document.body.dataset.offline);
  });
  element.mount('#element');
  form.hidden = false;
  // Paid in another tab, or its time is over.
  const isOver = async () => {
    try {
      const headers = { accept: 'application/json' };
      const { state } = await (await fetch(location.pathname, { headers })).json();
      return Boolean(state) && state !== place.dataset.state;
    } catch (error) {
      return false;
    }
  };
  let busy = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const button = form.querySelector('button');
    button.setAttribute('aria-disabled', 'true');
    const said = await stripe
      .confirmPayment({ elements, confirmParams: { return_url: place.dataset.back } })
      .catch(() => ({ error: { message: document.body.dataset.offline } }));
    if (said.error) {
      if (await isOver()) return location.replace(location.pathname + '?sent=1');
      complain(said.error.message || document.body.dataset.offline);
    }
    busy = false;
    button.removeAttribute('aria-disabled');
  });
})();
`;
