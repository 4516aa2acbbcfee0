import type { AnyResource, Kind } from '../api/types';

export interface Change {
  kind: Kind;
  deleted: boolean;
  object: AnyResource;
}

/** How many changes are remembered: far more than arrive while one list is on its way. */
const LIMIT = 20_000;

/**
 * The changes that the feed told of, in order. A list that was asked for before a change arrived, and
 * answered after it, lacks the change; whoever asked applies what `since` gives.
 */
export class ChangeLog {
  private changes: Change[] = [];
  private dropped = 0;

  add(changes: readonly Change[]): void {
    this.changes.push(...changes);
    if (this.changes.length <= LIMIT) return;
    const surplus = this.changes.length - LIMIT;
    this.changes = this.changes.slice(surplus);
    this.dropped += surplus;
  }

  /** A position to give to `since`. */
  mark(): number {
    return this.dropped + this.changes.length;
  }

  since(mark: number): readonly Change[] {
    return this.changes.slice(Math.max(0, mark - this.dropped));
  }
}
