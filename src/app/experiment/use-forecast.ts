/** What an experiment will take on this machine, from what is stored here. */
import { useEffect, useMemo, useState } from 'react';
import { backendKey } from '../../engine/backend-names';
import { teacherKey } from '../../distill/teachers/teacher-key';
import type { TeacherAbout } from '../../distill/about';
import { teacherAbouts } from '../../distill/teachers/abouts';
import type { Recipe } from '../../distill/recipe';
import { readExperiment, type Experiment } from '../../experiment/experiment';
import { forecastOf, type Forecast, type RunSizes, type TimedRun } from '../../experiment/forecast';
import type { CellResult } from '../../experiment/table';
import { describeNetwork } from '../../nn/describe';
import type { RunRecord } from '../../record/run-record';
import { listExperiments } from '../../storage/experiments';
import { keptTeacherId, listKeptTeachers } from '../../storage/kept-teachers';
import type { SetAbout } from '../../storage/set-handle';
import { costRatio } from '../methods/cost-line';
import { shapeOf } from '../recipe/set-shape';
import { useData, useLibrary, useRuns, useSession } from '../store/hooks';

/** So many of the newest experiments are looked at for times. */
const mostExperiments = 5;

/** Runs of this visit that ended, with the speed of their steps. */
export function timedOf(records: Iterable<RunRecord>): TimedRun[] {
  return [...records].flatMap(({ recipe, outcome, stepsPerSecond }) =>
    outcome && stepsPerSecond !== null ? [{ recipe, stepsPerSecond, otherSeconds: 0 }] : [],
  );
}

/** @returns null until the storage has been read */
export function useForecast(experiment: Experiment): Forecast | null {
  const { services } = useSession();
  const upload = useData((state) => state.upload);
  const uploadHash = useData((state) => state.uploadHash);
  const backend = useRuns((state) => state.backend);
  const workers = useRuns((state) => state.workers)().now;
  const runs = useLibrary((state) => state.runs);
  const withStorage = useLibrary((state) => state.withStorage);
  const [timed, setTimed] = useState<readonly TimedRun[] | null>(null);
  const [kept, setKept] = useState<ReadonlySet<string> | null>(null);

  useEffect(() => {
    let wanted = true;
    const read = async () => {
      const found = timedOf(services.records.values());
      if (services.storage !== null)
        await withStorage('Times of earlier experiments could not be read', async (from) => {
          for (const { file, cells } of (await listExperiments(from)).slice(0, mostExperiments)) {
            const entries = readExperiment(file).experiment?.entries ?? [];
            for (const { entry, result } of cells) {
              const { stepMs, seconds = 0, times } = (result ?? {}) as Partial<CellResult>;
              const recipe = entries[entry]?.recipe;
              if (!recipe || !stepMs) continue;
              const ofSteps = (recipe.schedule.steps * stepMs) / 1000 + (times?.teacher ?? 0);
              found.push({
                recipe,
                stepsPerSecond: 1000 / stepMs,
                otherSeconds: times ? Math.max(0, seconds - ofSteps) : 0,
              });
            }
          }
        });
      if (wanted) setTimed(found);
    };
    void read();
    return () => {
      wanted = false;
    };
  }, [services, withStorage]);

  const keyOf = useMemo(() => {
    const place = backend ? backendKey(backend) : '';
    return (recipe: Recipe) => {
      const { dataset } = recipe.material;
      return teacherKey(recipe, {
        dataset: dataset === 'upload' ? (uploadHash ?? dataset) : dataset,
        backend: place,
      });
    };
  }, [backend, uploadHash]);

  // The names of kept teachers are digests, which are computed asynchronously.
  useEffect(() => {
    let wanted = true;
    const read = async () => {
      const { entries, seeds } = experiment;
      const keys = new Set(
        seeds.flatMap((seed) => entries.flatMap(({ recipe }) => keyOf({ ...recipe, seed }) ?? [])),
      );
      const found = new Set<string>();
      if (services.storage !== null && keys.size > 0)
        await withStorage('The kept teachers could not be read', async (from) => {
          const ids = new Set((await listKeptTeachers(from)).map(({ id }) => id));
          for (const key of ids.size > 0 ? keys : []) if (ids.has(await keptTeacherId(key))) found.add(key);
        });
      if (wanted) setKept(found);
    };
    void read();
    return () => {
      wanted = false;
    };
  }, [experiment, keyOf, services, withStorage]);

  return useMemo(() => {
    if (!timed || !kept) return null;
    const stored = runs.filter(
      ({ state, experiment: of, bytes }) => state === 'finished' && of !== null && bytes > 0,
    );
    const isKept = (key: string) => kept.has(key);
    return forecastOf(experiment, {
      sizesOf: sizesWith(upload),
      keyOf,
      isKept,
      timed,
      stored,
      ratioOf: costRatio,
      workers,
    });
  }, [experiment, timed, kept, runs, upload, keyOf, workers]);
}

/** Sizes of the networks of recipes; each network is described once. */
export function sizesWith(upload: SetAbout | null): (recipe: Recipe) => RunSizes | null {
  const known = new Map<string, RunSizes['teacher']>();
  const sizeOf = (name: string, input: readonly number[], outputs: number) => {
    const key = JSON.stringify([name, input, outputs]);
    const before = known.get(key);
    if (before !== undefined) return before;
    const described = describeNetwork(name, input, outputs);
    const size =
      'problem' in described
        ? null
        : { parameters: described.parameters, multiplyAdds: described.multiplyAdds };
    known.set(key, size);
    return size;
  };
  return (recipe) => {
    const shape = shapeOf(recipe, upload);
    const student = shape && sizeOf(recipe.student.network, shape.input, shape.outputs);
    if (!shape || !student) return null;
    const { kind, knobs } = recipe.teacher;
    const { trainedBefore }: TeacherAbout = teacherAbouts[kind];
    const { network } = knobs;
    const isTrained = network !== undefined && trainedBefore?.(knobs) === true;
    const teacher = isTrained ? sizeOf(network, shape.teaching ?? shape.input, shape.outputs) : null;
    return { student, teacher, instances: shape.images };
  };
}
