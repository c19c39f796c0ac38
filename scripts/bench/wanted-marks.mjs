// A site tells its watermarks while somebody wants to know them.

/** How often it is said that they are wanted; a site tells them for 10 s. */
const EVERY_MS = 4000;

/** Says that watermarks are wanted, but not more often than it has to be. */
export class WantedMarks {
  saidMs = -Infinity;

  constructor(nc) {
    this.nc = nc;
  }

  say() {
    const now = performance.now();
    if (now - this.saidMs < EVERY_MS) return;
    this.saidMs = now;
    this.nc.publish('watermark.wanted');
  }
}
