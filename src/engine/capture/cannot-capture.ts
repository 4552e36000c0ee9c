/** A step that cannot be recorded. The message is a sentence for the page; the step itself runs eagerly as before. */
export class CannotCapture extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'CannotCapture';
  }
}
