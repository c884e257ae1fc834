/** Storage for features: queries, change sets, opening. */
export {
  add,
  Conflict,
  insert,
  remove,
  StorageUnavailable,
  update,
  type Change,
  type ChangeSet,
  type Row,
} from './change-set.ts';
export { padded } from './padded.ts';
export { listOf, page, type Page, type PageQuery } from './page.ts';
export { openReading, type Place, type Reading } from './reading.ts';
export { earliest, findOne, type CommitObserver, type Database, type Select } from './database.ts';
