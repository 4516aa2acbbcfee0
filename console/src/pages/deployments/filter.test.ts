import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../api/types';
import { countByState, filterOf, queryOf, select } from './filter';

function deployment(name: string, state: string, more: { labels?: Record<string, string>; parallelism?: number; production?: boolean } = {}): Deployment {
  return {
    metadata: { id: name, name, labels: more.labels },
    spec: { state: 'RUNNING', production: more.production, template: { spec: { parallelism: more.parallelism } } },
    status: { state },
  } as Deployment;
}

const all = [
  deployment('orders-10', 'RUNNING', { labels: { team: 'data', env: 'prod' }, parallelism: 4 }),
  deployment('orders-2', 'FAILED', { labels: { team: 'web' }, parallelism: 1 }),
  deployment('clicks', 'RUNNING', { parallelism: 2 }),
];
const names = (query: string) => select(all, filterOf(new URLSearchParams(query))).map((row) => row.metadata.name);

describe('the list filter', () => {
  it('sorts names as people count', () => {
    expect(names('')).toEqual(['clicks', 'orders-2', 'orders-10']);
    expect(names('sort=-name')).toEqual(['orders-10', 'orders-2', 'clicks']);
  });
  it('takes words and labels together', () => {
    expect(names('q=orders')).toEqual(['orders-2', 'orders-10']);
    expect(names('q=orders team:data')).toEqual(['orders-10']);
    expect(names('q=env:')).toEqual(['orders-10']);
    expect(names('q=env:dev')).toEqual([]);
  });
  it('takes the production mark like a label', () => {
    const marked = [...all, deployment('ledger', 'RUNNING', { production: false })];
    const found = (query: string) => select(marked, filterOf(new URLSearchParams({ q: query }))).map((row) => row.metadata.id);
    expect(found('production:false')).toEqual(['ledger']);
    expect(found('production:true orders')).toEqual(['orders-2', 'orders-10']);
  });
  it('takes states, and ignores what is none', () => {
    expect(names('state=FAILED,NONSENSE')).toEqual(['orders-2']);
  });
  it('sorts numbers by value and breaks ties by name', () => {
    expect(names('sort=-parallelism')).toEqual(['orders-10', 'clicks', 'orders-2']);
    expect(names('sort=state')).toEqual(['orders-2', 'clicks', 'orders-10']);
  });
  it('survives its way through the address', () => {
    const filter = filterOf(new URLSearchParams('q=a%20b:c&state=RUNNING&sort=-age'));
    expect(filterOf(queryOf(filter))).toEqual(filter);
    expect(queryOf(filterOf(new URLSearchParams(''))).toString()).toBe('');
  });
  it('counts states', () => {
    expect(countByState(all).get('RUNNING')).toBe(2);
  });
});
