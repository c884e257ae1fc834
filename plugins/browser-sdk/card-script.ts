/**
 * The card form: shapes what is typed, says what cannot be right, and sends it to the API itself.
 * Nothing of a number ever leaves over the port. Plain ES2020; part of `frame-script.ts`.
 */
export const cardScript = String.raw`
  const by = (id) => document.getElementById(id);
  const texts = JSON.parse(document.body.dataset.texts);
  const names = ['number', 'expiry', 'cvc', 'holder'];
  const places = { number: 'number', expiry: 'exp_year', cvc: 'cvc', holder: 'holder_name' };

  const latin = (text) =>
    text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 15));
  const digits = (text) => latin(text).replace(/\D/g, '');
  const numberOf = () => digits(by('number').value);

  /* Enough to know how long the CVC is and which name to show; the switch knows the rest. */
  const brands = [
    ['amex', /^3[47]/],
    ['diners', /^3(0[0-5]|[689])/],
    ['jcb', /^35/],
    ['visa', /^4/],
    ['mastercard', /^(5[1-5]|2[2-7])/],
    ['discover', /^6(011|4[4-9]|5)/],
    ['unionpay', /^62/],
  ];
  const brandOf = (number) => (brands.find(([, prefix]) => prefix.test(number)) || ['unknown'])[0];
  const cvcLength = () => (brandOf(numberOf()) === 'amex' ? 4 : 3);

  const luhnHolds = (number) =>
    [...number].reverse().reduce((sum, digit, place) => {
      const twice = Number(digit) * (1 + (place % 2));
      return sum + (twice > 9 ? twice - 9 : twice);
    }, 0) % 10 === 0;

  const expiryOf = () => {
    const text = digits(by('expiry').value);
    if (text.length !== 4) return undefined;
    return { month: Number(text.slice(0, 2)), year: 2000 + Number(text.slice(2)) };
  };
  const notOver = ({ month, year }) => {
    const today = new Date();
    const left = (year - today.getFullYear()) * 12 + month - (today.getMonth() + 1);
    return month >= 1 && month <= 12 && left >= 0;
  };

  const withHolder = () => !by('holder').closest('.field').hidden;
  const right = {
    number: () => numberOf().length >= 12 && luhnHolds(numberOf()),
    expiry: () => {
      const expiry = expiryOf();
      return expiry !== undefined && notOver(expiry);
    },
    cvc: () => digits(by('cvc').value).length === cvcLength(),
    holder: () => !withHolder() || by('holder').value.trim() !== '',
  };

  const show = (name, wrong) => {
    by(name).setAttribute('aria-invalid', String(wrong));
    by(name + '-wrong').textContent = wrong ? texts.wrong[name] : '';
  };
  const problemOf = (name) =>
    failed('invalid_card', texts.wrong[name], 'payment_method.card.' + places[name]);
  const shown = () => names.find((name) => by(name).getAttribute('aria-invalid') === 'true');

  const changed = () => {
    const wrong = shown();
    tell('change', {
      complete: names.every((name) => right[name]()),
      empty: names.every((name) => by(name).value === ''),
      brand: brandOf(numberOf()),
      error: wrong ? problemOf(wrong).error : null,
    });
  };

  const formats = {
    number: (text) => {
      const whole = digits(text).slice(0, 19);
      const groups = brandOf(whole) === 'amex' ? /^(.{4})(.{1,6})?(.{1,5})?/ : undefined;
      if (!groups) return whole.replace(/(.{4})(?=.)/g, '$1 ');
      return (groups.exec(whole) || []).slice(1).filter(Boolean).join(' ') || whole;
    },
    expiry: (text, erasing) => {
      let four = digits(text);
      /* 12/2034, as browsers fill it in. */
      if (/^\d{2}20\d{2}$/.test(four)) four = four.slice(0, 2) + four.slice(4);
      if (/^[2-9]/.test(four)) four = '0' + four;
      four = four.slice(0, 4);
      const whole = four.length > 2 || (four.length === 2 && !erasing);
      return whole ? four.slice(0, 2) + '/' + four.slice(2) : four;
    },
    cvc: (text) => digits(text).slice(0, 4),
    holder: (text) => text,
  };

  const shape = (field, format, erasing) => {
    const before = digits(field.value.slice(0, field.selectionStart)).length;
    const text = format(field.value, erasing);
    if (text === field.value) return;
    const padded = /^0/.test(text) && !/^[0\u0660\u06f0]/.test(field.value) ? 1 : 0;
    field.value = text;
    let place = 0;
    for (let seen = 0; place < text.length && seen < before + padded; place += 1) {
      if (/\d/.test(text[place])) seen += 1;
    }
    if (!erasing) while (/[ /]/.test(text[place] || '')) place += 1;
    field.setSelectionRange(place, place);
  };

  for (const name of names) {
    const field = by(name);
    field.addEventListener('input', (event) => {
      const erasing = String(event.inputType).startsWith('delete');
      if (name !== 'holder') shape(field, formats[name], erasing);
      if (field.getAttribute('aria-invalid') === 'true' && right[name]()) show(name, false);
      if (name === 'number') by('brand').textContent = texts.brands[brandOf(numberOf())] || '';
      changed();
    });
    field.addEventListener('blur', ({ relatedTarget }) => {
      /* Who leaves the form may be about to pay: the button must not move away below the finger. */
      if (!relatedTarget || field.value === '' || right[name]()) return;
      show(name, true);
      tell('error', problemOf(name).error);
      changed();
    });
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') tell('submit', {});
    });
  }
  by('card').addEventListener('submit', (event) => event.preventDefault());

  const clear = () => {
    for (const name of names) {
      by(name).value = '';
      show(name, false);
    }
    by('brand').textContent = '';
    changed();
  };

  /* The click that sent us here may take the focus away once more: it came by another way. */
  const pointAt = (name) => {
    by(name).focus();
    const again = () => setTimeout(() => by(name).focus());
    window.addEventListener('blur', again, { once: true });
    setTimeout(() => window.removeEventListener('blur', again), 300);
  };

  /* Sends what is in the form. While that runs nobody can change it. */
  const sendCard = async (act) => {
    const wrong = names.filter((name) => !right[name]());
    for (const name of names) show(name, wrong.includes(name));
    if (wrong.length > 0) {
      pointAt(wrong[0]);
      changed();
      const problem = problemOf(wrong[0]);
      tell('error', problem.error);
      return problem;
    }
    const { month, year } = expiryOf();
    const card = {
      number: numberOf(),
      exp_month: month,
      exp_year: year,
      cvc: digits(by('cvc').value),
      holder_name: withHolder() ? by('holder').value.trim() : undefined,
    };
    for (const name of names) by(name).readOnly = true;
    const answer = await act({ type: 'card', card });
    for (const name of names) by(name).readOnly = false;
    if (!answer.error) clear();
    else refused(answer.error);
    return answer;
  };

  const refused = ({ code, param = '' }) => {
    const last = param.split('.').pop();
    const name = last === 'exp_month' ? 'expiry' : names.find((one) => places[one] === last);
    if (code === 'invalid_card' && name) show(name, true);
    /* A CVC is entered for one try. */
    if (code !== 'network_error') by('cvc').value = '';
    changed();
  };

  verbs.confirm = (given) => sendCard((method) => confirm(given, method));
  verbs.tokenize = ({ billing }) =>
    sendCard(async (method) => {
      const { said, ...answer } = await send('POST', 'payment_methods', { ...method, billing });
      return said ? { paymentMethod: said } : answer;
    });
  verbs.focus = () => by('number').focus();
  verbs.clear = clear;

  const color = /^(#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\([\d., %/]{5,40}\))$/i;
  const allowed = {
    color,
    background: color,
    borderColor: color,
    focusColor: color,
    errorColor: color,
    borderRadius: /^([12]?\d)px$/,
    fontSize: /^(1[2-9]|2[0-4])px$/,
    fontFamily: /^[\w ,'"-]{1,120}$/,
    colorScheme: /^(light|dark)$/,
  };
  const dress = (style) => {
    for (const [name, value] of Object.entries(style)) {
      if (Object.hasOwn(allowed, name) && allowed[name].test(String(value))) {
        document.documentElement.style.setProperty('--' + name, String(value));
        continue;
      }
      const message = 'style.' + name + ' is not one of the values that docs/custom-checkout.md lists';
      tell('error', failed('style_refused', message, 'style.' + name).error);
    }
  };

  begin = ({ style = {}, holder = true }) => {
    by('holder').closest('.field').hidden = holder === false;
    dress(style);
    new ResizeObserver(() => {
      tell('size', { height: Math.ceil(by('card').getBoundingClientRect().height) });
    }).observe(by('card'));
    return { title: document.title };
  };
`;
