/** The shapes of merchants, profiles and API keys on the wire. */
import { Type, type Static } from 'typebox';
import { scopes } from '../sdk/route.ts';
import {
  idOf,
  listSchema,
  nullable,
  oneOf,
  PageQuerySchema,
  strict,
  text,
  TimeSchema,
} from '../sdk/vocabulary.ts';

const ModeSchema = oneOf(['sandbox', 'live']);
const NameSchema = text(100, 'For people: shown in lists, sent nowhere.');

export const PageSchema = strict(PageQuerySchema);

export const MerchantParams = strict({ merchant_id: idOf('merchant', 'mer_…') });
export const ProfileParams = strict({ profile_id: idOf('profile', 'prof_…') });
export const KeyParams = strict({ key_id: idOf('apiKey', 'key_…') });

export const MerchantCreateSchema = strict({ name: NameSchema }, { title: 'MerchantCreate' });
export const MerchantUpdateSchema = strict({ name: NameSchema }, { title: 'MerchantUpdate' });

const RedirectSchema = nullable(
  Type.String({ pattern: '^https?://[^\\s]+$', format: 'web-url', maxLength: 500 }),
);

/** For dialects whose applications have such defaults; native payments have a return_url. */
const redirects = {
  success_redirect_url: Type.Optional({
    ...RedirectSchema,
    description: 'Where customers go who have paid, by default; null for nowhere.',
  }),
  failure_redirect_url: Type.Optional({
    ...RedirectSchema,
    description: 'Where customers go who have not; null for nowhere.',
  }),
};

export const ProfileCreateSchema = strict(
  { name: NameSchema, ...redirects },
  { title: 'ProfileCreate' },
);

export const ProfileListQuery = strict({
  ...PageQuerySchema,
  is_default: Type.Optional(Type.Boolean({ description: 'Only the default one, or the others.' })),
});

export const ProfileUpdateSchema = strict(
  {
    name: Type.Optional(NameSchema),
    ...redirects,
    is_default: Type.Optional(
      Type.Literal(true, {
        description: 'Takes the place of the default profile; there is always exactly one.',
      }),
    ),
  },
  { title: 'ProfileUpdate', minProperties: 1 },
);

export const KeyCreateSchema = strict(
  {
    kind: oneOf(['secret', 'public'], 'secret: for your server; public: for browsers.'),
    name: NameSchema,
    profile_id: Type.Optional(
      idOf('profile', 'Binds the key to one profile. A bound key hands on its own profile.'),
    ),
    scopes: Type.Optional(
      Type.Array(oneOf(scopes), {
        minItems: 1,
        uniqueItems: true,
        description: 'Secret keys only; at most what the calling key has. Default: every scope.',
      }),
    ),
    expires_at: Type.Optional(TimeSchema),
  },
  { title: 'ApiKeyCreate' },
);

export const KeyUpdateSchema = strict(
  {
    name: Type.Optional(NameSchema),
    expires_at: Type.Optional(
      nullable(
        Type.String({
          format: 'date-time',
          description: 'A time that has come ends the key at once; null: it never expires.',
        }),
      ),
    ),
  },
  { title: 'ApiKeyUpdate', minProperties: 1 },
);

export const KeyRevokeSchema = strict({}, { title: 'ApiKeyRevoke' });

export const MerchantSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('merchant'),
    name: Type.String(),
    mode: ModeSchema,
    created_at: TimeSchema,
    updated_at: TimeSchema,
  },
  { title: 'Merchant' },
);

export const ProfileSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('profile'),
    name: Type.String(),
    is_default: Type.Boolean({ description: 'Used by payments that name no profile.' }),
    success_redirect_url: nullable(Type.String()),
    failure_redirect_url: nullable(Type.String()),
    created_at: TimeSchema,
    updated_at: TimeSchema,
  },
  { title: 'Profile' },
);

export const KeySchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('api_key'),
    kind: oneOf(['secret', 'public']),
    mode: ModeSchema,
    name: Type.String(),
    hint: Type.String({ description: 'Enough of the key to recognise it, too little to use it.' }),
    profile_id: nullable(Type.String()),
    scopes: Type.Array(oneOf(scopes)),
    created_at: TimeSchema,
    expires_at: nullable(TimeSchema),
    revoked_at: nullable(TimeSchema),
    key: Type.Optional(
      Type.String({ description: 'The key itself: only in the answer that creates it.' }),
    ),
  },
  { title: 'ApiKey' },
);

export const MerchantCreatedSchema = strict(
  {
    merchant: MerchantSchema,
    profile: ProfileSchema,
    secret_key: KeySchema,
    public_key: KeySchema,
  },
  { title: 'MerchantCreated' },
);

export const MerchantListSchema = listSchema(MerchantSchema, 'MerchantList');
export const ProfileListSchema = listSchema(ProfileSchema, 'ProfileList');
export const KeyListSchema = listSchema(KeySchema, 'ApiKeyList');

export type KeyCreateBody = Static<typeof KeyCreateSchema>;
export type KeyUpdateBody = Static<typeof KeyUpdateSchema>;
export type ProfileUpdateBody = Static<typeof ProfileUpdateSchema>;
