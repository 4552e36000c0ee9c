import { backendTitles, type BackendName } from '../../engine/backend-names';
import type { BackendMove, Phase } from '../../training/events';
import { placeText } from '../store/library/library-store';
import type { RunRecord } from '../../record/run-record';

/** What happened to a run at a step, for its charts. */
export interface ChartMark {
  kind: 'knob' | 'backend';
  step: number;
  /** "Temperature 4 → 5", "WebGPU → WebAssembly" */
  label: string;
}

/** Knobs turned and backends changed in one phase. */
export function marksIn({ marks, moves }: Pick<RunRecord, 'marks' | 'moves'>, phase: Phase): ChartMark[] {
  const inPhase = (mark: { phase: Phase }) => mark.phase === phase;
  return [
    ...marks.filter(inPhase).map(({ step, label, from, to }) => ({
      kind: 'knob' as const,
      step,
      label: `${label} ${String(from)} → ${String(to)}`,
    })),
    ...moves.filter(inPhase).map(({ step, from, to }) => ({
      kind: 'backend' as const,
      step,
      label: `${backendTitles[from]} → ${backendTitles[to]}`,
    })),
  ];
}

/** "WebGPU, from step 812 WebAssembly"; null when it is not known. */
export function computedOn(first: string | null | undefined, moves: readonly BackendMove[]): string | null {
  const begun = first ?? moves[0]?.from;
  if (!begun) return null;
  return [
    backendTitles[begun as BackendName] ?? begun,
    ...moves.map((move) => `from ${placeText(move)} ${backendTitles[move.to]}`),
  ].join(', ');
}
