/**
 * Imports a data set: files in, data set and report out. No request is made and nothing from the files is executed.
 */
import { mostCharacters, shortened, sentenceOf } from '../limits/texts';
import { assemble } from './assemble';
import { mappedNames } from './class-name-maps';
import { classCounts, keptNumbers } from './classes';
import { checkUnpackedSize } from './check-unpacked-size';
import { withoutDuplicates } from './duplicate-files';
import { classNames, labelsOf, onlyView, type Dataset } from './dataset';
import { describeContents, describeTarget } from './describe-set';
import type { ColumnReport, ImportFile, ImportReport, ImportResult } from './import-report';
import { assembleTable } from './tables/assemble-table';
import { tablesAmongTexts } from './tables/loose-tables';
import type { Aside, Format } from './formats/dataset-format';
import { isTableOfImages } from './formats/csv';
import { formats, sideArrays, tables } from './formats/all-formats';
import { pictures } from './formats/pictures';
import { sounds } from './formats/sounds';
import { ImportContext, Refusal, type ImportOptions } from './import-context';
import { counted, plural } from './limits';
import { openFiles, type ContainerKind, type Opened } from './open';
import { whatWorks } from './refusals';
import { baseName, stem, tidyPath } from './paths';
import { isOfLabels } from './side/side-tables';
import { Unreadable, type Source } from './source';

export type { DecodedImage, DecodeImage, ImportOptions } from './import-context';

/**
 * Reads dropped files as one data set, in any of `formats/all-formats.ts` and packed in archives or not. Formats are recognised
 * by their bytes.
 *
 * Rejects only with the reason of an aborted signal. Every other failure is a report with the outcome "refused" and a
 * sentence for the user: what happened, where, what to do.
 */
