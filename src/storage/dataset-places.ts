/** Where stored data sets lie, and the locks around them. */

/** Shared while a set is being stored for a run; exclusive while unused sets are removed. */
export const gate = 'retort/datasets';

/** Shared by each page that shows or uses a set. */
export const use = 'retort/dataset-in-use/';

export const pathOf = (hash: string): string => `datasets/${hash}`;
/** Names of the rows, where the set came with such. */
export const sourcesPathOf = (hash: string): string => `dataset-names/${hash}`;
/** The sounds behind its pictures, where they are kept. */
export const soundsPathOf = (hash: string): string => `dataset-sounds/${hash}`;

export const drafts = 'drafts';

/** Changes by hand that are not confirmed, of a set by its digest, or by the id of a bundled one. */
export const draftPathOf = (set: string): string => `${drafts}/${set}`;
