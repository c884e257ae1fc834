/**
 * Collects what is wrong with a request. A refusal is what Midtrans answers with 400; a breach is
 * what it lets pass in silence (unknown names, a key that is too long) and a client of ours should
 * not send all the same. Both are violations of the contract.
 */
import { isObject, readTime } from './wire.ts';

type Fields = Record<string, unknown>;

export class Checker {
  readonly refusals: string[] = [];
  readonly breaches: string[] = [];

  refuse(message: string): void {
    this.refusals.push(message);
  }

  breach(message: string): void {
    this.breaches.push(message);
  }

  /** Names that no page of the documentation knows. */
  only(value: Fields, path: string, names: readonly string[]): void {
    for (const name of Object.keys(value)) {
      if (!names.includes(name)) this.breach(`${join(path, name)} is not a documented parameter`);
    }
  }

  object(parent: Fields, path: string, name: string, required = false): Fields | undefined {
    const value = parent[name];
    if (value === undefined) {
      if (required) this.refuse(`${join(path, name)} is required`);
      return undefined;
    }
    if (isObject(value)) return value;
    this.refuse(`${join(path, name)} must be an object`);
    return undefined;
  }

  text(
    parent: Fields,
    path: string,
    name: string,
    rules: { required?: boolean; max?: number; pattern?: RegExp; oneOf?: readonly string[] } = {},
  ): string | undefined {
    const value = parent[name];
    const at = join(path, name);
    if (value === undefined || value === null || value === '') {
      if (rules.required) this.refuse(`${at} is required`);
      return undefined;
    }
    if (typeof value !== 'string') {
      this.refuse(`${at} must be a string`);
      return undefined;
    }
    if (rules.max !== undefined && value.length > rules.max) {
      this.refuse(`${at} is too long (maximum is ${rules.max} characters)`);
    }
    if (rules.pattern && !rules.pattern.test(value)) this.refuse(`${at} format is invalid`);
    if (rules.oneOf && !rules.oneOf.includes(value)) {
      this.refuse(`${at} must be one of ${rules.oneOf.join(', ')}`);
    }
    return value;
  }

  /** Integers only: `10000.00` and `"10000"` are both refused (reference/json-objects). */
  integer(
    parent: Fields,
    path: string,
    name: string,
    rules: { required?: boolean; min?: number; max?: number } = {},
  ): number | undefined {
    const value = parent[name];
    const at = join(path, name);
    if (value === undefined) {
      if (rules.required) this.refuse(`${at} is required`);
      return undefined;
    }
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      this.refuse(`${at} must be an integer`);
      return undefined;
    }
    if (rules.min !== undefined && value < rules.min) {
      this.refuse(`${at} must be greater than or equal to ${rules.min}`);
    }
    if (rules.max !== undefined && value > rules.max) {
      this.refuse(`${at} must be less than or equal to ${rules.max}`);
    }
    return value;
  }

  boolean(parent: Fields, path: string, name: string): void {
    if (parent[name] !== undefined && typeof parent[name] !== 'boolean') {
      this.refuse(`${join(path, name)} must be a boolean`);
    }
  }

  url(parent: Fields, path: string, name: string): void {
    const value = this.text(parent, path, name);
    if (value !== undefined && !URL.canParse(value)) {
      this.refuse(`${join(path, name)} format is invalid`);
    }
  }

  time(parent: Fields, path: string, name: string): void {
    const value = this.text(parent, path, name);
    if (value !== undefined && readTime(value) === undefined) {
      this.refuse(`${join(path, name)} must be written as YYYY-MM-DD HH:MM:SS +0700`);
    }
  }
}

export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
