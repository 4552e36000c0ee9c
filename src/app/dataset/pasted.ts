/** Pictures from the clipboard. */
export interface NamedPicture {
  name: string;
  bytes: Blob;
}

let pasted = 0;

const named = (bytes: Blob): NamedPicture => {
  pasted += 1;
  return { name: `pasted ${pasted}`, bytes };
};

/** Pictures of a paste event; empty when it brings something else. */
export function picturesOfPaste({ clipboardData }: ClipboardEvent): NamedPicture[] {
  return [...(clipboardData?.files ?? [])]
    .filter(({ type }) => type.startsWith('image/'))
    .map((file) => named(file));
}

/** Pictures in the clipboard now. Rejects with a sentence when the browser does not hand them out. */
export async function picturesOfClipboard(): Promise<NamedPicture[]> {
  let items: ClipboardItems;
  try {
    // Pages that come over plain http have none; the paste event brings pictures there, too.
    items = await navigator.clipboard.read();
  } catch {
    throw new Error('The browser did not hand out the clipboard. Press Ctrl+V (⌘V) instead.');
  }
  const found: NamedPicture[] = [];
  for (const item of items) {
    const type = item.types.find((one) => one.startsWith('image/'));
    if (type) found.push(named(await item.getType(type)));
  }
  if (found.length === 0) throw new Error('There is no picture in the clipboard.');
  return found;
}
