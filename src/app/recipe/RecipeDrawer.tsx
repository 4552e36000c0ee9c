import { Drawer } from '@mantine/core';
import dialog from '../shell/shell.module.css';
import { useView } from '../store/hooks';
import { RecipeColumn } from './RecipeColumn';

/** Where the page is narrow the recipe folds away. */
export default function RecipeDrawer() {
  const opened = useView((state) => state.recipeOpen);
  const set = useView((state) => state.set);
  return (
    <Drawer.Root opened={opened} onClose={() => set({ recipeOpen: false })} size="min(400px, 100%)">
      <Drawer.Overlay color="var(--veil)" backgroundOpacity={1} />
      <Drawer.Content>
        <div className={dialog.drawerHead}>
          <Drawer.Title className={dialog.dialogTitle}>Recipe</Drawer.Title>
          <Drawer.CloseButton aria-label="Close" />
        </div>
        <Drawer.Body p={0}>
          <RecipeColumn />
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
