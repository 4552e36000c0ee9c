/** The pages of docs/methods, written from the descriptions that the page itself uses. `npm run docs` renews them. */
import type { HintAbout } from '../../src/distill/about';
import { hintAbouts } from '../../src/distill/hints/abouts';
import { publishedOf, publishedSide } from '../../src/distill/hints/weights';
import type { Knob, Knobs } from '../../src/distill/knobs';
import { methods, type MethodAbout } from '../../src/distill/methods/abouts';
import { defaultRecipe, publishedWeight, type HintEntry } from '../../src/distill/recipe';
import { teacherAbouts } from '../../src/distill/teachers/abouts';
import { weightingAbouts } from '../../src/distill/weighting/abouts';

/** File name and text of every page: one per group of methods, and an index. */
export function methodPages(): { name: string; text: string }[] {
  const groups = [...new Set(methods.map(({ group }) => group))];
  const pages = groups.map((group) => ({ name: fileOf(group), text: groupPage(group) }));
  return [{ name: 'README.md', text: indexPage(groups) }, ...pages];
}

const fileOf = (group: MethodAbout['group']) => `${group.toLowerCase().replaceAll(' ', '-')}.md`;
const origin = '<!-- Written from the descriptions in src/distill by `npm run docs`; change them there. -->';

function indexPage(groups: readonly MethodAbout['group'][]): string {
  const lines = groups.map((group) => {
    const members = methods.filter((method) => method.group === group);
    return `- [${group}](${fileOf(group)}): ${members.map(({ title }) => title).join(', ')}`;
  });
  return page([
    '# Methods',
    'Every method of the picker, by what it teaches. A method is a paper’s name for one point in the space of recipes: its hints, teacher and weighting can be combined with any others.',
    lines.join('\n'),
  ]);
}

function groupPage(group: MethodAbout['group']): string {
  const members = methods.filter((method) => method.group === group);
  return page([`# ${group}`, ...members.flatMap(methodPart)]);
}

function methodPart(method: MethodAbout): string[] {
  const recipe = method.apply(defaultRecipe());
  const knobs = [
    ...recipe.hints.map((entry) => ({
      title: `Hint “${hintAbouts[entry.id].title}”, weight ${weightText(entry)}`,
      knobs: hintAbouts[entry.id].knobs as Knobs,
    })),
    ...(recipe.teacher.kind === 'single' || recipe.teacher.kind === 'none'
      ? []
      : [
          {
            title: `Teacher “${teacherAbouts[recipe.teacher.kind].title}”`,
            knobs: teacherAbouts[recipe.teacher.kind].knobs as Knobs,
          },
        ]),
    ...(recipe.weighting.id === 'fixed'
      ? []
      : [
          {
            title: `Weighting “${weightingAbouts[recipe.weighting.id].title}”`,
            knobs: weightingAbouts[recipe.weighting.id].knobs as Knobs,
          },
        ]),
  ];
  return [
    `## ${method.title}`,
    `\`${method.id}\` · ${method.badge}${citation(method)}`,
    method.sentences.join(' '),
    `$$${method.formula}$$`,
    [`Weight of the labels (γ): ${recipe.objective.ceWeight}.`, ...whyNotPublished(recipe.hints)].join(' '),
    ...knobs.flatMap(({ title, knobs }) =>
      Object.keys(knobs).length > 0 ? [`${title}:`, knobTable(knobs)] : [`${title}.`],
    ),
  ];
}

/** "1000 at 32 px, scaled to the student’s images", "5 (published: 50)", "0.9" */
function weightText(entry: HintEntry): string {
  const { published }: HintAbout = hintAbouts[entry.id];
  const side = publishedSide(entry);
  if (entry.weight === publishedWeight)
    return `${publishedOf(entry.id)}${side === null ? '' : ` at ${side} px, scaled to the student’s images`}`;
  return published ? `${entry.weight} (published: ${published.weight})` : String(entry.weight);
}

/** Why a recipe does not take the published weights of its hints as they stand. */
function whyNotPublished(hints: readonly HintEntry[]): string[] {
  return hints.flatMap(({ id }) => (hintAbouts[id] as HintAbout).published?.why ?? []);
}

function citation({ paper }: MethodAbout): string {
  if (!paper) return '';
  const title = paper.url ? `[${paper.title}](${paper.url})` : paper.title;
  return ` · ${paper.authors}: ${title}. ${paper.venue} ${paper.year}`;
}

function knobTable(knobs: Knobs): string {
  const rows = Object.entries(knobs).map(
    ([name, knob]) =>
      `| ${knob.label}${knob.symbol ? ` $${knob.symbol}$` : ''} | \`${name}\` | ${String(knob.default)} | ${rangeOf(knob)} | ${knob.live ? 'yes' : ''} | ${knob.help.replaceAll('|', '\\|')} |`,
  );
  return [
    '| knob | name | default | range | live | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function rangeOf(knob: Knob): string {
  switch (knob.kind) {
    case 'number':
      return `${knob.min} to ${knob.max}${knob.unit ? ` ${knob.unit}` : ''}`;
    case 'choice':
      return knob.options.map(({ value }) => `\`${value}\``).join(', ');
    case 'switch':
      return 'on, off';
    case 'text':
      return 'text';
  }
}

function page(parts: readonly string[]): string {
  return `${[origin, ...parts].join('\n\n')}\n`;
}
