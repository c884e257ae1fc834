/** What other features use of the methods kept at processors and in the vault. */
export { customerReference, partyOf } from './customer-reference.ts';
export { readCard } from './card.ts';
export { CardSchema, CvcSchema } from './schema.ts';
export { chargeableMethod } from './chargeable.ts';
export { refuseTaken } from './single-use.ts';
export { holdCard, keepCard, releaseHeld, vaultCardGuard } from './vault.ts';
export { eraseDue, methodsErased, nextEraseAt } from './erase.ts';
export { CvcMemory } from './cvc-memory.ts';
export { openMethod, tokenBinding } from './open-method.ts';
export { savedMethodChanges, savedMethodGuard } from './saved.ts';
export { dueSetups, nextSetupCheckAt, setupNews } from './ask.ts';
export { resumeSetup } from './desk.ts';
export { methodRoutes } from './routes.ts';
export { setupMachine } from './machine.ts';
export type { MethodsObserver } from './record.ts';
