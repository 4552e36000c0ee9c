/** A recipe in the address bar: only what differs from the default recipe of its version. */
import { hintAbouts } from '../../distill/hints/abouts';
import { defaultsOf, type Knobs, type KnobValues } from '../../distill/knobs';
import {
  defaultRecipe,
  readRecipe,
  recipeVersion,
  type HintEntry,
  type KnownVersion,
  type Recipe,
  type RecipeReading,
} from '../../distill/recipe';
import { mostCharacters } from '../../limits/texts';
import { teacherAbouts } from '../../distill/teachers/abouts';
import { weightingAbouts } from '../../distill/weighting/abouts';

const prefix = (version: KnownVersion) => `#v${version}=`;
const versions: readonly KnownVersion[] = [1, recipeVersion];

/** The smallest JSON that `readRecipe` turns back into this recipe, given the version. */
export function recipeDifference(recipe: Recipe): Record<string, unknown> {
  const base = defaultRecipe();
  const result: Record<string, unknown> = {};
  for (const key of ['title', 'method', 'note', 'example', 'seed'] as const)
    if (recipe[key] !== base[key]) result[key] = recipe[key];
  for (const key of ['material', 'student', 'schedule', 'objective'] as const)
    put(result, key, differing(base[key], recipe[key]));
  put(result, 'teacher', {
    ...(recipe.teacher.kind === base.teacher.kind ? {} : { kind: recipe.teacher.kind }),
    ...knobsPart(teacherAbouts[recipe.teacher.kind].knobs as Knobs, recipe.teacher.knobs),
  });
  put(result, 'weighting', {
    ...(recipe.weighting.id === base.weighting.id ? {} : { id: recipe.weighting.id }),
    ...knobsPart(weightingAbouts[recipe.weighting.id].knobs, recipe.weighting.knobs),
  });
  if (JSON.stringify(recipe.hints) !== JSON.stringify(base.hints))
    result['hints'] = recipe.hints.map(shortHint);
  return result;
}

export function recipeToHash(recipe: Recipe): string {
  const bytes = new TextEncoder().encode(JSON.stringify(recipeDifference(recipe)));
  const base64 = btoa(String.fromCharCode(...bytes));
  return prefix(recipeVersion) + base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The recipe of an address, with what could not be read; null when the address holds none. */
export function recipeFromHash(hash: string): RecipeReading | null {
  if (hash.length < 2) return null;
  if (hash.length > mostCharacters.link && /^#v\d+=/.test(hash))
    return unreadable(
      `The link has ${hash.length.toLocaleString('en-GB')} characters, far more than a recipe takes, so it was not read.`,
    );
  const version = versions.find((known) => hash.startsWith(prefix(known)));
  if (!version) {
    if (!/^#v\d+=/.test(hash)) return null;
    return unreadable('The link was made by another version of this page.');
  }
  try {
    const base64 = hash.slice(prefix(version).length).replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return readRecipe(JSON.parse(text) as unknown, version);
  } catch {
    return unreadable('The link is damaged: it was probably cut off when it was copied.');
  }
}

function unreadable(message: string): RecipeReading {
  return { recipe: defaultRecipe(), problems: [{ path: '', message }] };
}

function differing(base: KnobValues, values: KnobValues): KnobValues {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => base[name] !== value));
}

function knobsPart(knobs: Knobs, values: KnobValues): { knobs?: KnobValues } {
  const changed = differing(defaultsOf(knobs), values);
  return Object.keys(changed).length > 0 ? { knobs: changed } : {};
}

function shortHint(entry: HintEntry): Record<string, unknown> {
  return {
    id: entry.id,
    ...(entry.weight === hintAbouts[entry.id].defaultWeight ? {} : { weight: entry.weight }),
    ...(entry.shuffled ? { shuffled: true } : {}),
    ...knobsPart(hintAbouts[entry.id].knobs, entry.knobs),
  };
}

function put(target: Record<string, unknown>, key: string, value: object): void {
  if (Object.keys(value).length > 0) target[key] = value;
}
