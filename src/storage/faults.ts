/** Errors of the browser's storage, with sentences for the user. */
import { sentenceOf } from '../limits/texts';

export type FaultKind =
  /** No space left. */
  | 'full'
  /** The browser denies storage to this page. */
  | 'denied'
  /** Stored data is gone: the storage was cleared, or another writer replaced it. */
  | 'lost'
  /** Stored data can be read but differs from what was written. */
  | 'damaged'
  /** Written by a newer version of the page. */
  | 'newer'
  /** Another tab is using it. */
  | 'busy'
  | 'unknown';

/** A storage error; its message is a sentence for the user. */
export class StorageFault extends Error {
  override name = 'StorageFault';

  constructor(
    readonly kind: FaultKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const sentences: Record<'full' | 'denied' | 'lost' | 'newer', string> = {
  full: 'The browser has no more room for this page. Delete runs you no longer need, or free some disk space.',
  denied:
    'This browser does not let the page store anything: perhaps a private window, or a setting for site data. Runs are kept until this tab is closed.',
  lost: 'What this page had stored in the browser was cleared.',
  newer:
    'What is stored here was written by a newer version of this page. Reload the page to get that version; until then runs are kept until this tab is closed.',
};

/** Outside a secure context there are no files and no locks, and the user cannot allow them. */
export function insecureFault(): StorageFault {
  return new StorageFault(
    'denied',
    'Runs are kept until this tab is closed: browsers store them only for pages that come over https or from localhost.',
  );
}

/** The browser lacks a required interface. @param what its name */
export function lackingFault(what: string): StorageFault {
  return new StorageFault(
    'denied',
    `Runs are kept until this tab is closed: this browser has no ${what}, which storing them needs. Current versions of Chrome, Edge, Firefox and Safari have it.`,
  );
}

const kinds: Readonly<Record<string, 'full' | 'denied' | 'lost' | 'newer'>> = {
  VersionError: 'newer',
  QuotaExceededError: 'full',
  SecurityError: 'denied',
  NotAllowedError: 'denied',
  NoModificationAllowedError: 'lost',
  NotFoundError: 'lost',
  InvalidStateError: 'lost',
  AbortError: 'lost',
};

/** Converts any error of reading or writing into a `StorageFault`. */
export function faultOf(error: unknown): StorageFault {
  if (error instanceof StorageFault) return error;
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  const kind = kinds[name];
  if (kind) return new StorageFault(kind, sentences[kind], { cause: error });
  const detail = sentenceOf(error);
  return new StorageFault('unknown', `The browser could not store or read the run (${detail}).`, {
    cause: error,
  });
}

/** Converts an error of opening the storage: whatever the cause, nothing can be stored. */
export function openingFault(error: unknown): StorageFault {
  if (error instanceof StorageFault) return error;
  const fault = faultOf(error);
  if (fault.kind === 'full' || fault.kind === 'newer') return fault;
  return new StorageFault('denied', sentences.denied, { cause: error });
}

export function lostFault(): StorageFault {
  return new StorageFault('lost', sentences.lost);
}
