import katex from 'katex';
import 'katex/dist/katex.min.css';
import { useLayoutEffect, useMemo, useRef } from 'react';
import { useWidth } from '../instruments/plot/use-width';
import classes from './methods.module.css';

interface Props {
  tex: string;
  /** Numbers that may go on in the next line, instead of equations on lines of their own. */
  inline?: boolean;
}

/** Below this share of its size a formula is scrolled rather than shrunk further. */
const smallest = 0.62;

/** A formula, readable by screen readers through its MathML half. Only ever loaded lazily: KaTeX is large. */
export default function Formula({ tex, inline = false }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const html = useMemo(
    () =>
      (inline ? [tex] : tex.split(/,\s*\\q?quad\s*/))
        .map((line) => katex.renderToString(line, { displayMode: !inline, throwOnError: false }))
        .join(''),
    [tex, inline],
  );
  useLayoutEffect(() => {
    if (!box.current || width === 0) return;
    box.current.style.fontSize = '';
    const share = width / box.current.scrollWidth;
    if (share < 1) box.current.style.fontSize = `${Math.max(smallest, share * 0.98)}em`;
  }, [html, width]);
  return (
    <div
      ref={box}
      className={inline ? classes.values : undefined}
      dangerouslySetInnerHTML={{ __html: html }}
    />
  );
}
