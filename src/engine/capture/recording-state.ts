/** Whether a step is being recorded, on whichever backend. */
import { CannotCapture } from './cannot-capture';

let active = false;

export function isRecording(): boolean {
  return active;
}

/** @throws CannotCapture inside of another recording */
export function whileRecording<R>(record: () => R): R {
  if (active) throw new CannotCapture('A step that is recorded cannot record another one.');
  active = true;
  try {
    return record();
  } finally {
    active = false;
  }
}
