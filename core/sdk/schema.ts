/** Schema words that mean something to the switch beyond JSON Schema. */
import { Type } from 'typebox';

/**
 * A credential: shown as a mask, encrypted at rest, left out of logs. `writeOnly` and the
 * `password` format are what tools outside (OpenAPI viewers, form builders) understand.
 */
export function secretText(description: string, pattern?: string) {
  return Type.String({
    minLength: 1,
    maxLength: 2000,
    description,
    writeOnly: true,
    format: 'password',
    ...(pattern !== undefined && { pattern }),
  });
}
