/** Texts of the page and of the user in LaTeX: nothing in them is a command. */

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
};
/** Signs that the page writes and pdfLaTeX has no letters for. */
const written: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': '`',
  '“': '``',
  '”': "''",
  '–': '--',
  '—': '---',
  '−': '$-$',
  '…': '\\ldots{}',
  '×': '$\\times$',
  '·': '$\\cdot$',
  '±': '$\\pm$',
  '→': '$\\rightarrow$',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  '≠': '$\\neq$',
  '≈': '$\\approx$',
  '∞': '$\\infty$',
  '°': '$^\\circ$',
  '²': '$^2$',
  '³': '$^3$',
  '½': '$\\frac12$',
  '¼': '$\\frac14$',
  '\u00a0': '~',
  '\u202f': '\\,',
  '\u2009': '\\,',
};
const greek = [
  ...['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota', 'kappa', 'lambda'],
  ...['mu', 'nu', 'xi', '', 'pi', 'rho', '', 'sigma', 'tau', 'upsilon', 'phi', 'chi', 'psi', 'omega'],
];

/**
 * Escapes a text for pdfLaTeX with the `T1` font encoding. Letters of other scripts than the Latin and Greek ones, and signs
 * that it lacks, become a question mark.
 */
export function latexText(text: string): string {
  return [...text.normalize('NFC').replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')].map(letter).join('');
}

function letter(sign: string): string {
  const known = special[sign] ?? written[sign];
  if (known !== undefined) return known;
  const code = sign.codePointAt(0)!;
  if (code < 0x80) return sign;
  const name = greek[code - 0x3b1];
  if (name) return `$\\${name}$`;
  // Latin letters with accents, which T1 has.
  if (/\p{Script=Latin}/u.test(sign) && code < 0x180) return sign;
  return '?';
}
