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
  expect(stepsOf(inPhase('CANCEL', 'VERIFY'), undefined)[0]).toMatchObject({ name: 'VERIFY', status: 'now' });
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

function upgrading(way: string | undefined, phase: string, spec: object = {}): string[] {
  const deployment = inPhase('UPGRADE', phase);
  Object.assign(deployment, { spec });
  Object.assign(deployment.status?.transition ?? {}, { way });
  return stepsOf(deployment, job).map(({ name, status }) => `${name} ${status}`);
}

it('an upgrade on the same cluster starts no processes and ends none', () => {
  expect(upgrading('SAME_CLUSTER', 'AWAIT_CLUSTER')).toEqual([
    'CREATE_JOB done',
    'FETCH_JAR done',
    'UPLOAD_JAR now',
    'CHECK_PLAN next',
    'SAVEPOINT next',
    'SUBMIT next',
    'AWAIT_RUNNING next',
    'VERIFY next',
  ]);
});

it('a restart stops the job before the next cluster comes up', () => {
  const steps = upgrading('RESTART', 'TEAR_DOWN');
  expect(steps.slice(0, 6)).toEqual([
    'CREATE_JOB done',
    'FETCH_JAR done',
    'SAVEPOINT done',
    'TEAR_DOWN now',
    'FIND_STATE next',
    'SPIN_UP next',
  ]);
});

it('promises no way before one is chosen', () => {
  const steps = upgrading(undefined, 'CREATE_JOB');
  expect(steps[0]).toBe('CREATE_JOB now');
  expect(steps.join()).not.toMatch(/SPIN_UP|TEAR_DOWN|RETIRE/);
});

it('a stateless upgrade makes no savepoint', () => {
  const steps = upgrading('WARM_SWAP', 'SUBMIT', { upgradeStrategy: { kind: 'STATELESS' } });
  expect(steps).toContain('STOP_JOB done');
  expect(steps.join()).not.toContain('SAVEPOINT');
});

it('a session cluster is not started by a deployment', () => {
  const steps = upgrading('RESTART', 'SUBMIT', { sessionClusterName: 'shared' });
  expect(steps).toContain('UPLOAD_JAR done');
  expect(steps.join()).not.toMatch(/SPIN_UP|AWAIT_CLUSTER/);
});

it('a failed preparation claims nothing as done', () => {
  expect(upgrading('WARM_SWAP', 'TEAR_DOWN').slice(0, 2)).toEqual(['TEAR_DOWN now', 'CREATE_JOB next']);
});

it('has a step that is only sometimes taken in its place', () => {
  const steps = upgrading('WARM_SWAP', 'PRIME');
  expect(steps.slice(4, 7)).toEqual(['CHECK_PLAN done', 'PRIME now', 'SAVEPOINT next']);
});
