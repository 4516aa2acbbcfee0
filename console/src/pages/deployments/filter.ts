import type { Deployment, ObservedState } from '../../api/types';

export type SortColumn = 'name' | 'state' | 'desired' | 'version' | 'parallelism' | 'age';

export interface ListFilter {
  /** Words and `key:value` pairs, all of which must match. */
  text: string;
  states: ObservedState[];
  sort: SortColumn;
  descending: boolean;
}

export const OBSERVED_STATES: ObservedState[] = [
  'RUNNING',
  'TRANSITIONING',
  'SUSPENDED',
  'CANCELLED',
  'FINISHED',
  'FAILED',
];

const COLUMNS: SortColumn[] = ['name', 'state', 'desired', 'version', 'parallelism', 'age'];

/** The filter as it stands in the page's address, so that it can be sent to somebody. */
export function filterOf(query: URLSearchParams): ListFilter {
  const sort = query.get('sort') ?? 'name';
  const descending = sort.startsWith('-');
  const column = sort.replace(/^-/, '') as SortColumn;
  return {
    text: query.get('q') ?? '',
    states: (query.get('state') ?? '')
      .split(',')
      .filter((state): state is ObservedState => OBSERVED_STATES.includes(state as ObservedState)),
    sort: COLUMNS.includes(column) ? column : 'name',
    descending,
  };
}

export function queryOf(filter: ListFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (filter.text.trim() !== '') query.set('q', filter.text);
  if (filter.states.length > 0) query.set('state', filter.states.join(','));
  if (filter.sort !== 'name' || filter.descending)
    query.set('sort', (filter.descending ? '-' : '') + filter.sort);
  return query;
}

/** Every deployment is, unless it says otherwise: only the exceptions are worth a tag. */
export function isProduction({ spec }: Deployment): boolean {
  return spec?.production ?? true;
}

/** What `key:value` can name: the labels, and whether it is marked as production. */
function marksOf(deployment: Deployment): [string, string][] {
  return [...Object.entries(deployment.metadata.labels ?? {}), ['production', String(isProduction(deployment))]];
}

/** Whether one word of the filter holds: `key:value` is a label or mark, `key:` any value of it. */
function wordMatches(deployment: Deployment, word: string): boolean {
  const colon = word.indexOf(':');
  if (colon > 0) {
    const key = word.slice(0, colon);
    const value = word.slice(colon + 1);
    return marksOf(deployment).some(
      ([name, is]) =>
        name.toLowerCase() === key && (value === '' || is.toLowerCase().startsWith(value)),
    );
  }
  const { name = '', displayName = '' } = deployment.metadata;
  return name.toLowerCase().includes(word) || displayName.toLowerCase().includes(word);
}

export function flinkVersionOf(deployment: Deployment): string | undefined {
  return deployment.spec?.template?.spec?.artifact?.flinkVersion;
}

/** When the observed state was last entered, as far as the server says it. */
export function stateSince(deployment: Deployment): string | undefined {
  const status = deployment.status;
  return (
    status?.transition?.since ??
    status?.failure?.failedAt ??
    status?.running?.transitionTime ??
    deployment.metadata.modifiedAt
  );
}

const naturally = new Intl.Collator('en', { numeric: true });

function compare(a: Deployment, b: Deployment, column: SortColumn): number {
  const text = (left?: string, right?: string) => naturally.compare(left ?? '', right ?? '');
  switch (column) {
    case 'name':
      return 0;
    case 'state':
      return text(a.status?.state, b.status?.state);
    case 'desired':
      return text(a.spec?.state, b.spec?.state);
    case 'version':
      return text(flinkVersionOf(a), flinkVersionOf(b));
    case 'parallelism':
      return (
        (a.spec?.template?.spec?.parallelism ?? 0) - (b.spec?.template?.spec?.parallelism ?? 0)
      );
    case 'age':
      return Date.parse(stateSince(b) ?? '') - Date.parse(stateSince(a) ?? '');
  }
}

/** The rows to show, in order; equal ones by name. */
export function select(all: Iterable<Deployment>, filter: ListFilter): Deployment[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows: Deployment[] = [];
  for (const deployment of all) {
    const state = deployment.status?.state;
    if (filter.states.length > 0 && (state === undefined || !filter.states.includes(state)))
      continue;
    if (words.every((word) => wordMatches(deployment, word))) rows.push(deployment);
  }
  const sign = filter.descending ? -1 : 1;
  return rows.sort(
    (a, b) =>
      sign *
      (compare(a, b, filter.sort) ||
        naturally.compare(a.metadata.name ?? '', b.metadata.name ?? '')),
  );
}

export function countByState(all: Iterable<Deployment>): Map<ObservedState, number> {
  const counts = new Map<ObservedState, number>();
  for (const deployment of all) {
    const state = deployment.status?.state;
    if (state) counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}
