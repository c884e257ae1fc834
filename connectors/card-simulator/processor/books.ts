/** The processor's state in memory: what its ledger file says, record by record. */
import type { Charge, Dispute, LedgerRecord, Operation, Payout, WebhookEndpoint } from './model.ts';

export interface Totals {
  authorized: number;
  captured: number;
  refunded: number;
  voided: number;
}

export class Books {
  /** In the order of their making. */
  readonly operations: Operation[] = [];
  readonly #charges = new Map<string, Charge>();
  readonly #byReference = new Map<string, Operation>();
  /** Operation id → its place in {@link operations}. */
  readonly #places = new Map<string, number>();
  /** Charge id → the ids of what was done to it, in order. */
  readonly #operationsOf = new Map<string, string[]>();
  readonly #byToken = new Map<string, string>();
  readonly #chargesOf = new Map<string, string[]>();
  readonly #endpoints = new Map<string, WebhookEndpoint>();
  readonly #disputes = new Map<string, Dispute>();
  readonly #payouts = new Map<string, Payout>();

  /** Takes one record in; the same for a new one and for one read from the file. */
  apply(record: LedgerRecord): void {
    const { charge, operation, endpoint } = record;
    if (charge) this.#applyCharge(charge);
    if (operation) this.#applyOperation(operation);
    if (record.dispute) this.#disputes.set(record.dispute.id, record.dispute);
    if (record.payout) this.#payouts.set(record.payout.id, record.payout);
    if (endpoint) this.#endpoints.set(endpoint.id, endpoint);
    if (record.endpoint_deleted) this.#endpoints.delete(record.endpoint_deleted);
  }

  /** A record with a known id is the operation's new state: a refund that failed after all. */
  #applyOperation(operation: Operation): void {
    const place = this.#places.get(operation.id);
    if (place === undefined) {
      this.#places.set(operation.id, this.operations.length);
      this.operations.push(operation);
      const siblings = this.#operationsOf.get(operation.charge);
      if (siblings) siblings.push(operation.id);
      else this.#operationsOf.set(operation.charge, [operation.id]);
    } else this.operations[place] = operation;
    this.#byReference.set(`${operation.merchant} ${operation.reference}`, operation);
  }

  #applyCharge(charge: Charge): void {
    if (!this.#charges.has(charge.id)) {
      const ids = this.#chargesOf.get(charge.merchant);
      if (ids) ids.push(charge.id);
      else this.#chargesOf.set(charge.merchant, [charge.id]);
      if (charge.challenge) this.#byToken.set(charge.challenge.token, charge.id);
    }
    this.#charges.set(charge.id, charge);
  }

  /** Another merchant's charge answers like an absent one. */
  charge(merchant: string, id: string): Charge | undefined {
    const charge = this.#charges.get(id);
    return charge?.merchant === merchant ? charge : undefined;
  }

  /** For the processor's own pages, which see every merchant's. */
  anyCharge(id: string): Charge | undefined {
    return this.#charges.get(id);
  }

  operationById(id: string): Operation | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.operations[place];
  }

  /** Everything done to a charge, its authorization first. */
  operationsOf(chargeId: string): Operation[] {
    return (this.#operationsOf.get(chargeId) ?? []).flatMap((id) => this.operationById(id) ?? []);
  }

  dispute(id: string): Dispute | undefined {
    return this.#disputes.get(id);
  }

  disputesOf(chargeId: string): Dispute[] {
    return [...this.#disputes.values()].filter(({ charge }) => charge === chargeId);
  }

  merchantDisputes(merchant: string): Dispute[] {
    return [...this.#disputes.values()].filter((dispute) => dispute.merchant === merchant);
  }

  payoutsOf(merchant: string): Payout[] {
    return [...this.#payouts.values()].filter((payout) => payout.merchant === merchant);
  }

  chargeOf(operation: Operation): Charge {
    const charge = this.#charges.get(operation.charge);
    if (!charge) throw new Error(`the ledger has no charge ${operation.charge}`);
    return charge;
  }

  chargeByToken(token: string): Charge | undefined {
    return this.#charges.get(this.#byToken.get(token) ?? '');
  }

  operation(merchant: string, reference: string): Operation | undefined {
    return this.#byReference.get(`${merchant} ${reference}`);
  }

  /** One merchant's charges, oldest first. */
  *chargesOf(merchant: string): Generator<Charge> {
    for (const id of this.#chargesOf.get(merchant) ?? []) {
      const charge = this.#charges.get(id);
      if (charge) yield charge;
    }
  }

  endpoint(merchant: string, id: string): WebhookEndpoint | undefined {
    const endpoint = this.#endpoints.get(id);
    return endpoint?.merchant === merchant ? endpoint : undefined;
  }

  endpointsOf(merchant: string): WebhookEndpoint[] {
    return [...this.#endpoints.values()].filter((endpoint) => endpoint.merchant === merchant);
  }

  /** Sums by currency over the charges that `operations` belong to, each charge once. */
  totals(operations: readonly Operation[]): Record<string, Totals> {
    const totals: Record<string, Totals> = {};
    for (const id of new Set(operations.map((operation) => operation.charge))) {
      const charge = this.#charges.get(id);
      if (!charge) continue;
      const sums = (totals[charge.currency] ??= {
        authorized: 0,
        captured: 0,
        refunded: 0,
        voided: 0,
      });
      sums.authorized += charge.amount_authorized;
      sums.captured += charge.amount_captured;
      sums.refunded += charge.amount_refunded;
      sums.voided += charge.amount_voided;
    }
    return totals;
  }
}
