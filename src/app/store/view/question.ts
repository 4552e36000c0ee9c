import type { ViewSlice } from './view-store';

/** Something that must be decided before the page goes on, because otherwise work would be lost. */
export interface Question {
  title: string;
  text: string;
  /** The safest first. To close the question is to leave everything as it is. */
  choices: { label: string; act: () => void }[];
}

export interface QuestionSlice {
  /** The one that is being asked. */
  question: Question | null;
  ask: (question: Question) => void;
  /** Takes a choice, or leaves everything as it is. */
  answer: (choice?: Question['choices'][number]) => void;
}

export const questionSlice: ViewSlice<QuestionSlice> = (set) => ({
  question: null,
  ask: (question) => set({ question }),
  answer: (choice) => {
    set({ question: null });
    choice?.act();
  },
});
