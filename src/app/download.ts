/** Downloads a file. */
export function download(name: string, content: string | Uint8Array | Blob, type: string): void {
  const part = content instanceof Uint8Array ? new Uint8Array(content) : content;
  const url = URL.createObjectURL(new Blob([part], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken its own reference by then.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** "Wrong labels" -> "wrong-labels" */
export function fileName(title: string): string {
  const plain = title
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-');
  return plain.replaceAll(/^-+|-+$/g, '').slice(0, 60) || 'retort';
}
