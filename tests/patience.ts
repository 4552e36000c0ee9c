/**
 * The one bound on waiting, in milliseconds: far beyond what the slowest machine needs, so that only what never comes is
 * cut off. Tests wait for conditions, never for a time.
 */
export const patience = 300_000;

/** A test waits for several things, one after the other. */
export const testPatience = 2 * patience;
