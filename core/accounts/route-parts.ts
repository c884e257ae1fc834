/** What the routes of processor accounts have in common. */

export const shared = { tag: 'Accounts', rate: 'management' } as const;
export const reading = { kind: 'merchant', scope: 'accounts:read' } as const;
export const writing = { kind: 'merchant', scope: 'accounts:write' } as const;
export const exampleParams = { account_id: '{account_id}' };
