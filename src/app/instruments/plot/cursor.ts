import { create } from 'zustand';

/** The step under the pointer, shared by everything that has steps on an axis. */
export const useCursor = create<{ step: number | null }>()(() => ({ step: null }));

export const setCursor = (step: number | null): void => {
  if (useCursor.getState().step !== step) useCursor.setState({ step });
};
