/** Bodies and queries as Stripe reads them, spelled like its client: `a[b][c]=x&list[0]=y`. */

export type FormValue = string | number | boolean | undefined | readonly FormValue[] | Form;

export interface Form {
  readonly [name: string]: FormValue;
}

/** What is undefined is left out; an empty text unsets a field at Stripe. */
export function encodeForm(form: Form): string {
  return Object.entries(form)
    .flatMap(([name, value]) => pairs(encodeURIComponent(name), value))
    .join('&');
}

function pairs(path: string, value: FormValue): string[] {
  if (value === undefined) return [];
  if (typeof value !== 'object') return [`${path}=${encodeURIComponent(String(value))}`];
  return Object.entries(value).flatMap(([name, inner]: [string, FormValue]) =>
    pairs(`${path}[${encodeURIComponent(name)}]`, inner),
  );
}
