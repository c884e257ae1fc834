/** What the card form says, in four languages. */

export interface Texts {
  readonly title: string;
  readonly number: string;
  readonly expiry: string;
  readonly cvc: string;
  readonly holder: string;
  /** Field → what to do when it cannot be right. */
  readonly wrong: {
    readonly number: string;
    readonly expiry: string;
    readonly cvc: string;
    readonly holder: string;
  };
}

const en: Texts = {
  title: 'Card details',
  number: 'Card number',
  expiry: 'Expiry date (MM/YY)',
  cvc: 'Security code',
  holder: 'Name on card',
  wrong: {
    number: 'Check the card number.',
    expiry: 'Check month and year.',
    cvc: 'Check the security code.',
    holder: 'Enter the name on the card.',
  },
};

const id: Texts = {
  title: 'Data kartu',
  number: 'Nomor kartu',
  expiry: 'Berlaku (BB/TT)',
  cvc: 'Kode keamanan',
  holder: 'Nama pada kartu',
  wrong: {
    number: 'Periksa nomor kartu.',
    expiry: 'Periksa bulan dan tahun.',
    cvc: 'Periksa kode keamanan.',
    holder: 'Isi nama pada kartu.',
  },
};

const fr: Texts = {
  title: 'Carte bancaire',
  number: 'Numéro de carte',
  expiry: 'Expire (MM/AA)',
  cvc: 'Code de sécurité',
  holder: 'Nom sur la carte',
  wrong: {
    number: 'Vérifiez le numéro de carte.',
    expiry: 'Vérifiez le mois et l’année.',
    cvc: 'Vérifiez le code de sécurité.',
    holder: 'Indiquez le nom sur la carte.',
  },
};

const ar: Texts = {
  title: 'بيانات البطاقة',
  number: 'رقم البطاقة',
  expiry: 'الانتهاء (شهر/سنة)',
  cvc: 'رمز الأمان',
  holder: 'الاسم على البطاقة',
  wrong: {
    number: 'تحقق من رقم البطاقة.',
    expiry: 'تحقق من الشهر والسنة.',
    cvc: 'تحقق من رمز الأمان.',
    holder: 'اكتب الاسم الذي على البطاقة.',
  },
};

const all: Readonly<Record<string, Texts>> = { en, id, fr, ar };

export interface Locale {
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  readonly texts: Texts;
}

/** `ar-EG` → Arabic; English for a language that there is not. */
export function localeOf(tag = ''): Locale {
  const language = tag.toLowerCase().split(/[-_]/)[0] ?? '';
  const name = Object.hasOwn(all, language) ? language : 'en';
  return { name, direction: name === 'ar' ? 'rtl' : 'ltr', texts: all[name] ?? en };
}
