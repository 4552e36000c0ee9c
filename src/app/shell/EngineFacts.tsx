import { bytes, count } from '../format';
import type { RunRecord } from '../../record/run-record';
import { useRunVersion } from '../redraw/use-redraw';
import { useLibrary, useSession, useView } from '../store/hooks';
import classes from './shell.module.css';

/** How the steps of the run at hand are carried out: the part of the device's panel that only a run can fill. */
export function EngineFacts() {
  useRunVersion();
  const { services } = useSession();
  const active = useLibrary((state) => state.active);
  const viewed = useView((state) => state.viewed);
  const run = active ?? viewed;
  const history = run === null ? undefined : services.records.get(run);
  if (!history?.engine) return null;
  const { engine } = history;
  return (
    <section className={classes.engine} aria-label="How the steps run">
      <h3>{engine.recorded ? 'Steps are recorded and replayed' : 'Steps run op by op'}</h3>
      {!engine.recorded && <p>{engine.why}</p>}
      <dl className={classes.facts}>
        {engine.dispatches !== null && (
          <>
            <dt>One step</dt>
            <dd>{count(engine.dispatches)} computations for the device</dd>
            <dt>Compiled</dt>
            <dd>{count(engine.kernels)} kernels</dd>
          </>
        )}
        <Memory history={history} />
      </dl>
      {engine.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
    </section>
  );
}

function Memory({ history: { engine, speed } }: { history: RunRecord }) {
  if (!speed) return null;
  return (
    <>
      <dt>Memory</dt>
      <dd>
        {bytes(speed.bytes)} in {count(speed.tensors)} tensors
        {engine!.bytes > 0 && `, ${bytes(engine!.bytes)} for replaying`}
      </dd>
    </>
  );
}
