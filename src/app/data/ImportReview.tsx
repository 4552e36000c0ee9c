import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { describeInput, describeTarget } from '../../data/describe-set';
import type { ImportReport } from '../../data/import-report';
import { labelledSetOf, type LabelledImageSet } from '../../storage/image-set';
import { count } from '../format';
import { Dialog } from '../shell/Dialog';
import { useData, useIsTraining } from '../store/hooks';
import type { Candidate } from '../store/data/data-store';
import { ColumnTable } from './ColumnTable';
import classes from './data.module.css';
import { Guesses } from './Guesses';
import { samplesPerClass } from './pixels';
import { Thumbnails } from './Thumbnails';

/** What an import found, before it is used. */
export default function ImportReview() {
  const candidate = useData((state) => state.candidate);
  const refuse = useData((state) => state.refuseCandidate);
  const take = useData((state) => state.takeCandidate);
  const running = useIsTraining();
  const sortPictures = useData((state) => state.sortPictures);
  if (!candidate) return null;
  const { report, set: dataset, files, choices } = candidate;
  const labelled = dataset && labelledSetOf(dataset);
  const pictures = dataset ? [] : files.filter(({ bytes }) => bytes.type.startsWith('image/'));
  const isAsked = report.guesses.some(({ value }) => value === null);
  const title = dataset ? 'Import report' : isAsked ? 'An answer is needed' : 'These files were not taken';
  return (
    <Dialog onClose={refuse} title={title} width={720}>
      <p className={classes.message}>{report.message}</p>
      {dataset && <Facts report={report} />}
      {report.guesses.length > 0 && <Guesses candidate={candidate} key={JSON.stringify(choices)} />}
      {report.warnings.length > 0 && (
        <ul className={classes.warnings} aria-label="Warnings">
          {report.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {report.skippedCount > 0 && <Skipped report={report} />}
      {labelled && <ClassTable candidate={candidate} dataset={labelled} />}
      {report.columns && <ColumnTable columns={report.columns} />}
      <div className={classes.foot}>
        {dataset && (
          <Button onClick={take} disabled={running} data-autofocus>
            Use it
          </Button>
        )}
        {pictures.length > 0 && (
          <Button onClick={() => sortPictures(pictures.map(({ path, bytes }) => ({ name: path, bytes })))}>
            Sort the {count(pictures.length)} pictures into classes
          </Button>
        )}
        <Button variant="default" onClick={refuse} data-autofocus={dataset ? undefined : true}>
          {dataset ? 'Keep the previous set' : 'Back to the previous set'}
        </Button>
        {running && <p className={classes.muted}>It can be used when the run has ended.</p>}
      </div>
    </Dialog>
  );
}

function Facts({ report }: { report: ImportReport }) {
  const { target, inputs = {} } = report;
  const facts = [
    ['Format', report.format],
    ['To train on', count(report.train)],
    ['To test', count(report.test)],
    ...(target ? [['Learned', describeTarget(target)]] : []),
    ...Object.values(inputs).map((spec) => [
      spec.kind === 'image' ? 'Image' : 'Network input',
      describeInput(spec),
    ]),
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Skipped({ report }: { report: ImportReport }) {
  const hidden = report.skippedCount - report.skipped.length;
  return (
    <details className={classes.skipped}>
      <summary>{count(report.skippedCount)} left out</summary>
      <ul>
        {report.skipped.map(({ where, why }) => (
          <li key={`${where} ${why}`}>
            {where}: {why}
          </li>
        ))}
        {hidden > 0 && <li>and {count(hidden)} more</li>}
      </ul>
    </details>
  );
}

function ClassTable({ candidate: { report }, dataset }: { candidate: Candidate; dataset: LabelledImageSet }) {
  const { train } = dataset;
  const samples = useMemo(
    () => samplesPerClass(train.labels, report.classes.length, 8).map((images) => [images]),
    [train, report],
  );
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Classes">
      <table className={classes.classTable}>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col" className={classes.number}>
              Train
            </th>
            <th scope="col" className={classes.number}>
              Test
            </th>
            <th scope="col">Samples</th>
          </tr>
        </thead>
        <tbody>
          {report.classes.slice(0, 100).map((name, label) => (
            <tr key={label}>
              <td>{name}</td>
              <td className={classes.number}>{count(report.trainCounts[label] ?? 0)}</td>
              <td className={classes.number}>{count(report.testCounts[label] ?? 0)}</td>
              <td>
                <Thumbnails set={dataset} rows={samples[label]!} size={24} label={`Samples of ${name}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
