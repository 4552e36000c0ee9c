/** The page speaks the words of the field: none of those that it has given up is left in a label or a sentence. */
import ts from 'typescript';
import { expect, test } from 'vitest';

const retired =
  /\b(loupe|shelf|shelved|on the bench|nonsense|watched|pictures at both ends|who takes what|class by class|hard answers?|prelude|former|throw(n|s)? away|wins|study|studies|a control|the control|own mixture|unrest|answers? right|images right|soft answers?)\b/i;

const files = import.meta.glob<string>('/src/{app,export,record,storage,worker,training}/**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Texts of a file: those between tags, and quoted ones that are more than a key. */
function textsOf(path: string, content: string): string[] {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, content, ts.ScriptTarget.Latest, true, kind);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isJsxText(node) || ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node)) {
      const text = node.text.replaceAll(/\s+/g, ' ').trim();
      if (/\s|^[A-Z]/.test(text)) texts.push(text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return texts;
}

test('no label or sentence of the page uses a word that was given up', () => {
  // Reading a file as code is slow: only where the word is somewhere in it.
  const suspects = Object.entries(files).filter(([, content]) => retired.test(content));
  const found = suspects.flatMap(([path, content]) =>
    textsOf(path, content)
      .filter((text) => retired.test(text))
      .map((text) => `${path}: ${text}`),
  );
  expect(Object.keys(files).length).toBeGreaterThan(200);
  // Names of numbers in files and stored runs stay.
  const kept = /^(hard answers|other version)$/;
  expect(found.filter((line) => !kept.test(line.split(': ')[1]!))).toEqual([]);
});
