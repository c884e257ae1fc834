/** What a seeded bug is: an edit of the sources, and who must notice. */

export interface Edit {
  readonly file: string;
  /** Stands in the file exactly once, or the list is out of date and the run fails. */
  readonly search: string;
  readonly replace: string;
}

export interface Mutation {
  readonly name: string;
  /** What goes wrong for whom, were it shipped. */
  readonly harm: string;
  readonly edits: readonly Edit[];
  /** Spec files; the first failure is enough. */
  readonly caughtBy: readonly string[];
  /** Only tests whose title holds this; on SQLite. */
  readonly titles?: string;
  /** Postgres as well, for what only two nodes or another dialect would show. */
  readonly postgres?: boolean;
}
