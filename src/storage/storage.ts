/** The opened storage of this page's origin: database, files, locks, and messages between tabs. */
import { insecureFault, lackingFault, openingFault } from './faults';
import { openFiles, type Files } from './file-system';
import { roomyFiles } from './kept-teachers';
import type { Locks } from './locks';
import { openDatabase } from './database';
import type { Database, RunId } from './schema';

/** Sent to the other tabs and workers of the page. */
export type News =
  /** A run was saved or has ended; its progress can be read again. */
  | { type: 'progress'; run: RunId }
  /** A run was added, renamed, deleted or restored. */
  | { type: 'shelf' }
  /** An experiment was changed or deleted. */
  | { type: 'experiment'; id: string }
  /** Kept teachers were removed to make room. This page hears of it too, whoever wrote. */
  | { type: 'dropped'; teachers: { name: string; seed: number; bytes: number }[] };

export interface Storage {
  database: Database;
  files: Files;
  locks: Locks;
  /** Sends to the others, not to this page. */
  tell: (news: News) => void;
  /** Listens to the others. @returns a function that stops listening */
  hear: (listener: (news: News) => void) => () => void;
  /** True once the browser has closed the database while it was in use. */
  isLost: () => boolean;
  close: () => void;
}

const name = 'retort';

/** The first required feature that this browser lacks, under its usual name; null when it has all. */
function lackingHere(): string | null {
  const { locks, storage } = navigator as Partial<Navigator>;
  if (!('indexedDB' in globalThis)) return 'IndexedDB';
  if (!locks) return 'Web Locks';
  if (typeof storage?.getDirectory !== 'function') return 'origin private file system';
  if (!('BroadcastChannel' in globalThis)) return 'BroadcastChannel';
  return null;
}

/**
 * @param onWait called when it must wait for a run of another tab
 * @throws StorageFault with a sentence when nothing can be stored here
 */
export async function openStorage(onWait?: () => void): Promise<Storage> {
  if (!isSecureContext) throw insecureFault();
  const lacking = lackingHere();
  if (lacking) throw lackingFault(lacking);
  try {
    let lost = false;
    const files = await openFiles();
    const database = await openDatabase(name, {
      onLost: () => (lost = true),
      locks: navigator.locks,
      ...(onWait ? { onWait } : {}),
    });
    const channel = new BroadcastChannel(name);
    // A channel does not hear itself.
    const toAll = new BroadcastChannel(name);
    const storage: Storage = {
      database,
      files,
      locks: navigator.locks,
      tell: (news) => (news.type === 'dropped' ? toAll : channel).postMessage(news),
      hear(listener) {
        const hear = ({ data }: MessageEvent<News>) => listener(data);
        channel.addEventListener('message', hear);
        return () => channel.removeEventListener('message', hear);
      },
      isLost: () => lost,
      close() {
        channel.close();
        toAll.close();
        database.close();
      },
    };
    return { ...storage, files: roomyFiles(storage) };
  } catch (error) {
    throw openingFault(error);
  }
}
