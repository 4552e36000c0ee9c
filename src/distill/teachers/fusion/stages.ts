/** Why the maps of a network cannot be used, a sentence, or null. @param stages shapes without the batch axis */
export function stagesProblem(name: string, stages: readonly (readonly number[])[]): string | null {
  const [first] = stages;
  if (first?.length !== 3 || first[0]! * first[1]! === 1)
    return `FFSD needs feature maps, and ${name} has none. Choose a convolutional student.`;
  const sides = stages.map(([height, width]) => [height!, width!] as const);
  const halving = sides.every(([height, width], i) => {
    const next = sides[i + 1];
    return !next || (height === 2 * next[0] && width === 2 * next[1]);
  });
  if (!halving)
    return `FFSD needs stages whose maps halve exactly, and those of ${name} are ${sides.map((side) => side.join('×')).join(', ')}. Choose another student, or images whose side can be halved.`;
  const [height, width] = sides.at(-1)!;
  return height * width < 3
    ? `FFSD ranks the places of the last map, and that of ${name} has only ${height}×${width}. Choose a student with fewer stages, or larger images.`
    : null;
}
