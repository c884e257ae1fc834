/** HTML whose holes are escaped: a merchant's or customer's text can never become markup. */

export interface Html {
  readonly html: string;
}

type Hole = string | number | Html | readonly Html[] | false | undefined;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);

function filled(hole: Hole): string {
  if (hole === undefined || hole === false) return '';
  if (typeof hole === 'string') return escaped(hole);
  if (typeof hole === 'number') return String(hole);
  return 'html' in hole ? hole.html : hole.map((one) => one.html).join('');
}

/** ``html`<p>${text}</p>` `` */
export function html(parts: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  const texts = parts.map((part, at) => part + (at < holes.length ? filled(holes[at]) : ''));
  return { html: texts.join('') };
}

/** For our own style and script alone. */
export const trusted = (text: string): Html => ({ html: text });

/** `{seller}` in a text, filled in. */
export const say = (text: string, values: Readonly<Record<string, string>>) =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
