/** Work in the order in which it was asked for, each piece after the one before, whether that failed or not. */
export class Queue {
  private last: Promise<unknown> = Promise.resolve();

  /** The promise of `work`. That it failed is no unhandled rejection: whoever awaits the result hears of it. */
  add<R>(work: () => R | Promise<R>): Promise<R> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }
}
