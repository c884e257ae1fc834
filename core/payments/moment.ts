/** One "now", read once for everything that is written together. */
export interface Moment {
  readonly ms: number;
  readonly iso: string;
}
