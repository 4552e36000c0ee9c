import { ActionIcon, Anchor, Button, Menu, Tooltip } from '@mantine/core';
import { kindTitles, type Citation, type HintKind } from '../../distill/about';
import { hintAbouts, hintIds } from '../../distill/hints/abouts';
import { hintEntryKnobs, type HintEntry } from '../../distill/recipe';
import { Explained } from '../glossary/Explained';
import { Icon } from '../shell/icons';
import { useIsTraining, useRecipe } from '../store/hooks';
import { hintStyle } from '../theme/learner-styles';
import { lossNeeds, useSetShape } from './data-kind';
import { hintTitle } from './diff';
import { HintWeight } from './HintWeight';
import { KnobForm } from './KnobForm';
import { LineSample } from './LineSample';
import styles from './hints.module.css';
import classes from './recipe.module.css';

/** As many as a recipe holds. */
const most = 8;

export function HintList() {
  const hints = useRecipe((state) => state.recipe.hints);
  const running = useIsTraining();
  const add = useRecipe((state) => state.addHint);
  const set = useSetShape();
  return (
    <>
      {hints.map((entry, index) => (
        <Hint key={`${entry.id}-${index}`} entry={entry} index={index} locked={running} />
      ))}
      {hints.length === 0 && (
        <p className={classes.muted}>No distillation loss: the student learns from labels alone.</p>
      )}
      <p className={classes.muted}>
        What is a <Explained term="hint">distillation loss (hint)</Explained>, a{' '}
        <Explained term="hintWeight">hint weight</Explained>, a{' '}
        <Explained term="temperature">temperature</Explained>, <Explained term="logits">logits</Explained>,{' '}
        <Explained term="softTargets">soft targets</Explained>, <Explained term="kl">KL</Explained>?
      </p>
      <Menu position="bottom-start" width={276}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<Icon name="plus" size={14} />}
            disabled={running || hints.length >= most}
            style={{ justifySelf: 'start' }}
          >
            Add a loss
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(Object.keys(kindTitles) as HintKind[]).map((kind) => {
            const ids = hintIds.filter((id) => hintAbouts[id].kind === kind);
            if (ids.length === 0) return null;
            return (
              <div key={kind} role="group" aria-label={kindTitles[kind]}>
                <Menu.Label>{kindTitles[kind]}</Menu.Label>
                {ids.map((id) => {
                  const why = lossNeeds(hintAbouts[id], set);
                  return (
                    <Menu.Item key={id} disabled={why !== null} onClick={() => add(id)}>
                      {hintAbouts[id].title}
                      <div className={classes.muted}>{why ?? hintAbouts[id].line}</div>
                    </Menu.Item>
                  );
                })}
              </div>
            );
          })}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/** "Hinton et al., 2015", with the way to the paper where there is one. */
function Source({ paper: { authors, year, url } }: { paper: Citation }) {
  const [first, ...others] = authors.split(', ');
  const who =
    others.length === 0 ? first : others.length === 1 ? `${first} and ${others[0]}` : `${first} et al.`;
  const text = `${who}, ${year}`;
  if (!url) return text;
  return (
    <Anchor href={url} target="_blank" rel="noreferrer" inherit c="inherit">
      {text}
    </Anchor>
  );
}

function Hint({ entry, index, locked }: { entry: HintEntry; index: number; locked: boolean }) {
  const remove = useRecipe((state) => state.removeHint);
  const about = hintAbouts[entry.id];
  const { shuffled } = entry;
  return (
    <div className={styles.hint}>
      <div className={styles.hintHead}>
        <LineSample style={hintStyle(index)} />
        <h3>{hintTitle(entry)}</h3>
        <Tooltip label={locked ? 'Losses are fixed during a run' : 'Remove this loss'} w="auto">
          <ActionIcon
            size={24}
            disabled={locked}
            aria-label={`Remove: ${hintTitle(entry)}`}
            onClick={() => remove(index)}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        </Tooltip>
        <p className={classes.muted}>
          {about.line} <Source paper={about.paper} />
        </p>
      </div>
      <HintWeight entry={entry} index={index} />
      <KnobForm knobs={about.knobs} path={`hints.${index}.knobs`} values={entry.knobs} />
      <KnobForm knobs={{ shuffled: hintEntryKnobs.shuffled }} path={`hints.${index}`} values={{ shuffled }} />
    </div>
  );
}
