/** A step cannot be recorded. The message is a sentence for the page; the step runs eagerly instead. */
export class CannotCapture extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'CannotCapture';
  }
}
