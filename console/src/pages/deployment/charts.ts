import type { JobMetrics } from '../../api/insight';
import { formatBytes, formatNumber } from '../../format/time';

/** A chart of the metrics page: which series it draws together. */
export interface Chart {
  key: string;
  /** A text of `metrics.chart`, or the name of a metric that the user picked. */
  title: ChartTitle | null;
  names: string[];
}

export type ChartTitle = 'throughput' | 'lag' | 'pressure' | 'checkpointDuration' | 'checkpointSize' | 'checkpoints' | 'restarts' | 'cpu' | 'heap' | 'garbageCollection';

export const STANDARD: Chart[] = [
  { key: 'throughput', title: 'throughput', names: ['recordsInPerSecond', 'recordsOutPerSecond'] },
  { key: 'lag', title: 'lag', names: ['watermarkLag'] },
  { key: 'pressure', title: 'pressure', names: ['busy', 'backPressured'] },
  { key: 'checkpointDuration', title: 'checkpointDuration', names: ['checkpointDuration'] },
  { key: 'checkpointSize', title: 'checkpointSize', names: ['checkpointSize'] },
  { key: 'checkpoints', title: 'checkpoints', names: ['checkpointsCompleted', 'checkpointsFailed'] },
  { key: 'restarts', title: 'restarts', names: ['restarts'] },
  { key: 'cpu', title: 'cpu', names: ['cpu'] },
  { key: 'heap', title: 'heap', names: ['heap'] },
  { key: 'garbageCollection', title: 'garbageCollection', names: ['garbageCollection'] },
];

/** In a column, null is a gap and undefined is no point between two that are connected. */
export type Columns = [number[], ...(number | null | undefined)[][]];

/** Values are read less often than a chart has steps: a hole that is no longer than that is none. */
function bridge(values: (number | null)[], most: number): (number | null | undefined)[] {
  const bridged: (number | null | undefined)[] = [...values];
  let last = -1;
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    if (last >= 0 && index - last - 1 <= most) bridged.fill(undefined, last + 1, index);
    last = index;
  }
  return bridged;
}

/**
 * What uPlot draws: times in seconds, then one column for each series; what is unknown is a gap.
 * @param intervalSeconds how often the job is read
 */
export function columnsOf(metrics: JobMetrics, names: string[], intervalSeconds = 0): Columns {
  const times = (metrics.times ?? []).map((time) => time / 1000);
  const most = Math.ceil((2 * intervalSeconds) / (metrics.stepSeconds || 1));
  const series = names.map((name) => {
    const values = metrics.series?.find((one) => one.name === name)?.values as (number | null)[] | undefined;
    return values ? bridge(values, most) : times.map(() => null);
  });
  return [times, ...series];
}

export function hasValues(columns: Columns): boolean {
  return columns.slice(1).some((column) => column.some((value) => value !== null && value !== undefined));
}

/** A value with its unit, as people read it. */
export function formatValue(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return '–';
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'bytes per second') return `${formatBytes(value)}/s`;
  if (unit === 'ratio') return `${formatNumber(100 * value, 1)} %`;
  if (unit === 'seconds') return `${formatNumber(value, 2)} s`;
  return formatNumber(value, value < 10 ? 2 : 0);
}

const PINNED = 'weir.pinned-metrics';

/** The metrics that a user added to the page of a deployment. */
export function readPinned(deploymentId: string): string[] {
  try {
    const all = JSON.parse(localStorage.getItem(PINNED) ?? '{}') as Record<string, string[]>;
    return all[deploymentId] ?? [];
  } catch {
    return [];
  }
}

export function keepPinned(deploymentId: string, names: string[]): void {
  let all: Record<string, string[]> = {};
  try {
    all = JSON.parse(localStorage.getItem(PINNED) ?? '{}') as Record<string, string[]>;
  } catch {
    // What cannot be read is replaced.
  }
  if (names.length === 0) delete all[deploymentId];
  else all[deploymentId] = names;
  localStorage.setItem(PINNED, JSON.stringify(all));
}
