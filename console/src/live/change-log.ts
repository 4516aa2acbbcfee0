import type { AnyResource, Kind } from '../api/types';

export interface Change {
  kind: Kind;
  deleted: boolean;
  object: AnyResource;
}

/** The most changes that are kept for one reading; its answer is asked for again then. */
const LIMIT = 20_000;

/** What the feed told since a reading began. */
class Reading {
  private changes: Change[] | undefined = [];

  constructor(private readonly ended: (reading: Reading) => void) {}

  add(changes: readonly Change[]): void {
    if (this.changes === undefined) return;
    if (this.changes.length + changes.length > LIMIT) this.miss();
    else this.changes.push(...changes);
  }

  miss(): void {
    this.changes = undefined;
  }

  /** @return in order; undefined if some of it was missed, so that the answer is worth nothing */
  end(): readonly Change[] | undefined {
    this.ended(this);
    return this.changes;
  }
}

/**
 * Keeps what the feed tells while something is being read. An answer that was asked for before a
 * change arrived may lack it; whoever asked lays over the answer what came meanwhile.
 */
export class ChangeLog {
  private readonly readings = new Set<Reading>();

  add(changes: readonly Change[]): void {
    for (const reading of this.readings) reading.add(changes);
  }

  /** The feed missed changes. */
  gap(): void {
    for (const reading of this.readings) reading.miss();
  }

  begin(): Reading {
    const reading = new Reading((ended) => this.readings.delete(ended));
    this.readings.add(reading);
    return reading;
  }
}
