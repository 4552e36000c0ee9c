import type { RunFacts } from '../../training/events';
import { extraLabels } from '../../distill/weighting/hint-dynamic/about';
import { bytes, count, short } from '../format';
import { Explained } from '../glossary/Explained';
import { LineSample } from '../recipe/LineSample';
import { instanceWords } from '../subject/instance-words';
import { learnerStyles } from '../theme/learner-styles';
import classes from './results.module.css';

/** What a run looks at and what its networks cost. */
export default function FactsTable({ facts }: { facts: RunFacts }) {
  return (
    <>
      <div className={classes.factsScroll}>
        <table className={classes.facts}>
          <thead>
            <tr>
              <th scope="col">Network</th>
              <th scope="col">
                <Explained term="parameters">Parameters</Explained>
              </th>
              <th scope="col">
                <Explained term="multiplyAdds">Multiply-adds</Explained>
              </th>
              <th scope="col">Memory per batch</th>
            </tr>
          </thead>
          <tbody>
            {facts.networks.map((network, place) => (
              <tr key={place}>
                <th scope="row">
                  <LineSample style={{ colour: learnerStyles[network.role].colour }} width={12} />{' '}
                  {learnerStyles[network.role].label}
                  <small>{network.name}</small>
                </th>
                <td>
                  {count(network.parameters)}
                  {network.bits !== undefined && (
                    <small>
                      {bytes(network.bits / 8)}, {bytes(4 * network.parameters)} at 32 bits
                    </small>
                  )}
                </td>
                <td>{short(network.multiplyAdds)}</td>
                <td>{bytes(network.activationBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={classes.images}>{imagesSentence(facts)}</p>
      {facts.notes.map((note) => (
        <p key={note} className={classes.images}>
          {note}
        </p>
      ))}
    </>
  );
}

function imagesSentence(facts: RunFacts): string {
  const parts = [
    `${count(facts.labelled)} labelled${facts.wrongLabels > 0 ? ` (${count(facts.wrongLabels)} with a wrong label, on purpose)` : ''}`,
  ];
  if (facts.unlabelled > 0)
    parts.push(`${count(facts.unlabelled)} ${facts.generated ? 'generated' : 'unlabelled'}`);
  if (facts.meta > 0) parts.push(`${extraLabels(facts.meta)} for the meta step`);
  if (facts.validation > 0) parts.push(`${count(facts.validation)} to validate`);
  parts.push(`${count(facts.test)} to test`);
  const steps = facts.teacherSteps > 0 ? `${count(facts.teacherSteps)} for the teacher, ` : '';
  const generator = facts.generatorSteps
    ? `up to ${count(facts.generatorSteps)} for generated pictures, `
    : '';
  const prelude = facts.preludeSteps > 0 ? `${count(facts.preludeSteps)} for the initialisation stage, ` : '';
  const extra =
    facts.extraParameters > 0
      ? ` The losses train ${count(facts.extraParameters)} parameters of their own.`
      : '';
  return `${instanceWords(facts).Many}: ${parts.join(', ')}. Steps: ${steps}${generator}${prelude}${count(facts.studentSteps)} for the student.${extra}`;
}
