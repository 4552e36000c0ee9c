import { Drawer } from '@mantine/core';
import { useApp } from '../store/context';
import { RecipeColumn } from './RecipeColumn';

/** Where the page is narrow the recipe folds away. */
export function RecipeDrawer() {
  const opened = useApp((state) => state.recipeOpen);
  const set = useApp((state) => state.set);
  return (
    <Drawer
      opened={opened}
      onClose={() => set({ recipeOpen: false })}
      title="Recipe"
      size="min(400px, 100%)"
      padding={0}
      styles={{ header: { padding: '8px 16px 0 24px' } }}
    >
      <RecipeColumn />
    </Drawer>
  );
}
