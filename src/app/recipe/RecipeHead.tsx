import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { useRef } from 'react';
import { recipeJson } from '../../export/recipe-json';
import { readRecipe } from '../../distill/recipe';
import { mostCharacters } from '../../limits/texts';
import { download, fileName } from '../download';
import { exampleGroups, examples } from '../examples';
import { useCopyLink } from '../shell/CopyLink';
import { Icon } from '../shell/icons';
import { useIsTraining, useRecipe, useSession, useView } from '../store/hooks';
import classes from './recipe.module.css';
import { methodName } from './summaries';

/** Name, examples, files and method of the recipe. */
export function RecipeHead() {
  const title = useRecipe((state) => state.recipe.title);
  const rename = useRecipe((state) => state.rename);
  const running = useIsTraining();
  const openExample = useRecipe((state) => state.openExample);
  return (
    <div className={classes.head}>
      <div className={classes.titleRow}>
        <input
          className={classes.title}
          aria-label="Name of the recipe"
          maxLength={mostCharacters.name}
          value={title}
          onChange={(event) => rename(event.currentTarget.value)}
        />
        <RecipeFiles />
      </div>
      <Menu position="bottom-start" width="min(920px, calc(100vw - 32px))" returnFocus={false}>
        <Menu.Target>
          <Button
            variant="default"
            disabled={running}
            rightSection={<Icon name="chevron" size={14} />}
            justify="space-between"
          >
            Examples
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <div className={classes.examples}>
            {exampleGroups.map((group) => (
              <div key={group} role="group" aria-label={group}>
                <Menu.Label>{group}</Menu.Label>
                {examples
                  .filter((example) => example.group === group)
                  .map((example) => (
                    <Menu.Item key={example.id} onClick={() => void openExample(example.id)}>
                      {example.title}
                      <div className={classes.muted}>{example.line}</div>
                    </Menu.Item>
                  ))}
              </div>
            ))}
          </div>
        </Menu.Dropdown>
      </Menu>
      <Method />
    </div>
  );
}

function Method() {
  const recipe = useRecipe((state) => state.recipe);
  const set = useView((state) => state.set);
  const running = useIsTraining();
  const { title, changed } = methodName(recipe);
  return (
    <div className={classes.method}>
      <small className={classes.muted}>Method</small>
      <strong>
        {title}
        {changed && <span className={classes.muted}>, changed</span>}
      </strong>
      <Button variant="subtle" disabled={running} onClick={() => set({ panel: 'methods' })}>
        Choose
      </Button>
    </div>
  );
}

function RecipeFiles() {
  const session = useSession();
  const running = useIsTraining();
  const input = useRef<HTMLInputElement>(null);
  const copyLink = useCopyLink();

  const save = () => {
    const { recipe } = session.recipe.getState();
    download(`${fileName(recipe.title)}.recipe.json`, recipeJson(recipe), 'application/json');
  };
  const open = async (file: File | undefined) => {
    if (!file) return;
    const { setRecipe } = session.recipe.getState();
    const { notify, notifyProblems } = session.view.getState();
    try {
      if (file.size > mostCharacters.jsonFile) throw new Error('No recipe is that large.');
      const { recipe, problems } = readRecipe(JSON.parse(await file.text()) as unknown);
      setRecipe(recipe);
      if (problems.length > 0) notifyProblems(`${file.name} was read with corrections`, problems);
    } catch {
      notify({
        tone: 'warning',
        title: `${file.name} is not a recipe`,
        text: 'A recipe is a JSON file, as saved from this menu. The recipe on the page is unchanged.',
      });
    }
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        hidden
        aria-label="Recipe file"
        onChange={(event) => {
          void open(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      <Menu width={200}>
        <Tooltip label="More for this recipe" w="auto">
          <Menu.Target>
            <ActionIcon size={28} aria-label="More for this recipe">
              <Icon name="more" />
            </ActionIcon>
          </Menu.Target>
        </Tooltip>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="download" />} onClick={save}>
            Save recipe
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon name="upload" />}
            disabled={running}
            onClick={() => input.current?.click()}
          >
            Open recipe file
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="link" />} onClick={() => void copyLink()}>
            Copy link
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon name="sliders" />}
            onClick={() => session.view.getState().set({ panel: 'experiment', recipeOpen: false })}
          >
            Experiment: compare methods
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
