/** The languages of the page, and which one a visitor gets. */
import { ar } from './ar.ts';
import { en, type Texts } from './en.ts';
import { fr } from './fr.ts';
import { id } from './id.ts';

export type { Texts } from './en.ts';

const all = { en, id, fr, ar } as const;

export type LocaleName = keyof typeof all;

export const localeNames = Object.keys(all) as LocaleName[];

export interface Locale {
  readonly name: LocaleName;
  readonly direction: 'ltr' | 'rtl';
  readonly texts: Texts;
}

/** `wanted`, or the first language of Accept-Language that there is; English otherwise. */
export function localeOf(wanted: LocaleName | 'auto', acceptLanguage = ''): Locale {
  const name = wanted === 'auto' ? preferred(acceptLanguage) : wanted;
  return { name, direction: name === 'ar' ? 'rtl' : 'ltr', texts: all[name] };
}

function preferred(header: string): LocaleName {
  const ranked = header
    .split(',')
    .map((part) => {
      const [tag = '', ...more] = part.trim().toLowerCase().split(';');
      const quality = Number(more.find((one) => one.trim().startsWith('q='))?.split('=')[1] ?? 1);
      return { language: tag.split('-')[0] ?? '', quality: Number.isNaN(quality) ? 0 : quality };
    })
    .toSorted((a, b) => b.quality - a.quality);
  const found = ranked.find(({ language, quality }) => quality > 0 && language in all);
  return (found?.language as LocaleName | undefined) ?? 'en';
}
