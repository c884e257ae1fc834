/** What the command line needs to play the switch's part towards a developer's machine. */
export { newSecret } from '../webhooks/secrets.ts';
export { standardSigner } from '../webhooks/signer.ts';
export { eventTypes, type EventType } from '../events/event.ts';
