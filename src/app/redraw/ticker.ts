/**
 * Draws the panels at a bounded rate: at most four times a second, and never two panels in one frame, so that no
 * redraw becomes a long task.
 */
export class Ticker {
  private readonly panels = new Set<() => void>();
  private readonly due: (() => void)[] = [];
  private timer: number | null = null;
  private frame: number | null = null;

  constructor(private readonly interval = 250) {}

  register(panel: () => void): () => void {
    this.panels.add(panel);
    return () => this.panels.delete(panel);
  }

  /** Says that there is something new to see. */
  touch(): void {
    this.timer ??= window.setTimeout(() => {
      this.timer = null;
      for (const panel of this.panels) if (!this.due.includes(panel)) this.due.push(panel);
      this.frame ??= requestAnimationFrame(this.drawOne);
    }, this.interval);
  }

  private readonly drawOne = (): void => {
    let panel = this.due.shift();
    while (panel && !this.panels.has(panel)) panel = this.due.shift();
    panel?.();
    this.frame = this.due.length > 0 ? requestAnimationFrame(this.drawOne) : null;
  };
}
