/** Customers as stored, and the look-up that payments make. */
import { findOne, type Database } from '../storage/index.ts';

export interface CustomerRecord {
  readonly id: string;
  readonly merchant_id: string;
  /** The merchant's own word for the customer; unique among those that were not deleted. */
  readonly reference: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly phone_country_code: string | null;
  readonly description: string | null;
  /** JSON of an address. */
  readonly address: string | null;
  /** JSON of the merchant's own keys and values. */
  readonly metadata: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
  readonly version: number;
}

export class Customers {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** One customer of the merchant's; undefined when absent, foreign or deleted. */
  find(merchantId: string, id: string): Promise<CustomerRecord | undefined> {
    const where = { id, merchant_id: merchantId, deleted_at: null };
    return findOne<CustomerRecord>(this.#db, 'customers', where);
  }
}
