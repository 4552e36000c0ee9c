/** Longest time between two yields, in milliseconds. */
const longestBlock = 12;

/**
 * Yields to the event loop, so that pending messages are handled during long work. Uses a message channel, because timers
 * are throttled in hidden tabs, where training goes on.
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
