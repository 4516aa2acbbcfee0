import type { WeirEvent } from '../../api/types';

/** Events that belong together: those of one transition, else neighbours of the same job. */
export interface EventGroup {
  key: string;
  /** What set the group off, if it is a transition: its first event. */
  first?: WeirEvent;
  jobId?: string;
  level: 'INFO' | 'WARNING' | 'ERROR';
  /** Newest first. */
  events: WeirEvent[];
  /** How many belong to it, also of those that are not in `events`. */
  count: number;
}

const WEIGHT = { INFO: 0, WARNING: 1, ERROR: 2 } as const;

/** @param events newest first, as they are shown */
export function groupEvents(events: readonly WeirEvent[]): EventGroup[] {
  const groups: EventGroup[] = [];
  for (const event of events) {
    const transition = event.spec?.transitionId;
    const jobId = event.metadata.jobId;
    const last = groups.at(-1);
    const same =
      last !== undefined &&
      (transition !== undefined
        ? last.events[0]?.spec?.transitionId === transition
        : last.events[0]?.spec?.transitionId === undefined && last.jobId === jobId);
    const group: EventGroup = same
      ? last
      : { key: event.metadata.id, jobId, level: 'INFO', events: [], count: 0 };
    if (!same) groups.push(group);
    group.events.push(event);
    group.count += 1;
    group.jobId ??= jobId;
    const level = event.spec?.level ?? 'INFO';
    if (WEIGHT[level] > WEIGHT[group.level]) group.level = level;
  }
  for (const group of groups)
    if (group.events[0]?.spec?.transitionId !== undefined) group.first = group.events.at(-1);
  return groups;
}

/** The groups with the newest events, so many in all. */
export function newestOf(groups: readonly EventGroup[], most: number): EventGroup[] {
  const shown: EventGroup[] = [];
  let left = most;
  for (const group of groups) {
    if (left <= 0) break;
    shown.push({ ...group, events: group.events.slice(0, left) });
    left -= group.count;
  }
  return shown;
}
