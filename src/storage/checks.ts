/**
 * The packed form of stored contents and their checks, loaded together when something is read or written: the first
 * paint does neither.
 */
export * from './pack';
export * from './row-sources-file';
export * from './run-contents';
export * from './set-contents';
