/** Storage for features: queries, change sets, opening. */
export {
  Conflict,
  insert,
  remove,
  StorageUnavailable,
  update,
  type Change,
  type ChangeSet,
  type Row,
} from './change-set.ts';
export { listOf, page, type Page, type PageQuery } from './page.ts';
export { findOne, type CommitObserver, type Database, type Select } from './database.ts';
