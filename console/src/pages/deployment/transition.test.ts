import { expect, it } from 'vitest';
import type { Deployment, Job } from '../../api/types';
import { stepsOf } from './transition';

function inPhase(kind: string, phase: string, since = '2026-01-01T10:00:00Z'): Deployment {
  return { metadata: { id: '1' }, status: { transition: { kind, phase, since } } } as unknown as Deployment;
}
const job = {
  metadata: { id: 'j', createdAt: '2026-01-01T10:00:01Z' },
  status: { phases: { processesAt: '2026-01-01T10:00:02Z', slotsAt: '2026-01-01T10:00:04Z' } },
} as Job;

it('knows what is done, what is now, what comes', () => {
  const steps = stepsOf(inPhase('START', 'SUBMIT'), job);
  expect(steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'CREATE_JOB done',
    'FETCH_JAR done',
    'SPIN_UP done',
    'AWAIT_CLUSTER done',
    'SUBMIT now',
    'AWAIT_RUNNING next',
  ]);
  expect(steps.map(({ at }) => at)).toEqual([
    '2026-01-01T10:00:01Z',
    undefined,
    '2026-01-01T10:00:02Z',
    '2026-01-01T10:00:04Z',
    undefined,
    undefined,
  ]);
});

it('times of a job before the transition are not its own', () => {
  const later = inPhase('START', 'SUBMIT', '2026-01-01T11:00:00Z');
  expect(stepsOf(later, job).every(({ at }) => at === undefined)).toBe(true);
});

it('shows a phase that it does not expect', () => {
  expect(stepsOf(inPhase('CANCEL', 'VERIFY'), undefined).at(-1)).toMatchObject({ name: 'VERIFY', status: 'now' });
});

it('is empty without a transition', () => {
  expect(stepsOf({ metadata: { id: '1' } } as Deployment, job)).toEqual([]);
});

it('shows a rescaling in place by its own steps', () => {
  const rescaling = inPhase('UPGRADE', 'RESCALE');
  Object.assign(rescaling.status?.transition ?? {}, { way: 'IN_PLACE' });
  expect(stepsOf(rescaling, job).map(({ name, status }) => `${name} ${status}`)).toEqual([
    'ADD_WORKERS done',
    'RESCALE now',
    'SHED_WORKERS next',
  ]);
});

it('has a step that is only sometimes taken in its place', () => {
  const names = stepsOf(inPhase('UPGRADE', 'PRIME'), job).map(({ name }) => name);
  expect(names.slice(names.indexOf('CHECK_PLAN'), names.indexOf('SAVEPOINT') + 1)).toEqual(['CHECK_PLAN', 'PRIME', 'SAVEPOINT']);
});
