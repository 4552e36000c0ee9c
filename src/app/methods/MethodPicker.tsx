import { Anchor, Button, TextInput } from '@mantine/core';
import { lazy, Suspense, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { methods, type MethodAbout } from '../../distill/methods/abouts';
import { changesBetween } from '../recipe/diff';
import { misfit } from '../recipe/propose-pair';
import { Dialog } from '../shell/Dialog';
import { useData, useRecipe, useRuns, useView } from '../store/hooks';
import { methodRefusal, useSetShape } from '../recipe/data-kind';
import { shapeOf } from '../recipe/set-shape';
import { methodName } from '../recipe/summaries';
import classes from './methods.module.css';
import { costLine } from './cost-line';
import { valuesTex } from './values-tex';

const Formula = lazy(() => import('./Formula'));

const badges: Record<MethodAbout['badge'], string> = {
  'equal to reference code': 'Equal to the reference code',
  'restated from the paper': 'Restated from the paper',
  reconstruction: 'Reconstruction: not all details of the paper were at hand',
  'our design': 'Our design',
};

const groups = [...new Set(methods.map((method) => method.group))];
/** In the order in which they are listed. */
const listed = groups.flatMap((group) => methods.filter((method) => method.group === group));

export default function MethodPicker() {
  const current = useRecipe((state) => state.recipe.method);
  const set = useView((state) => state.set);
  const [sought, setSought] = useState('');
  const [shown, setShown] = useState(() => methods.find(({ id }) => id === current) ?? methods[0]!);
  const detail = useRef<HTMLElement>(null);
  const found = listed.filter((method) => fits(method, sought));

  const choose = (method: MethodAbout) => {
    setShown(method);
    // Where list and detail stand one above the other, the answer would be out of sight.
    if (window.innerWidth <= 720)
      requestAnimationFrame(() => detail.current?.scrollIntoView({ block: 'start' }));
  };
  const recipe = useRecipe((state) => state.recipe);
  const dataSet = useSetShape();
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0 || found.length === 0) return;
    event.preventDefault();
    const next = found[(found.indexOf(shown) + by + found.length) % found.length]!;
    setShown(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-method="${next.id}"]`)?.focus();
  };
  /** The one that the tab key reaches. */
  const reachable = found.includes(shown) ? shown : found[0];
  return (
    <Dialog onClose={() => set({ panel: null })} title="Methods" width={900}>
      <div className={classes.picker}>
        <div className={classes.side}>
          <TextInput
            aria-label="Find a method"
            placeholder="Find by name, author or year"
            value={sought}
            onChange={(event) => setSought(event.currentTarget.value)}
          />
          <div className={classes.list} role="listbox" aria-label="Methods" onKeyDown={onKey}>
            {groups.map((group) => {
              const members = found.filter((method) => method.group === group);
              if (members.length === 0) return null;
              return (
                <div key={group} role="group" aria-label={group}>
                  <div className={classes.group} aria-hidden="true">
                    {group}
                  </div>
                  {members.map((method) => (
                    <button
                      key={method.id}
                      type="button"
                      role="option"
                      className={classes.item}
                      aria-selected={method === shown}
                      tabIndex={method === reachable ? 0 : -1}
                      data-method={method.id}
                      data-refused={methodRefusal(method, recipe, dataSet) !== null || undefined}
                      data-autofocus={method === shown ? true : undefined}
                      onClick={() => choose(method)}
                    >
                      {method.title}
                      <small>{method.paper?.year}</small>
                      {methodRefusal(method, recipe, dataSet) && (
                        <small className={classes.unfit}>not for this data</small>
                      )}
                    </button>
                  ))}
                </div>
              );
            })}
          </div>
          {found.length === 0 && <p className={classes.none}>No method matches.</p>}
        </div>
        <Detail key={shown.id} ref={detail} method={shown} />
      </div>
    </Dialog>
  );
}

function fits({ title, paper }: MethodAbout, sought: string): boolean {
  const text = `${title} ${paper?.authors ?? ''} ${paper?.title ?? ''} ${paper?.year ?? ''}`.toLowerCase();
  return sought
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function Detail({ method, ref }: { method: MethodAbout; ref: Ref<HTMLElement> }) {
  const recipe = useRecipe((state) => state.recipe);
  const apply = useRecipe((state) => state.applyMethod);
  const proposePair = useData((state) => state.proposePair);
  const plan = useRuns((state) => state.planExperiment);
  const announce = useView((state) => state.announce);
  const set = useView((state) => state.set);
  const image = useRuns((state) => state.facts?.dataset.shape);
  const applied = method.apply(recipe);
  const changes = changesBetween(recipe, applied);
  const upload = useData((state) => state.upload);
  const shape = shapeOf(applied, upload);
  const refused = methodRefusal(method, recipe, shape);
  const why = shape && misfit(applied, shape);
  const { paper } = method;
  const use = (fitting: boolean) => {
    apply(method.id);
    if (fitting) void proposePair();
    announce(`${method.title} is now the method.`);
    set({ panel: null });
  };
  return (
    <article className={classes.detail} ref={ref}>
      <h3>{method.title}</h3>
      {paper ? (
        <p className={classes.citation}>
          {paper.authors}.{' '}
          {paper.url ? (
            <Anchor href={paper.url} target="_blank" rel="noreferrer" inherit>
              {paper.title}
            </Anchor>
          ) : (
            paper.title
          )}
          . {paper.venue} {paper.year}.
        </p>
      ) : (
        <p className={classes.citation}>No paper: a reference point of this page.</p>
      )}
      <p className={classes.badge} data-badge={method.badge}>
        {badges[method.badge]}
      </p>
      <p className={classes.sentences}>{method.sentences.join(' ')}</p>
      {costLine(method.id) && <p className={classes.cost}>{costLine(method.id)}</p>}
      <div className={classes.formula} tabIndex={0} role="group" aria-label="Formula">
        <Suspense fallback={null}>
          <Formula tex={method.formula} />
          <Formula inline tex={valuesTex(applied, image)} />
        </Suspense>
      </div>
      {changes.length > 0 ? (
        <ul className={classes.sets} aria-label="What it sets">
          {changes.map(({ path, label, from, to }) => (
            <li key={`${path} ${label}`}>
              {label}: {from && `${from} → `}
              <b>{to}</b>
            </li>
          ))}
        </ul>
      ) : (
        <p className={classes.sets}>The recipe is set this way already.</p>
      )}
      {refused && <p className={classes.misfit}>{refused}</p>}
      {refused ? (
        <Button disabled>Use this method</Button>
      ) : why ? (
        <>
          <p className={classes.misfit}>{why}</p>
          <div className={classes.buttons}>
            <Button onClick={() => use(true)}>Use it with networks that fit</Button>
            <Button variant="default" onClick={() => use(false)}>
              Use it with these networks
            </Button>
          </div>
        </>
      ) : (
        <Button onClick={() => use(false)}>Use this method</Button>
      )}
      {!refused && method.id !== recipe.method && (
        <Button variant="subtle" onClick={() => plan({ methods: [recipe.method, method.id] })}>
          Compare with {methodName(recipe).title} …
        </Button>
      )}
    </article>
  );
}
