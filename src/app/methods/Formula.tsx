import katex from 'katex';
import 'katex/dist/katex.min.css';
import { useMemo } from 'react';

/** A formula, readable by screen readers through its MathML half. Only ever loaded lazily: KaTeX is large. */
export default function Formula({ tex }: { tex: string }) {
  const html = useMemo(() => katex.renderToString(tex, { displayMode: true, throwOnError: false }), [tex]);
  return <div dangerouslySetInnerHTML={{ __html: html }} />;
}
