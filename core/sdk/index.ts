/** The only door for connectors and plugins: what is not exported here is not theirs to use. */
export type { Json, JsonObject } from '../base/json.ts';
export {
  fromDecimal,
  money,
  sameMoney,
  toDecimal,
  type Amount,
  type Money,
} from '../base/money.ts';
export { exponentOf } from '../base/currency.ts';
export { Secret } from '../base/secret.ts';
export * from './command.ts';
export * from './conformance.ts';
export * from './connector.ts';
export * from './dialect.ts';
export * from './dispute.ts';
export * from './fault.ts';
export * from './host.ts';
export * from './http.ts';
export * from './inspection.ts';
export * from './native-session.ts';
export * from './native.ts';
export * from './outcome.ts';
export * from './plugin.ts';
export * from './problem.ts';
export * from './report.ts';
export * from './route.ts';
export * from './saved-method.ts';
export * from './schema.ts';
export * from './vocabulary.ts';
export * from './webhook.ts';