export async function importFiles(files: ImportFile[], options: ImportOptions): Promise<ImportResult> {
  const context = new ImportContext(options);
  try {
    options.signal?.throwIfAborted();
    const { dataset, columns } = await read(files, context);
    const report = loadedReport(dataset, context);
    const { sounds } = context;
    return {
      report: columns ? { ...report, columns } : report,
      dataset,
      ...(sounds ? { sounds } : {}),
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { report: refusedReport(error, files, context), dataset: null };
  }
}

async function read(
  files: ImportFile[],
  context: ImportContext,
): Promise<{ dataset: Dataset; columns?: ColumnReport[] }> {
  const opened = await openFiles(files, context);
  const known = await mainFormat(opened.groups, context);
  const format = known ?? (await looseTables(opened, context));
  if (!format) throw nothingFound(opened, context);
  const found = opened.groups.get(format)!;
  context.format = formatName(format.name, opened.container, found);
  // Pictures and sounds are unpacked one by one, each with its own size limit.
  if (!format.isOfSingles) await checkUnpackedSize(found, context);
  // Duplicate pictures are found after decoding.
  const sources = format.isOfSingles ? found : await withoutDuplicates(found, context);
  const aside = asideOf(opened, format);
  noteOthers(opened, format, aside, context);
  const reading = await format.read(sources, aside, context);
  context.format = formatName(known ? reading.format : 'text', opened.container, sources);
  const title = shortened(
    titleOf(files) ?? ('table' in reading ? 'My table' : 'My images'),
    mostCharacters.label,
  );
  if ('table' in reading) return assembleTable(reading.table, title, context);
  const dataset = await assemble(reading.raw, title, context);
  const about = context.set ? [context.set] : format.isOfSingles ? [] : sources.map(({ path }) => path);
  const mapped = await mappedNames(classNames(dataset), opened.aside, about, context);
  if (mapped) context.takeBack(keptNumbers);
  noteTables(opened, format, mapped?.where ?? null, context);
  return {
    dataset: mapped ? { ...dataset, target: { kind: 'class', names: mapped.names } } : dataset,
  };
}

/** More pictures than this beside a few files of arrays are no illustrations of them. */
const mostIllustrations = 20;

/**
 * The format of the data set when files of several formats are there. Pictures count when they lie in two folders or
 * more; a few pictures beside arrays, or beside a table with an image in each row, are illustrations.
 */
async function mainFormat(
  groups: ReadonlyMap<Format, Source[]>,
  context: ImportContext,
): Promise<Format | null> {
  const found = groups.get(pictures);
  if (found && areSounds(found, groups.get(sounds) ?? [], context)) return sounds;
  const folders = new Set(found?.map(({ path }) => path.slice(0, path.lastIndexOf('/') + 1)));
  if (folders.size > 1) return pictures;
  const others = formats.filter((format) => !format.isOfSingles);
  const files = others.reduce((sum, format) => sum + (groups.get(format)?.length ?? 0), 0);
  const listed = groups.get(tables) ?? [];
  if (found && found.length > mostIllustrations && found.length > 5 * files)
    return (await areTables(found, listed, context)) ? tables : pictures;
  const arrays = formats.find((format) => format !== pictures && groups.has(format));
  if (arrays) return arrays;
  if (!found) return listed.length > 0 ? tables : null;
  for (const table of listed) if (await isTableOfImages(table, context)) return tables;
  return pictures;
}

/** Asks where there are many pictures beside a table that may hold a picture in each row, or what was measured on them. */
async function areTables(
  shown: readonly Source[],
  listed: readonly Source[],
  context: ImportContext,
): Promise<boolean> {
  for (const table of listed) {
    if (!(await isTableOfImages(table, context))) continue;
    const options = [
      { value: 'pictures', text: `the ${plural(shown.length, 'picture')}` },
      { value: 'tables', text: `the rows of ${table.where}` },
    ] as const;
    return context.pick('medium', 'Read', options, 'pictures', true) === 'tables';
  }
  return false;
}

/** Texts without separators that are tables all the same, where there is nothing else; null where none is. */
async function looseTables({ groups, aside }: Opened, context: ImportContext): Promise<Format | null> {
  const found = await tablesAmongTexts(aside.texts, context);
  if (found.length === 0) return null;
  groups.set(tables, found);
  return tables;
}

/** Asks where there are pictures and sounds: spectrograms beside the sounds they are of, or covers. */
function areSounds(shown: readonly Source[], heard: readonly Source[], context: ImportContext): boolean {
  if (heard.length === 0) return false;
  const options = [
    { value: 'pictures', text: `the ${plural(shown.length, 'picture')}` },
    { value: 'sounds', text: `the ${plural(heard.length, 'sound')}, as spectrograms` },
  ] as const;
  const guess = heard.length > shown.length ? 'sounds' : 'pictures';
  return context.pick('medium', 'Read', options, guess, true) === 'sounds';
}

/** Tables and arrays beside pictures may hold their classes; tables that do not are skipped silently. */
function asideOf({ aside, groups }: Opened, format: Format): Aside {
  if (format === tables) return { ...aside, tables: [] };
  const arrays = format.isOfSingles ? sideArrays.flatMap((one) => groups.get(one) ?? []) : [];
  return { ...aside, arrays };
}

/** Reports files of other formats than the main one as left out; see `noteTables` for tables. */
function noteOthers({ groups }: Opened, main: Format, aside: Aside, context: ImportContext): void {
  const things = thingsOf(main);
  if (!main.isOfSingles)
    for (const { where, path } of aside.texts)
      if (isOfLabels(path)) context.skip(where, `is a list beside data; the set was read from ${things}`);
  for (const [format, sources] of groups) {
    const isAside = main.isOfSingles && sideArrays.includes(format);
    if (format === main || format === tables || isAside) continue;
    for (const { where } of sources)
      context.skip(where, `is ${format.noun}; the set was read from ${things}`);
  }
}

/** Tables are reported and not refused: they are often lists of the files beside them. @param used one with names of classes */
function noteTables({ groups }: Opened, main: Format, used: string | null, context: ImportContext): void {
  if (main === tables || main.isOfSingles) return;
  const left = (groups.get(tables) ?? []).filter(({ where }) => where !== used);
  if (left.length > 0)
    context.warn(
      `${plural(left.length, 'table was', 'tables were')} not read, because the set was read from ${thingsOf(main)}; drop ${left[0]!.where} by itself to use it.`,
    );
}

function thingsOf({ noun }: Format): string {
  return `${noun.replace(/^an? /, '')}s`;
}

function nothingFound({ aside, refusal }: Opened, context: ImportContext): Refusal {
  if (refusal) return refusal;
  const [first] = context.skipped;
  if (first && context.skippedCount === 1) return new Refusal(`${first.where} ${first.why}.`);
  if (first)
    return new Refusal(
      `None of the ${counted(context.skippedCount)} files can be read; the first: ${first.where} ${first.why}.`,
    );
  if (aside.names.length > 0)
    return new Refusal(`There are class names but no images. Add the images: ${whatWorks}.`);
  return new Refusal(`There are no images. Use ${whatWorks}.`);
}

function formatName(name: string, container: ContainerKind, sources: readonly Source[]): string {
  if (name === 'class folders')
    return container === 'files' ? 'folder of class folders' : `${container} of ${name}`;
  if (container === 'files') return name;
  if (/^NPY/.test(name))
    return container === 'zip' && sources.every(isNpyName) ? 'NPZ' : `NPY in a ${container}`;
  return /^CIFAR/.test(name) ? name : `${name} in a ${container}`;
}

function isNpyName({ path }: Source): boolean {
  return /\.npy$/i.test(path);
}

/** Null where the files have no name in common. */
function titleOf(files: readonly ImportFile[]): string | null {
  const paths = files.map(({ path }) => tidyPath(path));
  const first = paths[0] ?? '';
  const folder = first.includes('/') ? first.slice(0, first.indexOf('/')) : '';
  if (folder !== '' && paths.every((path) => path.startsWith(`${folder}/`))) return folder;
  return paths.length === 1 ? stem(baseName(first)) || first : null;
}

function loadedReport(dataset: Dataset, context: ImportContext): ImportReport {
  const { train, test, inputs, target } = dataset;
  const spec = inputs[onlyView];
  const classes = classNames(dataset);
  const left = context.skippedCount > 0 ? `; ${plural(context.skippedCount, 'item')} left out` : '';
  const counts = (split: Dataset['train']) =>
    target.kind === 'class' ? classCounts({ labels: labelsOf(split) }, classes.length) : [];
  return {
    outcome: context.skippedCount > 0 ? 'partial' : 'loaded',
    format: context.format,
    train: train.count,
    test: test.count,
    shape: spec?.kind === 'image' ? [spec.height, spec.width, spec.channels] : null,
    inputs,
    target,
    classes,
    trainCounts: counts(train),
    testCounts: counts(test),
    ...notesOf(context),
    message: `${loadedSentence(dataset)}${left}.`,
  };
}

function loadedSentence(dataset: Dataset): string {
  const { train, test, inputs, target } = dataset;
  const spec = inputs[onlyView];
  if (spec?.kind !== 'image')
    return `Loaded ${counted(train.count)} training and ${plural(test.count, 'test row')}, ${describeContents(dataset)}`;
  const { height, width, channels } = spec;
  const colour = channels === 1 ? 'grey' : 'colour';
  return `Loaded ${counted(train.count)} training and ${plural(test.count, 'test image')}, ${height}×${width} ${colour}, ${describeTarget(target)}`;
}

function refusedReport(error: unknown, files: readonly ImportFile[], context: ImportContext): ImportReport {
  return {
    outcome: 'refused',
    format: (error instanceof Refusal ? error.format : null) ?? context.format,
    train: 0,
    test: 0,
    shape: null,
    classes: [],
    trainCounts: [],
    testCounts: [],
    ...notesOf(context),
    message: namingFiles(refusalSentence(error), files) + insideArchives(context),
  };
}

/** What is missing may lie in an archive that was not opened. */
function insideArchives({ skipped }: ImportContext): string {
  const inner = skipped.filter(({ why }) => why.startsWith('is an archive inside an archive'));
  if (inner.length === 0) return '';
  const more = inner.length > 1 ? ` and ${counted(inner.length - 1)} more` : '';
  return ` Not opened: ${inner[0]!.where}${more}, an archive inside an archive; unpack the outer one and drop its files together.`;
}

/** Puts the name of the dropped files before the sentence, unless the sentence names one of them. */
function namingFiles(sentence: string, files: readonly ImportFile[]): string {
  const [first] = files;
  if (!first || files.slice(0, 100).some(({ path }) => sentence.includes(baseName(tidyPath(path)))))
    return sentence;
  return `${inWords(files)}: ${sentence}`;
}

/** "x.npy and y.npy", "pets", "12 files" */
function inWords(files: readonly ImportFile[]): string {
  const names = files.slice(0, 2).map(({ path }) => baseName(tidyPath(path)));
  if (files.length <= 2) return names.join(' and ');
  return titleOf(files) ?? plural(files.length, 'file');
}

function notesOf({ warnings, skipped, skippedCount, guesses }: ImportContext) {
  return { warnings, skipped, skippedCount, guesses };
}

function refusalSentence(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (error instanceof Unreadable) return `The file ${error.message}.`;
  if (error instanceof RangeError && /alloc|length|memory/i.test(error.message))
    return 'There is not enough memory for this data set. Close other tabs or use less data.';
  const text = sentenceOf(error);
  return `The files could not be read because of an error in this page (${text}). Please report it with the file.`;
}
