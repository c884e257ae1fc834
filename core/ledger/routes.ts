/** Checking the books over HTTP: the box's owner asks, every payment is looked at. */
import { Type } from 'typebox';
import { commitWithAnswer } from '../idempotency/answer.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { strict } from '../sdk/vocabulary.ts';
import type { Check } from './verify.ts';

const VerificationSchema = strict(
  {
    object: Type.Literal('ledger_verification'),
    ok: Type.Boolean(),
    checks: Type.Array(
      strict({
        id: Type.String(),
        rule: Type.String({ description: 'What must be true.' }),
        breaches: Type.Array(Type.String(), { description: 'What breaks it; ten at most.' }),
      }),
    ),
  },
  { title: 'LedgerVerification' },
);

export function ledgerRoutes(deps: {
  readonly commit: Parameters<typeof commitWithAnswer>[0];
  verify(): Promise<readonly Check[]>;
}): readonly Route[] {
  return [
    defineRoute({
      id: 'verifyLedger',
      method: 'post',
      path: '/v1/ledger/verify',
      tag: 'Administration',
      summary: 'Check every invariant of the books',
      description: 'In a sandbox the books are also held against the card simulator’s own ledger.',
      access: { kind: 'admin' },
      rate: 'management',
      body: strict({}, { title: 'Nothing' }),
      bodyOptional: true,
      replies: { 200: VerificationSchema },
      problems: [],
      examples: [{ summary: 'Verify', status: 200 }],
      handle: async ({ slot }) => {
        const checks = await deps.verify();
        const ok = checks.every(({ breaches }) => breaches.length === 0);
        const body = { object: 'ledger_verification', ok, checks };
        return commitWithAnswer(deps.commit, slot, { status: 200, body }, []);
      },
    }),
  ];
}
