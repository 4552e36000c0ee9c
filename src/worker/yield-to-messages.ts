/** Longest stretch of work before messages are let in, in milliseconds. */
const longestBlock = 12;

/**
 * Lets pending messages in now and then. A message channel, not a timer: timers are slowed down in hidden tabs, and
 * training should go on there.
 */
export class MessageYielder {
  private readonly channel = new MessageChannel();
  private last = performance.now();

  async ifDue(): Promise<void> {
    if (performance.now() - this.last < longestBlock) return;
    await new Promise<void>((resolve) => {
      this.channel.port1.onmessage = () => resolve();
      this.channel.port2.postMessage(null);
    });
    this.last = performance.now();
  }
}
